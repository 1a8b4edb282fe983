"""The admin forms of the catalogue: what a draft may leave open, and what no draft may say."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.forms import BaseChildFormSet
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.models import Revision

from catalog.gtin import compact, spellings
from catalog.models import Category, OptionValue, Product, Variant
from catalog.tree import indented_names

OPTION_FIELDS = ("option_1", "option_2", "option_3")


class TreeChoiceField(forms.ModelChoiceField):
    """A category, chosen from the indented tree. Drafts are offered, too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Category.objects.all(), required=False, **kwargs)

    def offer(self, without: int | None = None) -> None:
        """Reads the tree anew. `without`: the category that cannot be chosen, with everything below it."""
        names = indented_names(without=without)
        self.choices = [("", _("None")), *names]


def zero_if_empty(name: str) -> Callable[[forms.ModelForm], int]:
    """A clean method: a draft may leave this number open, the column may not."""
    return lambda form: form.cleaned_data[name] or 0


class CategoryForm(WagtailAdminModelForm):
    clean_position = zero_if_empty("position")
    parent = TreeChoiceField(label=_("Parent"), help_text=_("None: the category stands at the top."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].offer(without=self.instance.pk)


class ProductForm(WagtailAdminModelForm):
    clean_position = zero_if_empty("position")
    category = TreeChoiceField(label=_("Category"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].offer()


class GtinField(forms.CharField):
    """Typed or scanned, with or without the spaces of a barcode; the column checks what is left."""

    def to_python(self, value: Any) -> str:
        return compact(super().to_python(value) or "")


class VariantForm(WagtailAdminModelForm):
    """One variant. A draft may leave SKU and price open: the SKU is then proposed, the price is 0 until set."""

    gtin = GtinField(
        label=_("GTIN"),
        required=False,
        help_text=_("From the barcode: EAN, UPC or ISBN."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}),
    )
    clean_price = zero_if_empty("price")
    clean_weight_grams = zero_if_empty("weight_grams")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("price", "sale_price"):
            if self.initial.get(name) is not None:
                self.initial[name] = without_zeros(Decimal(self.initial[name]))
        if self.instance.pk is None:  # after an autosave Wagtail counts a blank row as an initial one
            self.empty_permitted, self.use_required_attribute = True, False
        self.fields["sku"].required = False
        self.fields["sku"].widget.attrs["placeholder"] = _("Proposed when saved")

    def clean_sku(self) -> str:
        return self.cleaned_data["sku"] or self.instance.sku or propose_sku()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        options = [data[name].option_id for name in OPTION_FIELDS if data.get(name)]
        if len(options) != len(set(options)):
            self.add_error("option_1", _("Choose each option once: a variant has one size and one colour, not two."))
        price, sale_price = data.get("price"), data.get("sale_price")
        if price and sale_price is not None and sale_price >= price:
            self.add_error("sale_price", _("The sale price must be below the price."))
        start, end = data.get("sale_from"), data.get("sale_until")
        if start and end and end <= start:
            self.add_error("sale_until", _("The sale must end after it starts."))
        return data

    def get_field_updates_for_resave(self) -> list[tuple[str, str]]:
        """After an autosave the open form shows the proposed SKU, or the next save would propose another one."""
        updates = super().get_field_updates_for_resave()
        if not self.data.get(self.add_prefix("sku")):
            updates.append((self.add_prefix("sku"), self.instance.sku))
        return updates


class VariantFormSet(BaseChildFormSet):
    """All variants of a product: SKUs and GTINs unique here and in every other product's draft, combinations unique
    here. A GTIN of what is not sold any more may come back under another SKU."""

    @cached_property
    def option_choices(self) -> list[tuple[Any, Any]]:
        """Values grouped by option; read once for all rows."""
        groups: dict[str, list[tuple[int, str]]] = {}
        for value in OptionValue.objects.select_related("option").order_by("option__position", "option", "sort_order"):
            groups.setdefault(str(value.option), []).append((value.pk, str(value.label)))
        return [("", "–"), *groups.items()]

    def _construct_form(self, i: int, **kwargs: Any) -> forms.ModelForm:
        form = super()._construct_form(i, **kwargs)
        if self.is_bound and form.instance.pk is None:
            own = self.live_rows.get(form.data.get(form.add_prefix("sku"), "").strip())
            if own and str(own.pk) not in self.posted_ids:
                form.instance = own  # this draft had removed the variant and now takes it back
        return form

    @cached_property
    def live_rows(self) -> dict[str, Variant]:
        rows = Variant.objects.filter(product=self.instance.pk) if self.instance.pk else []
        return {row.sku: row for row in rows}

    @cached_property
    def posted_ids(self) -> set[str]:
        return {self.data.get(f"{self.add_prefix(i)}-id", "") for i in range(self.total_form_count())}

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        for name in OPTION_FIELDS:
            cast(forms.ModelChoiceField, form.fields[name]).choices = self.option_choices

    def clean(self) -> None:
        filled = [form for form in self.forms if form.instance.pk or form.has_changed()]
        kept = [form for form in filled if form.is_valid() and form not in self.deleted_forms]
        self._refuse_doubles(kept)
        self._refuse_reserved(kept)
        self._refuse_gtins([form for form in kept if form.cleaned_data.get("active")])
        super().clean()

    def _refuse_doubles(self, kept: list[forms.ModelForm]) -> None:
        skus, combinations = set(), set()
        for form in kept:
            sku = form.cleaned_data["sku"]
            if sku in skus:
                form.add_error("sku", _("This SKU stands twice in this product."))
            skus.add(sku)
            values = frozenset(form.cleaned_data[name].pk for name in OPTION_FIELDS if form.cleaned_data.get(name))
            if values and form.cleaned_data.get("active") and values in combinations:
                form.add_error("option_1", _("Another active variant of this product has the same options."))
            elif form.cleaned_data.get("active"):
                combinations.add(values)

    def _refuse_reserved(self, kept: list[forms.ModelForm]) -> None:
        by_sku = {form.cleaned_data["sku"]: form for form in kept if "sku" in form.cleaned_data}
        for sku, owner in reserved_skus(by_sku, by_others_than=self.instance.pk).items():
            message = gettext("This SKU is already used in a draft of “%(product)s”.") % {"product": owner}
            by_sku[sku].add_error("sku", ValidationError(message, code="reserved"))

    def _refuse_gtins(self, active: list[forms.ModelForm]) -> None:
        by_gtin: dict[str, forms.ModelForm] = {}
        for form in active:
            if gtin := form.cleaned_data.get("gtin"):
                if by_gtin.keys() & spellings(gtin):
                    form.add_error("gtin", _("This GTIN stands twice in this product."))
                by_gtin[gtin] = form
        for gtin, owner in reserved_gtins(by_gtin, by_others_than=self.instance.pk).items():
            message = gettext("This GTIN belongs to “%(product)s”.") % {"product": owner}
            by_gtin[gtin].add_error("gtin", ValidationError(message, code="reserved"))


def without_zeros(price: Decimal) -> Decimal:
    """8.900 as 8.90, but 8.905 as it is: the column has a digit more than most currencies."""
    short = price.quantize(Decimal("0.01"))
    return short if short == price else price


def propose_sku() -> str:
    """A free SKU for a variant that has none yet."""
    while True:
        sku = f"V-{secrets.token_hex(3).upper()}"
        if not Variant.objects.filter(sku=sku).exists():
            return sku


def reserved_skus(skus: Iterable[str], by_others_than: int | None) -> dict[str, str]:
    """SKU -> product, for those that stand in the latest revision of another product: they would clash at publish."""
    return {row["sku"]: owner for row, owner in drafted_variants("sku", skus, by_others_than)}


def reserved_gtins(gtins: Iterable[str], by_others_than: int | None) -> dict[str, str]:
    """GTIN -> product, for those that an active variant has in the latest revision of another product, whatever zeros
    stand before them."""
    wanted = {spelling: gtin for gtin in gtins for spelling in spellings(gtin)}
    rows = drafted_variants("gtin", wanted, by_others_than)
    return {wanted[row["gtin"]]: owner for row, owner in rows if row["active"]}


def drafted_variants(
    field: str, values: Iterable[str], by_others_than: int | None
) -> Iterator[tuple[dict[str, Any], str]]:
    """(variant, product), of the latest revisions of other products, where the field has one of these values.

    The condition must stay as it is written: migration 0002 has an index on exactly this expression.
    """
    values = set(values)
    if not values:
        return
    holds_one = Q()
    for value in values:
        holds_one |= Q(content__variants__contains=[{field: value}])
    latest = Product.objects.exclude(pk=by_others_than).values("latest_revision")
    drafts = Revision.objects.filter(holds_one, pk__in=latest).values_list("content__variants", "object_str")
    for variants, owner in drafts:
        yield from ((row, owner) for row in variants if row.get(field) in values)
