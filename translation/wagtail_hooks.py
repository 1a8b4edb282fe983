"""The translators' desk in the Wagtail admin: menu, addresses, panel on the home, permissions in the group editor."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from core.permissions import may_translate_interface
from translation import urls
from translation.panel import TranslatorPanel


class TranslatorsItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_translate_interface(request.user)


@hooks.register("register_admin_urls")
def admin_urls() -> list[Any]:
    return [path("translation/", include((urls, "translation"), namespace="translation"))]


@hooks.register("register_admin_menu_item")
def overview_item() -> MenuItem:
    return TranslatorsItem(_("Translations"), reverse("translation:overview"), icon_name="globe", order=155)


@hooks.register("register_admin_menu_item")
def interface_item() -> MenuItem:
    return TranslatorsItem(_("Interface texts"), reverse("rosetta-old-home-redirect"), icon_name="form", order=156)


@hooks.register("construct_homepage_panels")
def translators_home(request: HttpRequest, panels: list[Any]) -> None:
    if may_translate_interface(request.user) and not request.user.is_superuser:
        panels.insert(0, TranslatorPanel())


@hooks.register("register_permissions")
def permissions() -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label="translation")
