"""What the product list offers for many products at once. Who may do what is asked again for each, see amend.py."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from taggit.forms import TagField
from wagtail.admin import messages
from wagtail.admin.widgets.tags import AdminTagWidget
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction

from catalog import amend
from catalog.amend import Report
from catalog.forms import TreeChoiceField
from catalog.models import Product
from catalog.product_list import shown_in_list
from core.money import Money

MOST = 500  # products in one request
SHOWN_REASONS = 20


class ProductAction(SnippetBulkAction):
    """Runs `act` and says what was changed, what only became a draft and what was left alone."""

    models = [Product]
    template_name = "catalog/admin/bulk_action.html"
    needs = "change"

    def check_perm(self, product: Product) -> bool:
        return amend.may(self.request.user, self.needs, product)

    @abstractmethod
    def act(self, products: Sequence[Product], report: Report) -> None: ...

    @classmethod
    def get_queryset(cls, model: type[Product], object_ids: Iterable[Any]) -> list[Product]:
        """In primary-key order: two at once wait for each other and never block each other. Odd ids find nothing."""
        ids = [pk for pk in object_ids if str(pk).isdecimal()]
        return list(model.objects.filter(pk__in=ids).prefetch_related("translations").order_by("pk")[: MOST + 1])

    def get_all_objects_in_listing_query(self, parent_id: str | None) -> QuerySet:
        return shown_in_list(self.request).order_by("pk").values_list("pk", flat=True)[: MOST + 1]

    def prepare_action(self, objects: Sequence[Product], objects_without_access: Any) -> HttpResponse | None:
        if len(objects) <= MOST:
            return None
        text = gettext("Choose at most %(n)s products at a time. Filter the list to get fewer.")
        messages.error(self.request, text % {"n": MOST})
        return redirect(self.next_url)

    @classmethod
    def execute_action(cls, objects: Sequence[Product], **kwargs: Any) -> tuple[int, int]:
        action: ProductAction = kwargs["self"]
        action.report = Report()
        action.act(objects, action.report)
        return action.report.changed, 0

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "title": self.display_name, "header_icon": "tag"}

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str | None:
        """One sentence per outcome; what was left alone is a warning of its own."""
        report = self.report
        sentences = [
            ngettext("%(n)s product published.", "%(n)s products published.", n) % {"n": n}
            for n in [len(report.published)]
            if n
        ]
        sentences += [
            ngettext("%(n)s product saved as a draft.", "%(n)s products saved as drafts.", n) % {"n": n}
            for n in [len(report.drafted)]
            if n
        ]
        sentences += [
            ngettext("%(n)s product unpublished.", "%(n)s products unpublished.", n) % {"n": n}
            for n in [len(report.unpublished)]
            if n
        ]
        if report.skipped:
            reasons = format_html_join("", "<li>{}: {}</li>", report.skipped[:SHOWN_REASONS])
            intro = gettext("Left alone: %(n)s") % {"n": len(report.skipped)}
            messages.warning(self.request, format_html("{}<ul>{}</ul>", intro, reasons))
        return " ".join(sentences) or None


class PublishAction(ProductAction):
    display_name = _("Publish")
    aria_label = _("Publish selected products")
    action_type = "publish"
    action_priority = 10
    needs = "publish"

    def act(self, products: Sequence[Product], report: Report) -> None:
        amend.publish(products, self.request.user, report)


class UnpublishAction(ProductAction):
    display_name = _("Unpublish")
    aria_label = _("Unpublish selected products")
    action_type = "unpublish"
    action_priority = 11
    needs = "publish"

    def act(self, products: Sequence[Product], report: Report) -> None:
        amend.unpublish(products, self.request.user, report)


class CategoryForm(forms.Form):
    category = TreeChoiceField(label=_("Category"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(TreeChoiceField, self.fields["category"]).offer()


class CategoryAction(ProductAction):
    display_name = _("Set category")
    aria_label = _("Set the category of selected products")
    action_type = "category"
    action_priority = 12
    form_class = CategoryForm

    def act(self, products: Sequence[Product], report: Report) -> None:
        category = self.cleaned_form.cleaned_data["category"]

        def change(draft: Product) -> bool:
            changed = draft.category_id != (category.pk if category else None)
            draft.category = category
            return changed

        amend.amend(products, self.request.user, change, report)


class TagsForm(forms.Form):
    add = TagField(label=_("Add tags"), required=False, widget=AdminTagWidget)
    remove = TagField(label=_("Remove tags"), required=False, widget=AdminTagWidget)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not (data["add"] or data["remove"]):
            raise forms.ValidationError(_("Name at least one tag."))
        return data


class TagsAction(ProductAction):
    display_name = _("Change tags")
    aria_label = _("Change the tags of selected products")
    action_type = "tags"
    action_priority = 13
    form_class = TagsForm

    def act(self, products: Sequence[Product], report: Report) -> None:
        data = self.cleaned_form.cleaned_data

        def change(draft: Product) -> bool:
            before = set(draft.tags.names())
            after = (before | set(data["add"])) - set(data["remove"])
            draft.tags.set(sorted(after))
            return after != before

        amend.amend(products, self.request.user, change, report)


class PriceForm(forms.Form):
    percent = forms.DecimalField(
        label=_("Change by percent"),
        min_value=Decimal(-90),
        max_value=Decimal(500),
        decimal_places=2,
        help_text=_("10 makes 8.90 into 9.79, -10 into 8.01. Sale prices stay as they are."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_percent(self) -> Decimal:
        if not self.cleaned_data["percent"]:
            raise forms.ValidationError(_("0 percent changes nothing."))
        return self.cleaned_data["percent"]


def changed_price(price: Decimal, percent: Decimal, currency: str) -> Decimal:
    """The gross price changed by so many percent, rounded half up to the currency's smallest unit."""
    return Money(price * (100 + percent) / 100, currency).rounded().amount


