"""The rules of the search desk in the Wagtail admin: synonyms, pinned and buried results, redirects."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.forms import RadioSelect
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views import snippets

from catalog.exchange.menu import PermittedItem
from search.desk.leads import wrong_with_path
from search.desk.models import LONGEST, Placement, QueryRedirect, Synonym
from search.words import tidy

SEE = "search.view_querycount"
TARGET = MultiFieldPanel([FieldPanel("product"), FieldPanel("category"), FieldPanel("page")], heading=_("One of these"))


class CreateView(snippets.CreateView):
    """Filled in from the address: the reports link to it with a query and its language."""

    def get_initial_form_instance(self) -> Any:
        asked = self.request.GET
        row = self.model()
        row.language = asked.get("language") if asked.get("language") in dict(settings.LANGUAGES) else ""
        setattr(row, "words" if self.model is Synonym else "query", tidy(asked.get("query", "")[:LONGEST]))
        return row


class QueryRedirectForm(WagtailAdminModelForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        given = {name: data.get(name) or "" for name in ("language", "query", "path")}
        wrong = wrong_with_path(QueryRedirect(pk=self.instance.pk, **given))
        if wrong:
            self.add_error("path", wrong)
        return data


def target(row: Any) -> str:
    return str(row.target or getattr(row, "path", ""))


def direction(row: Synonym) -> str:
    return gettext("Both ways") if row.direction == Synonym.Direction.BOTH else gettext("One way")


def place(row: Placement) -> str:
    return str(row.position) if row.action == Placement.Action.PIN else str(row.get_action_display())


class RuleViewSet(snippets.SnippetViewSet):
    add_view_class = CreateView
    copy_view_enabled = False
    list_filter = ["language"]
    list_per_page = 50
    add_to_reference_index = False
    search_fields = ["query"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what each leads to, in a constant number of queries."""
        rows = self.model.objects.select_related("page").prefetch_related("product__translations")
        return rows.prefetch_related("category__translations")


class SynonymViewSet(RuleViewSet):
    model = Synonym
    icon = "sliders"
    menu_label = _("Synonyms")
    search_fields = ["words", "others"]
    edit_handler = ObjectList(
        [
            FieldPanel("language"),
            FieldRowPanel([FieldPanel("words"), FieldPanel("others")]),
            FieldPanel("direction", widget=RadioSelect),
        ]
    )
    list_display = ["words", "others", Column("direction", label=_("Direction"), accessor=direction), "language"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Synonym.objects.all()


class PlacementViewSet(RuleViewSet):
    model = Placement
    icon = "thumbtack"
    menu_label = _("Pinned and buried")
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("query"), FieldPanel("language")]),
            FieldPanel("match"),
            TARGET,
            FieldRowPanel([FieldPanel("action"), FieldPanel("position")]),
        ]
    )
    list_display = [
        "query",
        Column("match", label=_("Match"), accessor="get_match_display"),
        Column("target", label=_("Result"), accessor=target),
        Column("place", label=_("Position"), accessor=place),
        "language",
    ]
    list_filter = ["language", "action"]
    ordering = ["language", "key", "-action", "position"]


class QueryRedirectViewSet(RuleViewSet):
    model = QueryRedirect
    icon = "redirect"
    menu_label = _("Query redirects")
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("query"), FieldPanel("language")]),
            MultiFieldPanel([*TARGET.children, FieldPanel("path")], heading=_("One of these")),
        ],
        base_form_class=QueryRedirectForm,
    )
    list_display = ["query", Column("target", label=_("Leads to"), accessor=target), "language"]


class SearchGroup(snippets.SnippetViewSetGroup):
    """One entry of the menu for all that belongs to the search."""

    items = (SynonymViewSet, PlacementViewSet, QueryRedirectViewSet)
    menu_label = _("Shop search")  # Wagtail's own search stands in the same menu
    menu_icon = "search"
    menu_name = "search-desk"
    menu_order = 168

    def get_submenu_items(self) -> list[Any]:
        return [*menu_items(), *super().get_submenu_items()]


def menu_items() -> list[MenuItem]:
    address = lazy(reverse, str)
    return [
        PermittedItem(_("Queries"), address("search_desk:queries"), icon_name="list-ol", order=-2, permissions=(SEE,)),
        PermittedItem(
            _("Try a query"), address("search_desk:attempt"), icon_name="search", order=-1, permissions=(SEE,)
        ),
    ]
