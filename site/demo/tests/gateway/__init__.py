"""Tests of the demo gateway, each through HTTP against a real gateway process."""
