"""Addresses of cart, checkout and orders, below the language prefix."""

app_name = "commerce"
urlpatterns: list = []
