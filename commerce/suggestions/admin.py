"""Rules for suggestions in the Wagtail admin: pinned and banned pairs. They hold as soon as they are saved."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views import snippets

from commerce.models import Pairing


class PairingViewSet(snippets.SnippetViewSet):
    model = Pairing
    icon = "link"
    menu_label = _("Suggestions")
    menu_name = "suggestions"
    menu_order = 7  # behind the product's other lists, before import and export
    menu_hook = "register_catalogue_menu_item"
    copy_view_enabled = False
    edit_handler = ObjectList(
        [
            FieldPanel("product"),
            FieldPanel("partner"),
            FieldRowPanel([FieldPanel("kind"), FieldPanel("position")]),
        ]
    )
    list_display = [
        Column("product", label=_("Beside this product"), accessor="product"),
        Column("partner", label=_("this one"), accessor="partner"),
        Column("kind", label=_("is suggested"), accessor="get_kind_display"),
        "position",
    ]
    list_filter = ["kind"]
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Pairing.objects.prefetch_related("product__translations", "partner__translations")
