"""Addresses of cart, checkout and orders, below the language prefix."""

from django.urls import path
from django.utils.text import format_lazy
from django.utils.translation import pgettext_lazy

from commerce import cart_views, checkout_views, lookup, order_views
from commerce.documents import views as documents
from commerce.suggestions import views as suggestions

CART = pgettext_lazy("url", "cart")
ORDERS = pgettext_lazy("url", "orders")

app_name = "commerce"
urlpatterns = [
    path(format_lazy("{}/", CART), cart_views.cart, name="cart"),
    path(format_lazy("{}/{}/", CART, pgettext_lazy("url", "add")), cart_views.cart_add, name="cart_add"),
    path(format_lazy("{}/{}/", CART, pgettext_lazy("url", "update")), cart_views.cart_update, name="cart_update"),
    path(format_lazy("{}/{}/", CART, pgettext_lazy("url", "restore")), cart_views.cart_restore, name="cart_restore"),
    path(format_lazy("{}/{}/", CART, pgettext_lazy("url", "coupon")), cart_views.cart_coupon, name="cart_coupon"),
    path(format_lazy("{}/badge/", CART), cart_views.cart_badge, name="cart_badge"),
    path(format_lazy("{}/beside/", CART), suggestions.beside, name="beside"),
    path(format_lazy("{}/beside/forget/", CART), suggestions.forget, name="forget_views"),
    path(format_lazy("{}/", pgettext_lazy("url", "checkout")), checkout_views.checkout, name="checkout"),
    path(format_lazy("{}/{}/", ORDERS, pgettext_lazy("url", "find")), lookup.order_find, name="order_find"),
    path(format_lazy("{}/<slug:token>/", ORDERS), order_views.order, name="order"),
    path(
        format_lazy("{}/<slug:token>/{}/", ORDERS, pgettext_lazy("url", "pay")),
        order_views.order_pay,
        name="order_pay",
    ),
    path(
        format_lazy("{}/<slug:token>/{}/", ORDERS, pgettext_lazy("url", "again")),
        order_views.order_again,
        name="order_again",
    ),
    path(
        format_lazy("{}/<slug:token>/{}/", ORDERS, pgettext_lazy("url", "cancel")),
        order_views.order_cancel,
        name="order_cancel",
    ),
    path(
        format_lazy("{}/<slug:token>/{}.pdf", ORDERS, pgettext_lazy("url", "invoice")),
        documents.order_invoice,
        name="order_invoice",
    ),
    path(format_lazy("{}/<slug:token>/<slug:number>.pdf", ORDERS), documents.order_document, name="order_document"),
]
