"""Menus, calls to action, scheduled jobs and personal data in the admin; the shop's details are among the settings."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn, LocaleColumn, UpdatedAtColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views import snippets

from core import job_admin, people_admin
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


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    return [*job_admin.urlpatterns, *people_admin.urlpatterns]


@hooks.register("register_reports_menu_item")
def jobs_item() -> MenuItem:
    return job_admin.menu_item()


@hooks.register("register_settings_menu_item")
def personal_data_item() -> MenuItem:
    return people_admin.menu_item()


@hooks.register("register_permissions")
def permissions() -> QuerySet[Permission]:
    """Offered when a group is edited."""
    models = ["scheduledjob", "personaldataact"]
    return Permission.objects.filter(content_type__app_label="core", content_type__model__in=models)
