"""Whatever goes through draft, review and publish: its models, names and addresses, and who may edit it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.urls import NoReverseMatch, reverse
from wagtail.models import Page
from wagtail.permissions import policy_registry
from wagtail.snippets.models import get_workflow_enabled_models

Key = tuple[int, str]  # content type id, object id: how revisions and workflow states name an object


def editorial_models() -> list[type[Model]]:
    """Pages, and every snippet that has drafts."""
    return [Page, *get_workflow_enabled_models()]


def policy_of(model: type[Model]) -> Any:
    """Wagtail's permission policy of a model."""
    if issubclass(model, Page):
        return policy_registry.get_by_type(Page)
    return model.snippet_viewset.permission_policy  # type: ignore[attr-defined]  # set by register_snippet


def may(user: User | AnonymousUser, action: str, model: type[Model]) -> bool:
    return policy_of(model).user_has_permission(user, action)


def may_on(user: User | AnonymousUser, action: str, instance: Model) -> bool:
    return policy_of(type(instance)).user_has_permission_for_instance(user, action, instance)


def editable(user: User | AnonymousUser, model: type[Model]) -> QuerySet:
    """What of a model this user may change."""
    return policy_of(model).instances_user_has_permission_for(user, "change")


def key_of(instance: Model) -> Key:
    model = Page if isinstance(instance, Page) else type(instance)
    return ContentType.objects.get_for_model(model).pk, str(instance.pk)


def model_of(content_type_id: int) -> type[Model] | None:
    """The model, or None when it has left the code."""
    return ContentType.objects.get_for_id(content_type_id).model_class()


def names(keys: Iterable[Key]) -> dict[Key, str]:
    """What the objects are called, in the reader's language. Two queries a model; what is deleted is left out."""
    by_type: dict[int, set[str]] = {}
    for content_type, pk in keys:
        by_type.setdefault(content_type, set()).add(pk)
    found = {}
    for content_type, pks in by_type.items():
        model = model_of(content_type)
        if model is None:
            continue
        rows = model._default_manager.filter(pk__in=pks)
        if hasattr(model, "translations") and not issubclass(model, Page):
            rows = rows.prefetch_related("translations")
        for row in rows:
            found[content_type, str(row.pk)] = row.draft_title if isinstance(row, Page) else str(row)
    return found


def live(keys: Iterable[Key]) -> set[Key]:
    """Those of the objects that are live: there is something to compare a draft with. One query a model."""
    by_type: dict[int, set[str]] = {}
    for content_type, pk in keys:
        by_type.setdefault(content_type, set()).add(pk)
    found: set[Key] = set()
    for content_type, pks in by_type.items():
        model = model_of(content_type)
        if model is not None:
            rows = model._default_manager.filter(pk__in=pks, live=True).values_list("pk", flat=True)
            found.update((content_type, str(pk)) for pk in rows)
    return found


def may_edit(user: User | AnonymousUser, keys: Iterable[Key]) -> set[Key]:
    """Those of the objects that this user may change; a constant number of queries a model."""
    by_type: dict[int, set[str]] = {}
    for content_type, pk in keys:
        by_type.setdefault(content_type, set()).add(pk)
    allowed: set[Key] = set()
    for content_type, pks in by_type.items():
        model = model_of(content_type)
        if model is not None and (issubclass(model, Page) or hasattr(model, "snippet_viewset")):
            rows = editable(user, model).filter(pk__in=pks).values_list("pk", flat=True)
            allowed.update((content_type, str(pk)) for pk in rows)
    return allowed


def address(model: type[Model], view: str, *args: Any) -> str:
    """Address of an admin view of an object: "edit", "revisions_compare"… Empty when it has none."""
    try:
        return reverse(view_name(model, view), args=args)
    except (NoReverseMatch, AttributeError):
        return ""


def view_name(model: type[Model], view: str) -> str:
    """The name of an admin view of a model, with its namespace."""
    if issubclass(model, Page):
        return f"wagtailadmin_pages:{view}"
    return model.snippet_viewset.get_url_name(view)  # type: ignore[attr-defined]  # as above


def edit_address(key: Key) -> str:
    model = model_of(key[0])
    return address(model, "edit", key[1]) if model else ""
