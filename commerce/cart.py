"""The cart: variant ids and quantities and a coupon's code in the session. Every reading prices it anew.

The session (and its cookie) begins with the first thing put in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.cards import Offer, available_units
from catalog.models import Product, ProductImage, ProductTranslation, Variant
from catalog.prices import Price, variant_price
from commerce import cart_memory as memory
from commerce import coupons, visits
from commerce.cart_memory import Removed
from commerce.coupons import CartCoupon
from commerce.models import Order, OrderLine, Status
from commerce.pricing import Line, Totals, price_cart
from commerce.tariff import Tariff
from core.localized import listed
from core.money import Money
from core.sessions import SessionStore

CART = "cart"  # {str(variant id): units}
COUPON = "coupon"  # the code, as it is stored
ORDERED = "ordered"  # token of the order last placed from this session, until its outcome is known
MOST_UNITS = 99
MOST_LINES = 50
UNDECIDED = {Status.PENDING}
GIVEN_UP = {Status.EXPIRED, Status.CANCELLED}


class CannotAdd(Exception):
    """This cannot be put in the cart; the text tells the shopper why."""


@dataclass(frozen=True)
class CartLine:
    """A line as it stands now. `quantity`: what can be bought of the `wanted` units, 0 when nothing.

    `problem` says in plain words why it is less than wanted, or is None. `changes`: what else is not as the shopper
    last saw it, one sentence each.
    """

    variant: Variant
    product: Product
    text: ProductTranslation | None
    image: ProductImage | None
    offer: Offer
    wanted: int
    quantity: int
    problem: str | None
    changes: tuple[str, ...] = ()

    @property
    def variant_id(self) -> int:
        return self.variant.pk

    @property
    def name(self) -> str:
        return self.text.name if self.text else self.variant.sku

    @property
    def options(self) -> str:
        """The chosen option values in the active language: "100 g, celadon"."""
        return listed(value.label for value in self.variant.option_values)

    @property
    def full_name(self) -> str:
        """What it is called where nothing else tells which one it is: "Sencha, 100 g"."""
        return listed(part for part in (self.name, self.options) if part)

    @property
    def price(self) -> Price:
        return self.offer.price

    @property
    def unit_price(self) -> Money:
        return self.price.now

    @property
    def available(self) -> int:
        return self.offer.available

    @property
    def most(self) -> int:
        """The highest quantity that can be chosen."""
        return min(self.available, MOST_UNITS)

    @property
    def url(self) -> str:
        """The product's page; empty when it has none any more."""
        return self.product.get_absolute_url() if self.product.live and self.text else ""

    @property
    def buyable(self) -> bool:
        return self.quantity > 0

    @property
    def news(self) -> tuple[str, ...]:
        """All that must be said about it."""
        return (self.problem, *self.changes) if self.problem else self.changes

    @property
    def line_total(self) -> Money:
        return (self.price.now * self.quantity).rounded()

    def priced(self, tax_rate: Decimal) -> Line:
        return Line(self.variant.pk, self.price.now, self.quantity, tax_rate, self.variant.weight_grams)


@dataclass(frozen=True)
class CartView:
    """The cart as it stands now. `missing`: lines whose variant is gone altogether, so that nothing can name it.

    `open_order`: placed from this cart and not paid yet. Known to `tell` only: `gone`, names of what was missing and is
    dropped now; `removed`, what can be put back.
    """

    lines: list[CartLine]
    missing: int = 0
    open_order: Order | None = None
    coupon: CartCoupon | None = None
    gone: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()

    @property
    def buyable(self) -> list[CartLine]:
        return [line for line in self.lines if line.buyable]

    @property
    def set_aside(self) -> list[CartLine]:
        """What cannot be bought now, and why is its problem."""
        return [line for line in self.lines if not line.buyable]

    @property
    def changed(self) -> list[CartLine]:
        """Lines that something must be said about."""
        return [line for line in self.lines if line.news]

    @property
    def totals(self) -> Totals:
        """Of what can be bought, before a country and a delivery are chosen: neither is part of it, nor is tax."""
        return self.priced({}, None)

    @property
    def grams(self) -> int:
        """What the buyable units weigh together."""
        return sum(line.variant.weight_grams * line.quantity for line in self.buyable)

    def priced(self, rates: Mapping[str, Decimal], delivery: Tariff | None) -> Totals:
        """`rates`: tax class -> percent; none: no tax."""
        lines = [line.priced(rates.get(line.product.tax_class, Decimal(0))) for line in self.buyable]
        coupon = self.coupon.applied if self.coupon else None
        return price_cart(lines, settings.SHOP_CURRENCY, delivery, coupon)

    @property
    def is_empty(self) -> bool:
        return not self.lines

    @property
    def count(self) -> int:
        """Units that can be bought."""
        return sum(line.quantity for line in self.lines)

    def line(self, variant_id: int) -> CartLine | None:
        return next((line for line in self.lines if line.variant.pk == variant_id), None)


