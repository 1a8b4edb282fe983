"""Addresses of the demo, only there with STORE_DEMO."""

urlpatterns: list = []
