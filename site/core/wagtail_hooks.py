"""Menus and calls to action in the Wagtail admin; the shop's details stand among the settings."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn, LocaleColumn, UpdatedAtColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views import snippets

from core.models import CallToAction, Menu


class IndexView(snippets.IndexView):
    def _get_title_column(self, field_name: str, *args: Any, **kwargs: Any) -> Column:
        """Named in the reader's language, not in the one of whoever saved the last revision."""
        return super()._get_title_column(field_name, *args, **{**kwargs, "accessor": str})


class CallToActionViewSet(snippets.SnippetViewSet):
    model = CallToAction
    icon = "pick"
    menu_label = _("Calls to action")
    index_view_class = IndexView
    list_display = ["__str__", UpdatedAtColumn(), LiveStatusTagColumn()]


class MenuViewSet(snippets.SnippetViewSet):
    model = Menu
    icon = "list-ul"
    menu_label = _("Menus")
    index_view_class = IndexView
    list_display = ["__str__", LocaleColumn(), UpdatedAtColumn(), LiveStatusTagColumn()]


class WindowGroup(snippets.SnippetViewSetGroup):
    items = (MenuViewSet, CallToActionViewSet)
    menu_label = _("Shop window")
    menu_icon = "home"
    menu_name = "window"
    menu_order = 170


register_snippet(WindowGroup)
