"""A team per language: a group that may translate into this language, and nothing else."""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.conf import settings
from django.utils.translation import get_language_info

GENERAL = "Translators"


class UnknownLanguage(ValueError):
    """The shop has no such language, or it is the one that the others are translated from."""


def group_name(code: str) -> str:
    """Translators: German."""
    return f"{GENERAL}: {get_language_info(code)['name']}"


def make_team(code: str, apps: Any = installed) -> Any:
    """The group of a language with its permissions; makes what is missing. May run again at any time.

    Products, categories and labels are reached through the translators' own screens, which ask for the permission
    `translation.translate_<code>`. Pages are Wagtail's: changing, without publishing, below this language's home.
    """
    if code not in dict(settings.LANGUAGES) or code == settings.LANGUAGE_CODE:
        raise UnknownLanguage(code)
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name=group_name(code))
    own, _created = ContentType.objects.get_or_create(app_label="translation", model="message")
    name = f"Can translate into {get_language_info(code)['name']}"
    permission, _created = Permission.objects.get_or_create(
        content_type=own, codename=f"translate_{code}", defaults={"name": name}
    )
    admin, _created = ContentType.objects.get_or_create(app_label="wagtailadmin", model="admin")
    access, _created = Permission.objects.get_or_create(
        content_type=admin, codename="access_admin", defaults={"name": "Can access Wagtail admin"}
    )
    group.permissions.add(permission, access)
    give_pages(group, code, apps)
    return group


def give_pages(group: Any, code: str, apps: Any) -> None:
    """Changing the pages of this language's tree; without a home page yet, nothing."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    GroupPagePermission = apps.get_model("wagtailcore", "GroupPagePermission")
    pages, _created = ContentType.objects.get_or_create(app_label="wagtailcore", model="page")
    change, _created = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=pages, codename="change_page", defaults={"name": "Can change page"}
    )
    for home in apps.get_model("wagtailcore", "Page").objects.filter(depth=2, locale__language_code=code):
        GroupPagePermission.objects.get_or_create(group=group, page=home, permission=change)