class PriceAction(ProductAction):
    """Asks twice: the new prices are shown before they are written."""

    display_name = _("Change prices")
    aria_label = _("Change the prices of selected products")
    action_type = "prices"
    action_priority = 14
    form_class = PriceForm

    def form_valid(self, form: PriceForm) -> HttpResponse:
        products, _without_access = self.get_actionable_objects()
        refused = self.prepare_action(products, None)
        if refused:
            return refused
        percent, seen = form.cleaned_data["percent"], form.cleaned_data["seen"]
        self.rows = [row for product in products for row in new_prices(product, percent)]
        digest = fingerprint(self.rows)
        if seen == digest:
            return super().form_valid(form)
        if seen:
            messages.warning(self.request, gettext("Prices have changed meanwhile. These are the newest:"))
        form = PriceForm(initial={"percent": percent, "seen": digest})
        return self.render_to_response(self.get_context_data(form=form, prices=self.rows))

    def act(self, products: Sequence[Product], report: Report) -> None:
        expected = {(row.product.pk, row.sku): row for row in self.rows}
        amend.amend(products, self.request.user, lambda draft: reprice(draft, expected), report)


@dataclass(frozen=True)
class NewPrice:
    """The gross price of a variant of the latest draft, before and after."""

    product: Product
    sku: str
    before: Money
    after: Money


def new_prices(product: Product, percent: Decimal) -> list[NewPrice]:
    currency = settings.SHOP_CURRENCY
    return [
        NewPrice(
            product, row.sku, Money(row.price, currency), Money(changed_price(row.price, percent, currency), currency)
        )
        for row in product.get_latest_revision_as_object().variants.all()
        if row.price is not None
    ]


def fingerprint(rows: Iterable[NewPrice]) -> str:
    """Of what was shown: another one as soon as a price is another one, also after it was changed by this."""
    shown = [(row.product.pk, row.sku, str(row.before), str(row.after)) for row in rows]
    return hashlib.sha256(repr(shown).encode()).hexdigest()


def reprice(draft: Product, expected: Mapping[tuple[int, str], NewPrice]) -> bool:
    """Writes the prices that were shown.

    Raises Skipped where a price is no longer the one shown, would be nothing, or would not stay above the sale price.
    """
    variants = list(draft.variants.all())
    for row in variants:
        shown = expected.get((draft.pk, row.sku))
        if row.price != (shown.before.amount if shown else None):
            raise amend.Skipped(gettext("Its prices have been changed meanwhile."))
        if shown is None:
            continue
        row.price = shown.after.amount
        if row.price <= 0:
            raise amend.Skipped(gettext("%(sku)s would cost nothing.") % {"sku": row.sku})
        if row.sale_price is not None and row.sale_price >= row.price:
            raise amend.Skipped(gettext("The sale price of %(sku)s would not be below its price.") % {"sku": row.sku})
    draft.variants = variants
    return bool(expected)


ACTIONS = [PublishAction, UnpublishAction, CategoryAction, TagsAction, PriceAction]
