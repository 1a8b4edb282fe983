"""The list of invoices and credit notes in the admin, to read and to download."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import HeaderButton

from commerce.documents import views
from commerce.models import Document


def pdf_url(document: Document) -> str:
    return reverse("orders:document", args=[document.order_id, document.number])


def day(document: Document) -> str:
    return date_format(document.issued_on, "SHORT_DATE_FORMAT")


def order_url(document: Document) -> str:
    return reverse("orders:order", args=[document.order_id])


class DocumentIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("order").defer("content")

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        """By the number of the document or of the order, or by the buyer's name."""
        words = self.search_query
        if not words:
            return queryset
        found = Q(number__icontains=words) | Q(order__number__icontains=words) | Q(order__name__icontains=words)
        return queryset.filter(found)

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(_("Download a month"), url=reverse("invoices:months"), icon_name="download")]


class DocumentViewSet(ModelViewSet):
    model = Document
    name = "invoices"
    icon = "doc-full"
    menu_label = _("Invoices")
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = DocumentIndexView
    list_per_page = 50
    form_fields = ["number"]
    search_fields = ["number"]
    list_filter = {"kind": ["exact"], "issued_on": ["gte", "lte"]}
    ordering = ["-issued_on", "-pk"]
    list_display = [
        TitleColumn("number", label=_("Number"), sort_key="number", get_url=pdf_url),
        Column("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
        TitleColumn("order", label=_("Order"), accessor="order.number", get_url=order_url),
        Column("name", label=_("Name"), accessor="order.name"),
        Column("issued_on", label=_("Date"), accessor=day, sort_key="issued_on"),
        Column("total", label=_("Total"), accessor="charged", sort_key="total"),
    ]

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_index_view_kwargs(add_url_name=None, edit_url_name=None, delete_url_name=None, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        index = [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
        ]
        return index + views.urlpatterns
