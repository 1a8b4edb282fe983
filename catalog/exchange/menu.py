"""Where import and export stand in the admin: in the catalogue's menu, and in the product list."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import HeaderButton

from catalog.exchange import urls
from catalog.exchange.views import MAY_IMPORT


class PermittedItem(MenuItem):
    """Shown to those who may use it; the views ask again."""

    def __init__(self, *args: object, permissions: tuple[str, ...], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.permissions = permissions

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perms(self.permissions)


def items(order: int) -> list[MenuItem]:
    """The two entries, in this order from `order` on."""
    address = lazy(reverse, str)
    return [
        PermittedItem(_("Import"), address("exchange:import"), icon_name="upload", order=order, permissions=MAY_IMPORT),
        PermittedItem(
            _("Export"),
            address("exchange:export"),
            icon_name="download",
            order=order + 1,
            permissions=("catalog.change_product",),
        ),
    ]


def export_button(request: HttpRequest) -> list[HeaderButton]:
    """For the product list: exports what it shows, its filters included."""
    if not request.user.has_perm("catalog.change_product"):
        return []
    url = f"{reverse('exchange:export')}?{request.GET.urlencode()}"
    return [HeaderButton(_("Export"), url=url, icon_name="download", priority=90)]


def admin_urls() -> list[URLPattern | URLResolver]:
    return [path("products/", include((urls, "exchange"), namespace="exchange"))]
