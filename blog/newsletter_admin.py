"""Subscribers in the admin: to look at, to count, to forget. Nobody is added here: consent comes by mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy

from blog.models import Subscriber, SubscriberState


class LookAndForget(ModelPermissionPolicy):
    """Whoever may view may view, whoever may delete may delete; nobody adds or changes by a form."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in ("view", "delete") and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: Sequence[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


@dataclass(frozen=True)
class LanguageCount:
    """Addresses of one language: those that get issues, and those that have not confirmed yet."""

    code: str
    name: str
    confirmed: int
    pending: int


def counts_by_language() -> list[LanguageCount]:
    """One row for each language of the shop, by one query."""
    rows = Subscriber.objects.order_by().values_list("language", "state").annotate(number=Count("pk"))
    counted = {(language, state): number for language, state, number in rows}
    return [
        LanguageCount(
            code,
            str(name),
            counted.get((code, SubscriberState.CONFIRMED), 0),
            counted.get((code, SubscriberState.PENDING), 0),
        )
        for code, name in settings.LANGUAGES
    ]


class SubscriberFilters(WagtailFilterSet):
    class Meta:
        model = Subscriber
        fields = ["state", "language"]


class SubscriberIndexView(generic.IndexView):
    template_name = "blog/admin/subscribers.html"
    results_template_name = "wagtailadmin/generic/index_results.html"

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        return queryset.filter(email__icontains=self.search_query) if self.search_query else queryset

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "counts": counts_by_language()}


def inspect_url(subscriber: Subscriber) -> str:
    return reverse("subscribers:inspect", args=[subscriber.pk])


class SubscriberViewSet(ModelViewSet):
    model = Subscriber
    name = "subscribers"
    icon = "mail"
    menu_label = _("Subscribers")
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = SubscriberIndexView
    filterset_class = SubscriberFilters
    list_per_page = 50
    form_fields = ["language"]  # asked for by Wagtail; nobody may open the form
    inspect_view_fields = [
        "email",
        "language",
        "state",
        "source",
        "asked_at",
        "confirmed_at",
        "unsubscribed_at",
    ]
    search_fields = ["email"]
    ordering = ["-pk"]
    list_display = [
        TitleColumn("email", label=_("E-mail"), sort_key="email", get_url=inspect_url),
        Column("language", label=_("Language"), accessor="get_language_display", sort_key="language"),
        Column("state", label=_("State"), accessor="get_state_display", sort_key="state"),
        DateColumn("asked_at", label=_("Asked"), sort_key="asked_at"),
        DateColumn("confirmed_at", label=_("Consent"), sort_key="confirmed_at"),
    ]
