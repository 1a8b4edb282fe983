"""Addresses of the catalogue, below the language prefix."""

from django.urls import path
from django.utils.text import format_lazy
from django.utils.translation import pgettext_lazy

from catalog import views

SHOP = pgettext_lazy("url", "shop")

app_name = "catalog"
urlpatterns = [
    path(format_lazy("{}/", SHOP), views.product_list, name="shop"),
    path(format_lazy("{}/<path:category_path>/", SHOP), views.category, name="category"),
    path(format_lazy("{}/<str:slug>/", pgettext_lazy("url", "product")), views.product, name="product"),
]