@dataclass(frozen=True)
class Added:
    """What came of adding. `notice`: why it is not as many as asked for, or ""."""

    cart: CartView
    line: CartLine
    notice: str


def contents(session: SessionStore) -> dict[int, int]:
    """Variant id -> units, in the order of first adding."""
    return {int(variant_id): units for variant_id, units in session.get(CART, {}).items()}


def count(session: SessionStore) -> int:
    """Units in the cart, for the badge; asks nobody but the session."""
    return sum(contents(session).values())


def load(session: SessionStore) -> CartView:
    """The cart at today's prices and stock, in at most six queries with the session's; a coupon takes seven more."""
    waiting = settle(session)
    cart = view(contents(session), waiting)
    return replace(cart, coupon=coupon_for(cart, session[COUPON])) if COUPON in session else cart


def tell(session: SessionStore, cart: CartView) -> CartView:
    """The cart with what changed since its shopper last saw it. From now on that is seen: to be called to show it.

    What is gone altogether is named for the last time and leaves the cart.
    """
    wanted = contents(session)
    gone = [pk for pk in wanted if cart.line(pk) is None]
    names = tuple(name for pk in gone if (name := memory.name_of(session, pk)))
    lines = [replace(line, changes=memory.changes(session, line)) for line in cart.lines]
    told = replace(cart, lines=lines, missing=len(gone) - len(names), gone=names, removed=memory.removed(session))
    if gone or memory.marks(lines) != session.get(memory.SEEN, {}):
        with session.alone():
            memory.see(session, lines)
            write(session, {pk: units for pk, units in contents(session).items() if pk not in gone})
    return told


def coupon_for(cart: CartView, code: str) -> CartCoupon:
    """What this code does for the cart."""
    products = {line.variant.pk: line.product for line in cart.buyable}
    lines = [line.priced(Decimal(0)) for line in cart.buyable]
    return coupons.look(code, products, lines, cart.open_order)


def enter_coupon(session: SessionStore, code: str) -> CartCoupon:
    """Puts a coupon in, instead of the one that was there. Its `problem` says what the goods lack for it, or "".

    Raises coupons.Refused, having changed nothing, and begun no session.
    """
    coupon = coupons.find(code)
    coupons.check_open(coupon)
    coupons.check_left(coupon, waiting=load(session).open_order)
    with session.alone():
        session[COUPON] = coupon.code
        cart = load(session)
    return cart.coupon or coupon_for(cart, coupon.code)


def remove_coupon(session: SessionStore) -> None:
    if COUPON in session:
        with session.alone():
            session.pop(COUPON, None)


def add(session: SessionStore, variant_id: int, units: int) -> Added:
    """Puts units in. Raises CannotAdd, having changed nothing, and begun no session."""
    with session.alone():
        waiting = settle(session)
        now = contents(session)
        if variant_id not in now and len(now) >= MOST_LINES:
            raise CannotAdd(cart_is_full())
        again = memory.is_same_click(session, variant_id, units)  # the second half of a double click
        asked = now.get(variant_id, 0) + (0 if again else units)
        cart = view({**now, variant_id: min(asked, MOST_UNITS)}, waiting)
        line = cart.line(variant_id)
        if line is None or not line.buyable:
            raise CannotAdd(_("This is sold out or no longer available, so we could not add it."))
        memory.click(session, variant_id, units)
        memory.put_back(session, variant_id)
        memory.see(session, [line])
        write(session, {**now, variant_id: line.quantity})
        if not now:
            visits.count(visits.CART)
    up_to = _("You can order up to %(count)s of one item.") % {"count": MOST_UNITS}
    return Added(cart, line, line.problem or (up_to if asked > MOST_UNITS else ""))


def change(session: SessionStore, variant_id: int, units: int) -> CartLine | None:
    """Sets the units of a line; 0 takes it out, to be put back by `restore`. Returns the line as it stands now, None
    when it is gone."""
    with session.alone():
        waiting = settle(session)
        now = contents(session)
        if variant_id not in now:
            return None
        memory.forget_click(session)
        if units <= 0:
            wanted = now.pop(variant_id)
            if line := view({variant_id: wanted}, waiting).line(variant_id):
                memory.take_out(session, line, wanted)
            write(session, now)
            return None
        now[variant_id] = min(units, MOST_UNITS)
        line = view({variant_id: now[variant_id]}, waiting).line(variant_id)
        if line is not None and line.buyable:
            now[variant_id] = line.quantity
            memory.see(session, [line])
        write(session, now)
    return line


