"""Races over HTTP: many buyers and staff at once against the shop's real processes, guarded and unguarded."""
