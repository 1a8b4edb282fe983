"""The search in the Wagtail admin: its menu, and its permissions in the form of a group."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from search.desk import views
from search.desk.admin import SearchGroup

register_snippet(SearchGroup)
hooks.register("register_admin_urls", views.admin_urls)


@hooks.register("register_permissions")
def permissions() -> QuerySet[Permission]:
    """Offered when a group is edited."""
    models = ("synonym", "placement", "queryredirect", "querycount")
    mine = Permission.objects.filter(content_type__app_label="search", content_type__model__in=models)
    return mine.exclude(codename__in=["add_querycount", "change_querycount", "delete_querycount"])