def restore(session: SessionStore, variant_id: int) -> CartLine | None:
    """Puts back what was taken out, as many units as there were. None when it was not taken out, or is gone.

    Raises CannotAdd, having changed nothing.
    """
    with session.alone():
        waiting = settle(session)
        now = contents(session)
        units = memory.put_back(session, variant_id)
        line = view({variant_id: units}, waiting).line(variant_id) if units else None
        if line is None:
            return None
        if len(now) >= MOST_LINES:
            raise CannotAdd(cart_is_full())
        memory.see(session, [line])
        write(session, {**now, variant_id: units})
    return line


def write(session: SessionStore, units: Mapping[int, int]) -> None:
    """To be called while the session is alone: what others wrote since it was read would be undone."""
    session[CART] = {str(variant_id): quantity for variant_id, quantity in units.items()}
    memory.keep_only(session, units)


def cart_is_full() -> str:
    return _("Your cart holds %(count)s different items, its limit.") % {"count": MOST_LINES}


def settle(session: SessionStore) -> list[OrderLine]:
    """Takes what was bought out of the cart, once. Returns the lines of the order that still waits for payment."""
    token = session.get(ORDERED)
    if token is None:
        return []
    lines = list(OrderLine.objects.filter(order__token=token).select_related("order"))
    status = lines[0].order.status if lines else Status.EXPIRED
    if status in UNDECIDED:
        return lines
    with session.alone():
        if session.get(ORDERED) != token:  # another request of this visitor was faster
            return settle(session)
        del session[ORDERED]
        if status not in GIVEN_UP:
            memory.forget_purchase(session)
            bought = {line.variant_id: line.quantity for line in lines}
            if session.get(COUPON) == lines[0].order.coupon_code:
                del session[COUPON]
            left = {pk: units - bought.get(pk, 0) for pk, units in contents(session).items()}
            write(session, {pk: units for pk, units in left.items() if units > 0})
    return []


def follow(session: SessionStore, order: Order) -> None:
    """What this order buys shall leave the cart when it is paid, unless the cart waits for another order already."""
    if order.status in UNDECIDED and contents(session):
        with session.alone():
            session.setdefault(ORDERED, order.token)


def put_again(session: SessionStore, order: Order) -> None:
    """At least what this order had of each variant is in the cart, which says itself what cannot be bought any more."""
    with session.alone():
        units = contents(session)
        for pk, ordered in order.lines.values_list("variant", "quantity"):
            if pk in units or len(units) < MOST_LINES:
                units[pk] = max(units.get(pk, 0), min(ordered, MOST_UNITS))
        write(session, units)


def view(units: Mapping[int, int], waiting: Sequence[OrderLine] = ()) -> CartView:
    """These units at today's prices and stock; what a waiting order holds counts as available to its own buyer."""
    variants = {variant.pk: variant for variant in with_all_a_line_shows(units)}
    held = {line.variant_id: line.quantity for line in waiting}
    lines = [cart_line(variants[pk], wanted, held.get(pk, 0)) for pk, wanted in units.items() if pk in variants]
    return CartView(lines, len(units) - len(lines), waiting[0].order if waiting else None)


def with_all_a_line_shows(variant_ids: Mapping[int, int]) -> list[Variant]:
    """The variants with product, texts, stock and pictures, in four queries."""
    if not variant_ids:
        return []
    pictures = ProductImage.objects.order_by("sort_order").select_related("image")
    variants = list(
        Variant.objects.filter(pk__in=variant_ids)
        .select_related("product", "stock", "image", "option_1", "option_2", "option_3")
        .prefetch_related("product__translations", Prefetch("product__images", queryset=pictures))
    )
    shown = [picture.image for variant in variants if (picture := line_image(variant))]
    prefetch_related_objects(shown, "renditions")
    return variants


def line_image(variant: Variant) -> ProductImage | None:
    """The variant's own picture, else the product's first."""
    if variant.image:
        return ProductImage(image=variant.image)
    return next(iter(variant.product.images.all()), None)


def cart_line(variant: Variant, wanted: int, held: int) -> CartLine:
    product = variant.product
    offered = product.live and variant.active
    available = available_units(variant) + held if offered else 0
    quantity = max(0, min(wanted, available, MOST_UNITS))
    return CartLine(
        variant=variant,
        product=product,
        text=product.text,
        image=line_image(variant),
        offer=Offer(variant, variant_price(variant), available),
        wanted=wanted,
        quantity=quantity,
        problem=problem(offered, wanted, quantity),
    )


def problem(offered: bool, wanted: int, quantity: int) -> str | None:
    if not offered:
        return _("No longer available. We leave it out of your order.")
    if quantity == 0:
        return _("Sold out at the moment. We leave it out of your order.")
    return only_left(wanted, quantity) if quantity < wanted else None


def only_left(wanted: int, units: int) -> str:
    return ngettext(
        "Only %(count)s left: we set the quantity from %(wanted)s to %(count)s.",
        "Only %(count)s left: we set the quantity from %(wanted)s to %(count)s.",
        units,
    ) % {"count": number_format(units), "wanted": number_format(wanted)}
