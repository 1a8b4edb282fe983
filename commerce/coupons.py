"""What can happen to a coupon: looked at by a cart, taken by an order, free again. The only writer of CouponUse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from catalog.models import Category, Product, ProductTag
from commerce import pricing
from commerce.models import Coupon, CouponUse, Order, Scope
from commerce.pricing import Gives, Line, Unmet


class Refused(Exception):
    """This coupon cannot be used (any more); the text tells the shopper why."""


@dataclass(frozen=True)
class CartCoupon:
    """The coupon of a cart as it stands now. `problem`: why it takes nothing off, or ""."""

    code: str
    terms: pricing.Coupon
    problem: str

    @property
    def applied(self) -> pricing.Coupon | None:
        return None if self.problem else self.terms

    @property
    def frees_delivery(self) -> bool:
        return self.applied is not None and self.terms.gives is Gives.FREE_DELIVERY


# Looking


def find(code: str) -> Coupon:
    """The coupon with this code, in any spelling of it. Raises Refused."""
    known = Q(live=True) | Q(expired=True)
    coupon = Coupon.objects.filter(known, code=code).first()
    if coupon is None:
        raise Refused(_("We do not know this code. Please check how it is written."))
    return coupon


def look(code: str, products: Mapping[int, Product], lines: Iterable[Line], waiting: Order | None) -> CartCoupon:
    """What a code does for these lines.

    `products`: variant id -> product. `waiting`: an order of the same visitor, whose use counts as free.
    """
    terms = pricing.Coupon(Gives.AMOUNT)
    try:
        coupon = find(code)
        terms = terms_of(coupon, products)
        check_open(coupon)
        check_left(coupon, waiting=waiting)
    except Refused as reason:
        return CartCoupon(code, terms, str(reason))
    return CartCoupon(code, terms, unmet_text(terms, pricing.unmet(terms, lines)))


def terms_of(coupon: Coupon, products: Mapping[int, Product]) -> pricing.Coupon:
    variants = None
    if coupon.scope == Scope.CHOSEN:
        covered = covered_products(coupon, {product.pk: product for product in products.values()})
        variants = frozenset(variant for variant, product in products.items() if product.pk in covered)
    return pricing.Coupon(Gives(coupon.gives), coupon.value or Decimal(0), coupon.least, variants)


def covered_products(coupon: Coupon, products: Mapping[int, Product]) -> set[int]:
    """Which of these products the coupon was chosen for; three to four queries, however many there are."""
    covered = set(coupon.products.filter(product__in=products).values_list("product", flat=True))
    categories = with_those_below(set(coupon.categories.values_list("pk", flat=True)))
    covered |= {pk for pk, product in products.items() if product.category_id in categories}
    tagged = ProductTag.objects.filter(content_object__in=products, tag__in=coupon.tags.values("pk"))
    return covered | set(tagged.values_list("content_object", flat=True))


def with_those_below(chosen: set[int]) -> set[int]:
    """These categories with all below them, hidden ones included; one query, none when nothing is chosen."""
    if not chosen:
        return chosen
    parents = dict(Category.objects.values_list("pk", "parent"))
    found = set(chosen)
    while more := {pk for pk, parent in parents.items() if parent in found and pk not in found}:
        found |= more
    return found


def check_open(coupon: Coupon) -> None:
    """Raises Refused outside the coupon's window."""
    now = timezone.now()
    if not coupon.live or (coupon.ends_at and coupon.ends_at <= now):
        raise Refused(_("This coupon has expired."))
    if coupon.starts_at and now < coupon.starts_at:
        start = date_format(timezone.localtime(coupon.starts_at), "DATE_FORMAT")
        raise Refused(_("This coupon can be used from %(date)s on.") % {"date": start})


def check_left(coupon: Coupon, email: str = "", waiting: Order | None = None) -> None:
    """Raises Refused when the coupon has been used as often as it may be, in total or by this customer.

    Only under `locked` does the answer hold for longer than it takes to read.
    """
    uses = CouponUse.objects.filter(coupon=coupon, released_at=None)
    if waiting is not None:
        uses = uses.exclude(order=waiting)
    if coupon.max_uses is not None and uses.count() >= coupon.max_uses:
        raise Refused(_("This coupon has been used up."))
    if not email or coupon.max_uses_each is None:
        return
    if uses.filter(customer=customer_of(email)).count() >= coupon.max_uses_each:
        raise Refused(_("This e-mail address has already used the coupon."))


def unmet_text(terms: pricing.Coupon, unmet: Unmet | None) -> str:
    if unmet is Unmet.GOODS:
        return _("This coupon is not for the goods in your cart.")
    if unmet is Unmet.MINIMUM:
        if terms.variants is None:
            text = _("This coupon asks for goods of at least %(minimum)s.")
        else:
            text = _("This coupon asks for at least %(minimum)s of the goods it is for.")
        return text % {"minimum": terms.minimum}
    return ""


def customer_of(email: str) -> str:
    """By what a customer is known to a coupon: no address can be read from it."""
    return salted_hmac("commerce.coupons", email.strip().casefold()).hexdigest()


# Taking and giving back


def take(order: Order) -> None:
    """Notes the order's use of its coupon, in the order's own transaction. Raises Refused; then nothing was written.

    Whoever takes the same coupon at the same time waits until that transaction ends, so that limits hold.
    """
    coupon = locked(order.coupon_code)
    check_open(coupon)
    check_left(coupon, order.email)
    CouponUse.objects.create(coupon=coupon, order=order, customer=customer_of(order.email))


def release(order: Order) -> None:
    """Somebody else may use it: the order has ended. Once, however often it is called."""
    CouponUse.objects.filter(order=order, released_at=None).update(released_at=timezone.now())


def take_again(order: Order) -> None:
    """For an order that was paid after it had ended. Raises Refused when the coupon has been used up since."""
    if not CouponUse.objects.filter(order=order, released_at__isnull=False).exists():
        return
    coupon = locked(order.coupon_code)
    check_left(coupon, order.email)
    CouponUse.objects.filter(order=order).update(released_at=None, taken_at=timezone.now())


def locked(code: str) -> Coupon:
    """The coupon's row, locked until the transaction ends. Raises Refused."""
    coupon = Coupon.objects.select_for_update(no_key=True).filter(code=code).first()
    if coupon is None:
        raise Refused(_("We do not know this code. Please check how it is written."))
    return coupon
