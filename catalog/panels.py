"""The tabs and fields of the catalogue's editors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple, Media, Select
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    InlinePanel,
    MultipleChooserPanel,
    ObjectList,
    Panel,
    PublishingPanel,
    TabbedInterface,
)
from wagtail.admin.panels.base import get_form_for_model

from catalog.attribute_panel import AttributePanel
from catalog.forms import CategoryForm, ProductForm, VariantForm, VariantFormSet
from catalog.models import Option
from core.forms import AmountInput
from core.panels import language_panels, name_and_slug


class VariantPanel(InlinePanel):
    """The variants of a product, with their own form and checks across rows."""

    def get_form_options(self) -> dict[str, Any]:
        options = super().get_form_options()
        deferred = self.child_edit_handler.get_form_options().get("defer_required_on_fields", [])
        form = get_form_for_model(
            self.db_field.related_model, form_class=VariantForm, defer_required_on_fields=deferred
        )
        options["formsets"][self.relation_name].update(form=form, formset=VariantFormSet)
        return options


STOCK_HINT = _("How many there are is counted under Catalogue, Stock, once the product is published.")


class CombinationsPanel(Panel):
    """Adds rows to the variants below: every combination of the ticked values that is not there yet."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "catalog/admin/combinations.html"

        @property
        def options(self) -> QuerySet[Option]:
            return Option.objects.prefetch_related("values")

        @property
        def media(self) -> Media:
            return Media(js=["catalog/combinations.js"], css={"all": ["catalog/combinations.css"]})


def product_texts(code: str) -> Sequence[Panel]:
    return [*name_and_slug(code), FieldPanel("summary"), FieldPanel("body"), *search_engine_texts()]


def category_texts(code: str) -> Sequence[Panel]:
    return [*name_and_slug(code), FieldPanel("intro"), FieldPanel("body"), *search_engine_texts()]


def search_engine_texts() -> Sequence[Panel]:
    return [FieldPanel("seo_title"), FieldPanel("search_description")]


class StableTab(ObjectList):
    """A tab whose HTML id is the same in every interface language, so that links to it stay valid."""

    def __init__(self, *args: Any, tab: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tab = tab

    def clone_kwargs(self) -> dict[str, Any]:
        return {**super().clone_kwargs(), "tab": self.tab}

    @property
    def clean_name(self) -> str:
        return self.tab


GROSS = format_lazy(_("With tax, in {currency}."), currency=settings.SHOP_CURRENCY)

VARIANT_PANELS = [
    FieldRowPanel([FieldPanel("sku"), FieldPanel("gtin"), FieldPanel("active")]),
    FieldRowPanel([FieldPanel("option_1"), FieldPanel("option_2"), FieldPanel("option_3")]),
    FieldRowPanel(
        [
            FieldPanel("price", required_on_save=False, help_text=GROSS, widget=AmountInput),
            FieldPanel("weight_grams", required_on_save=False),
        ]
    ),
    FieldRowPanel(
        [
            FieldPanel("sale_price", help_text=GROSS, widget=AmountInput),
            FieldPanel("sale_from"),
            FieldPanel("sale_until"),
        ]
    ),
    FieldPanel("image"),
]

PRODUCT_EDITOR = TabbedInterface(
    [
        *language_panels(product_texts),
        StableTab(
            [
                FieldPanel("category"),
                FieldRowPanel([FieldPanel("product_type", widget=Select), FieldPanel("vendor")]),
                AttributePanel(),
                FieldPanel("tags"),
                FieldPanel("tax_class"),
                FieldRowPanel([FieldPanel("featured"), FieldPanel("position", required_on_save=False)]),
                PublishingPanel(),
            ],
            heading=_("Shop"),
            tab="shop",
        ),
        StableTab(
            [
                HelpPanel(STOCK_HINT),
                CombinationsPanel(),
                VariantPanel("variants", heading=_("Variants"), panels=VARIANT_PANELS),
            ],
            heading=_("Variants"),
            tab="variants",
        ),
        StableTab(
            [
                MultipleChooserPanel(
                    "images",
                    chooser_field_name="image",
                    heading=_("Gallery"),
                    label=_("picture"),
                    panels=[FieldPanel("image"), FieldPanel("alt")],
                )
            ],
            heading=_("Pictures"),
            tab="pictures",
        ),
        StableTab(
            [
                InlinePanel(
                    "associations",
                    heading=_("Associations"),
                    label=_("product"),
                    panels=[FieldRowPanel([FieldPanel("kind"), FieldPanel("target")])],
                )
            ],
            heading=_("Associations"),
            tab="associations",
        ),
    ],
    base_form_class=ProductForm,
)

CATEGORY_EDITOR = TabbedInterface(
    [
        *language_panels(category_texts),
        StableTab(
            [
                FieldPanel("parent"),
                FieldPanel("position", required_on_save=False),
                FieldPanel("image"),
                PublishingPanel(),
            ],
            heading=_("Shop"),
            tab="shop",
        ),
    ],
    base_form_class=CategoryForm,
)

OPTION_EDITOR = ObjectList(
    [
        FieldPanel("name"),
        FieldPanel(
            "key", help_text=_("Short and without spaces, e.g. size. Used in imports, never shown to shoppers.")
        ),
        FieldPanel("position", help_text=_("Small numbers come first.")),
        InlinePanel(
            "values",
            heading=_("Values"),
            label=_("value"),
            panels=[FieldRowPanel([FieldPanel("label"), FieldPanel("key"), FieldPanel("colour")])],
        ),
    ]
)

ATTRIBUTE_EDITOR = ObjectList(
    [
        FieldPanel("name"),
        FieldPanel(
            "key", help_text=_("Short and without spaces, e.g. size. Used in imports, never shown to shoppers.")
        ),
        FieldRowPanel([FieldPanel("kind"), FieldPanel("unit")]),
        FieldRowPanel([FieldPanel("facet"), FieldPanel("position", help_text=_("Small numbers come first."))]),
        InlinePanel(
            "choices",
            heading=_("Choices"),
            label=_("choice"),
            panels=[FieldRowPanel([FieldPanel("label"), FieldPanel("key")])],
        ),
    ]
)

PRODUCT_TYPE_EDITOR = ObjectList(
    [
        FieldPanel("name"),
        FieldPanel(
            "key", help_text=_("Short and without spaces, e.g. size. Used in imports, never shown to shoppers.")
        ),
        FieldPanel("attributes", widget=CheckboxSelectMultiple),
    ]
)
