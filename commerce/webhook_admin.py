"""The payment provider's messages in the admin: what came, what became of it, and a button to act on it again."""

from __future__ import annotations

import json
from typing import Any

import django_filters
from django import forms
from django.contrib.auth.decorators import permission_required
from django.db import DatabaseError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from commerce.models import WebhookEvent
from commerce.payments.base import BadSignature
from commerce.webhooks import replay

REPLAY = "commerce.replay_webhookevent"
DONE, FAILED, WAITING = "done", "failed", "waiting"
RESULTS = {
    DONE: Q(error="", processed_at__isnull=False),
    FAILED: ~Q(error=""),
    WAITING: Q(error="", processed_at=None),
}


class EventFilters(WagtailFilterSet):
    type = django_filters.CharFilter(label=_("Type"), lookup_expr="startswith")
    result = django_filters.ChoiceFilter(
        label=_("Result"),
        choices=[(DONE, _("Done")), (FAILED, _("With an error")), (WAITING, _("Not acted on yet"))],
        widget=forms.RadioSelect,
        method="by_result",
    )

    class Meta:
        model = WebhookEvent
        fields: list[str] = []

    def by_result(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(RESULTS[value])


class EventIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().defer("payload")

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        """By the event's id, or the id of anything it is about."""
        words = self.search_query
        if not words:
            return queryset
        about = Q(payload__data__object__id=words) | Q(payload__data__object__payment_intent=words)
        return queryset.filter(Q(pk=words) | about)


def result(event: WebhookEvent) -> str:
    if event.error:
        return event.error
    return gettext("Done") if event.processed_at else gettext("Not acted on yet")


def event_url(event: WebhookEvent) -> str:
    return reverse("webhook-events:event", args=[event.pk])


@permission_required("commerce.view_webhookevent", raise_exception=True)
@require_safe
def show(request: HttpRequest, pk: str) -> HttpResponse:
    """One event as it came."""
    event = get_object_or_404(WebhookEvent, pk=pk)
    items = [
        {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
        {"url": reverse("webhook-events:index"), "label": gettext("Payment messages")},
        {"url": "", "label": event.pk},
    ]
    context = {
        "event": event,
        "result": result(event),
        "payload": json.dumps(event.payload, indent=2, ensure_ascii=False),
        "header_title": event.type,
        "page_title": event.type,
        "header_icon": "mail",
        "breadcrumbs_items": items,
    }
    return render(request, "commerce/admin/webhook_event.html", context)


@permission_required(REPLAY, raise_exception=True)
@require_POST
def again(request: HttpRequest, pk: str) -> HttpResponse:
    """Acts on the event once more; what is known already changes nothing."""
    event = get_object_or_404(WebhookEvent, pk=pk)
    try:
        answered = replay(event)
    except BadSignature:
        messages.error(request, gettext("This event tells nothing that could be acted on."))
    except DatabaseError:
        messages.error(request, gettext("The order is being worked on right now. Please try again in a moment."))
    else:
        event.refresh_from_db()
        if not answered:
            messages.error(request, gettext("The payment service does not answer. Please try again in a moment."))
        elif event.error:
            messages.warning(request, event.error)
        else:
            messages.success(request, gettext("The event was acted on again."))
    return redirect("webhook-events:event", pk)


class WebhookEventViewSet(ModelViewSet):
    """The list; nobody adds, changes or deletes an event."""

    model = WebhookEvent
    name = "webhook-events"
    icon = "mail"
    menu_label = _("Payment messages")
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = EventIndexView
    filterset_class = EventFilters
    list_per_page = 50
    form_fields = ["type"]
    search_fields = ["id"]
    ordering = ["-received_at"]
    list_display = [
        TitleColumn("id", label=_("Event"), get_url=event_url),
        Column("type", label=_("Type"), sort_key="type"),
        DateColumn("created", label=_("Created"), sort_key="created"),
        DateColumn("received_at", label=_("Received"), sort_key="received_at"),
        Column("result", label=_("Result"), accessor=result),
    ]

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_index_view_kwargs(add_url_name=None, edit_url_name=None, delete_url_name=None, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("<str:pk>/", show, name="event"),
            path("<str:pk>/again/", again, name="again"),
        ]
