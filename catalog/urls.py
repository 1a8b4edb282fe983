"""Addresses of the catalogue, below the language prefix."""

from django.urls import path
from django.utils.text import format_lazy
from django.utils.translation import pgettext_lazy

from catalog import feeds, views

SHOP = pgettext_lazy("url", "shop")

app_name = "catalog"
urlpatterns = [
    path(format_lazy("{}/", SHOP), views.product_list, name="shop"),
    # A feed's address must work for years, whatever becomes of a translation: one word in all languages.
    path(format_lazy("{}/feed/", SHOP), feeds.new_products, name="feed"),
    path(format_lazy("{}/feed/merchants/", SHOP), feeds.merchant_feed, name="merchant_feed"),
    path(format_lazy("{}/feed/<str:kind>/", SHOP), feeds.new_products, name="feed_of_kind"),
    path(format_lazy("{}/<path:category_path>/feed/", SHOP), feeds.new_in_category, name="category_feed"),
    path(format_lazy("{}/<path:category_path>/feed/<str:kind>/", SHOP), feeds.new_in_category),
    path(format_lazy("{}/<path:category_path>/", SHOP), views.category, name="category"),
    path(format_lazy("{}/<str:slug>/", pgettext_lazy("url", "product")), views.product, name="product"),
]
