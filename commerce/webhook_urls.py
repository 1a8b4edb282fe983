"""Addresses that payment providers call; no language prefix."""

urlpatterns: list = []
