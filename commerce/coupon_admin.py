"""Coupons in the Wagtail admin: written, reviewed and published like texts, with live numbers of their use."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Count, Exists, OuterRef, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Cast
from django.forms import CheckboxSelectMultiple, ModelMultipleChoiceField, RadioSelect
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    MultipleChooserPanel,
    ObjectList,
    Panel,
    PublishingPanel,
)
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn, UpdatedAtColumn
from wagtail.models import Revision, WorkflowState
from wagtail.snippets.views import snippets

from catalog.models import Category
from catalog.tree import indented_names
from commerce.models import Coupon, CouponUse, Scope, Status
from commerce.pricing import Gives
from core.forms import AmountInput
from core.localized import listed
from core.money import Money

HELD = [Status.PENDING, Status.AWAITING_FUNDS]
GROSS = format_lazy(_("With tax, in {currency}."), currency=settings.SHOP_CURRENCY)


class TreeMultipleChoiceField(ModelMultipleChoiceField):
    """Categories, chosen from the indented tree. Drafts are offered, too."""

    widget = CheckboxSelectMultiple


class CouponAdminForm(WagtailAdminModelForm):
    categories = TreeMultipleChoiceField(
        label=_("Categories"),
        queryset=Category.objects.all(),
        required=False,
        help_text=_("With everything in the categories below them."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["categories"].choices = indented_names()
        if self.instance.first_published_at:
            self.fields["code"].disabled = True
            self.fields["code"].help_text = _("Shoppers know it already, so it cannot be changed any more.")
        for name in ("value", "minimum"):
            if (number := self.initial.get(name)) is not None:
                self.initial[name] = f"{number.normalize():f}"
        self.fields["value"].widget.attrs["step"] = "0.01"  # of a percentage, too

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("scope") == Scope.CHOSEN and not self._has_chosen(data):
            self.add_error("scope", _("Please choose at least one product, category or tag."))
        return data

    def _has_chosen(self, data: dict[str, Any]) -> bool:
        rows = self.formsets["products"]
        kept = [form for form in rows.forms if form.has_changed() or form.instance.pk]
        products = rows.is_valid() and len(kept) > len(rows.deleted_forms)
        return bool(products or data.get("categories") or data.get("tags"))


class UsesPanel(Panel):
    """How often the coupon is used, as of now."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "commerce/admin/coupon_uses.html"

        def is_shown(self) -> bool:
            return bool(self.instance.pk)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            return {**super().get_context_data(parent_context), **numbers(self.instance)}


def numbers(coupon: Coupon) -> dict[str, Any]:
    """`used`, `held` (waiting for payment), `left` (None: no limit), and what was `given` by paid orders, gross."""
    uses = CouponUse.objects.filter(coupon=coupon.pk, released_at=None)
    held = Q(order__status__in=HELD)
    found = uses.aggregate(
        used=Count("pk", filter=~held), held=Count("pk", filter=held), given=Sum("order__discount", filter=~held)
    )
    live = Coupon.objects.filter(pk=coupon.pk).values_list("max_uses", flat=True).first()
    left = None if live is None else max(0, live - found["used"] - found["held"])
    return {**found, "left": left, "given": Money(found["given"] or Decimal(0), settings.SHOP_CURRENCY).rounded()}


COUPON_EDITOR = ObjectList(
    [
        FieldRowPanel([FieldPanel("code", required_on_save=True), FieldPanel("note")]),
        UsesPanel(heading=_("Use")),
        MultiFieldPanel(
            [
                FieldPanel("gives", widget=RadioSelect),
                FieldRowPanel([FieldPanel("value"), FieldPanel("minimum", help_text=GROSS, widget=AmountInput)]),
            ],
            heading=_("What it gives"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("scope", widget=RadioSelect),
                FieldPanel("categories"),
                FieldPanel("tags", widget=CheckboxSelectMultiple),
            ],
            heading=_("What it is for"),
        ),
        MultipleChooserPanel(
            "products",
            chooser_field_name="product",
            heading=_("Products"),
            label=_("product"),
            panels=[FieldPanel("product")],
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
                FieldRowPanel([FieldPanel("max_uses"), FieldPanel("max_uses_each")]),
            ],
            heading=_("When and how often"),
        ),
        PublishingPanel(),
    ],
    base_form_class=CouponAdminForm,
)


def gives(coupon: Coupon) -> str:
    if coupon.value is None:
        return coupon.get_gives_display()
    if coupon.gives == Gives.PERCENT:
        return f"{coupon.value.normalize():f} %"
    return str(Money(coupon.value, settings.SHOP_CURRENCY).rounded())


def window(coupon: Coupon) -> str:
    def day(moment: Any) -> str:
        return date_format(timezone.localtime(moment), "SHORT_DATE_FORMAT") if moment else ""

    return f"{day(coupon.starts_at)} – {day(coupon.ends_at)}" if coupon.starts_at or coupon.ends_at else ""


def use(coupon: Any) -> str:
    """ "3 of 10, 1 held", as of now. Annotated by `CouponViewSet.get_queryset`."""
    text = str(coupon.taken - coupon.held)
    if coupon.max_uses is not None:
        text = gettext("%(used)s of %(most)s") % {"used": text, "most": coupon.max_uses}
    return gettext("%(uses)s, %(held)s held") % {"uses": text, "held": coupon.held} if coupon.held else text


class CouponViewSet(snippets.SnippetViewSet):
    model = Coupon
    icon = "tag"
    menu_label = _("Coupons")
    menu_name = "coupons"
    menu_order = 1  # below the orders
    menu_hook = "register_sales_menu_item"
    copy_view_enabled = False
    edit_handler = COUPON_EDITOR
    list_per_page = 50
    ordering = "code"
    list_filter = ["gives", "live"]
    list_display = [
        "__str__",
        "note",
        Column("gives", label=_("Gives"), accessor=gives, sort_key="gives"),
        Column("window", label=_("Window"), accessor=window, sort_key="ends_at"),
        Column("use", label=_("Used"), accessor=use, sort_key="taken"),
        UpdatedAtColumn(),
        LiveStatusTagColumn(),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With all that a row shows, its status and numbers included, in a constant number of queries."""
        counts = Q(uses__released_at=None)
        held = Q(uses__order__status__in=HELD)
        scheduled = Revision.objects.filter(
            base_content_type=ContentType.objects.get_for_model(Coupon),
            object_id=Cast(OuterRef("pk"), CharField()),
            approved_go_live_at__isnull=False,
        )
        states = Prefetch("_workflow_states", WorkflowState.objects.active(), to_attr="_current_workflow_states")
        return Coupon.objects.annotate(
            taken=Count("uses", filter=counts),
            held=Count("uses", filter=counts & held),
            _approved_schedule=Exists(scheduled),
        ).prefetch_related(states)


def keep_what_was_used(request: HttpRequest, instances: Sequence[Any]) -> HttpResponse | None:
    """A coupon that orders have used is unpublished, not deleted: its limits must go on counting them."""
    coupons = [instance.pk for instance in instances if isinstance(instance, Coupon)]
    kept = Coupon.objects.filter(pk__in=coupons, uses__isnull=False).distinct()
    if request.method != "POST" or not kept:
        return None
    message = gettext("%(names)s cannot be deleted, because orders have used it. Unpublish it instead.")
    messages.error(request, message % {"names": listed(coupon.code for coupon in kept)})
    return redirect(CouponViewSet().get_url_name("list"))
