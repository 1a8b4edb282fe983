"""What the product list offers for many products at once. Who may do what is asked again for each, see amend.py."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
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
from core.money import Money, exponent

SHOWN_REASONS = 20


def viewset() -> Any:
    """The product list's viewset, which Wagtail puts on the model."""
    return Product.snippet_viewset  # type: ignore[attr-defined]


class ProductAction(SnippetBulkAction):
    """Runs `act` and says what was changed, what only became a draft and what was left alone."""

    models = [Product]
    template_name = "catalog/admin/bulk_action.html"
    needs = "change"

    def check_perm(self, product: Product) -> bool:
        return amend.may(self.request.user, self.needs, product)

    def act(self, products: Sequence[Product], report: Report) -> None:
        raise NotImplementedError

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
        self.fields["category"].offer()


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
    seen = forms.DecimalField(required=False, widget=forms.HiddenInput)

    def clean_percent(self) -> Decimal:
        if not self.cleaned_data["percent"]:
            raise forms.ValidationError(_("0 percent changes nothing."))
        return self.cleaned_data["percent"]


def changed_price(price: Decimal, percent: Decimal, currency: str) -> Decimal:
    """The gross price changed by so many percent, rounded half up to the currency's smallest unit."""
    unit = Decimal(1).scaleb(-exponent(currency))
    return (price * (100 + percent) / 100).quantize(unit, ROUND_HALF_UP)


class PriceAction(ProductAction):
    """Asks twice: the new prices are shown before they are written."""

    display_name = _("Change prices")
    aria_label = _("Change the prices of selected products")
    action_type = "prices"
    action_priority = 14
    form_class = PriceForm

    def form_valid(self, form: PriceForm) -> HttpResponse:
        percent = form.cleaned_data["percent"]
        if form.cleaned_data["seen"] == percent:
            return super().form_valid(form)
        shown = PriceForm(initial={"percent": percent, "seen": percent})
        products, _without_access = self.get_actionable_objects()
        prices = [row for product in products for row in self.previews(product, percent)]
        return self.render_to_response(self.get_context_data(form=shown, prices=prices))

    def previews(self, product: Product, percent: Decimal) -> list[tuple[Product, str, Money, Money]]:
        """(product, SKU, price, new price) of each variant of the latest revision."""
        currency = settings.SHOP_CURRENCY
        return [
            (
                product,
                row.sku,
                Money(row.price, currency),
                Money(changed_price(row.price, percent, currency), currency),
            )
            for row in product.get_latest_revision_as_object().variants.all()
        ]

    def act(self, products: Sequence[Product], report: Report) -> None:
        percent = self.cleaned_form.cleaned_data["percent"]
        amend.amend(products, self.request.user, lambda draft: reprice(draft, percent), report)


def reprice(draft: Product, percent: Decimal) -> bool:
    """Changes the prices of all variants. Raises Skipped where one would not stay above its sale price."""
    variants = list(draft.variants.all())
    for row in variants:
        row.price = changed_price(row.price, percent, settings.SHOP_CURRENCY)
        if row.sale_price is not None and row.sale_price >= row.price:
            raise amend.Skipped(gettext("The sale price of %(sku)s would not be below its price.") % {"sku": row.sku})
    draft.variants = variants
    return bool(variants)


ACTIONS = [PublishAction, UnpublishAction, CategoryAction, TagsAction, PriceAction]
