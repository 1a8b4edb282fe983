"""What an invoice and a credit note say: pure, from an order and the shop's details to plain JSON values.

What an invoice must say is § 14 (4) UStG (German VAT law), by number:
1 names and addresses of seller and buyer · 2 the seller's VAT id · 3 date of issue · 4 a number given once, in sequence
(none may be missing) · 5 quantity and kind of the goods · 6 date of delivery, or of payment when that came first, as
it does here (also § 31 (4) UStDV) · 7 net amounts by tax rate and reductions agreed on before · 8 rate and amount of
the tax, or why there is none · 10 "Gutschrift" is the word for invoices written by the buyer: therefore a credit
note is called "Rechnungskorrektur" in German, and names number and date of the invoice it corrects (§ 31 (5) UStDV).

Amounts are strings of major units with the currency's decimals ("23.40"), dates are ISO: formatting is the template's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from commerce.models import Order, OrderLine
from commerce.pricing import Totals, contained_tax, split
from core.context_processors import ShopDetails
from core.money import Money

Content = dict[str, Any]

# Goods that leave for another country are an export, free of tax: § 4 no. 1 a UStG.
EUROPEAN_UNION = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
}  # fmt: skip


class DoesNotAddUp(ValueError):
    """The parts of an order are not its total: no invoice is written, a person must look."""


@dataclass(frozen=True)
class CreditLine:
    """What a credit note takes back: a gross amount under one tax rate in percent. `quantity`: 0 for none."""

    description: str
    gross: Money
    tax_rate: Decimal
    quantity: int = 0


@dataclass(frozen=True)
class TaxPart:
    """One tax rate's share of a document: gross, and the tax contained in it."""

    rate: Decimal
    gross: Money
    tax: Money

    @property
    def net(self) -> Money:
        return self.gross - self.tax


def plain(amount: Money) -> str:
    return f"{amount.rounded().amount:f}"


def percent(rate: Decimal) -> str:
    """
    >>> percent(Decimal("19.00")), percent(Decimal("5.50")), percent(Decimal(0)), percent(Decimal("20"))
    ('19', '5.5', '0', '20')
    """
    return f"{rate.normalize():f}"


def parts_of(totals: Totals) -> list[TaxPart]:
    """What is paid, by tax rate, highest first. Raises DoesNotAddUp unless they are exactly the total."""
    shares = [(entry.line.tax_rate, entry.paid, entry.tax) for entry in totals.lines]
    shares.append((totals.delivery_rate, totals.delivery - totals.delivery_discount, totals.delivery_tax))
    every = by_rate(shares)
    nothing = totals.total * 0
    if sum((part.gross for part in every), nothing) != totals.total:
        raise DoesNotAddUp(f"the parts are not the total {totals.total.amount}")
    if sum((part.tax for part in every), nothing) != totals.tax:
        raise DoesNotAddUp(f"the taxes are not the tax contained {totals.tax.amount}")
    return [part for part in every if part.gross] or every


def by_rate(shares: Iterable[tuple[Decimal, Money, Money]]) -> list[TaxPart]:
    """(rate, gross, tax) summed by rate, highest rate first."""
    sums: dict[Decimal, TaxPart] = {}
    for rate, gross, tax in shares:
        known = sums.get(rate)
        sums[rate] = TaxPart(rate, known.gross + gross, known.tax + tax) if known else TaxPart(rate, gross, tax)
    return [sums[rate] for rate in sorted(sums, reverse=True)]


def invoice_content(order: Order, shop: ShopDetails, number: str, issued_on: date) -> Content:
    """All that the invoice of a paid order says. Raises DoesNotAddUp."""
    totals = order.totals
    parts = parts_of(totals)
    return {
        **letterhead(order, shop, number, issued_on),
        "lines": [line_content(entry) for entry in order.lines.all()],
        "delivery": {
            "name": order.delivery_name,
            "gross": plain(totals.delivery),
            "rate": percent(order.delivery_tax_rate),
        },
        "goods": plain(totals.goods),
        "coupon": order.coupon_code,
        "discount": plain(totals.discount * -1),
        "is_export": bool(order.country not in EUROPEAN_UNION and not any(part.tax for part in parts)),
        **sums_content(parts, order.currency),
    }


def letterhead(order: Order, shop: ShopDetails, number: str, issued_on: date) -> Content:
    return {
        "number": number,
        "issued_on": issued_on.isoformat(),
        "order": order.number,
        "placed_on": day(order.placed_at),
        "paid_on": day(order.paid_at),
        "delivery_days": [order.min_days, order.max_days],
        "currency": order.currency,
        "seller": {
            "name": shop.name,
            "address": [line.strip() for line in shop.address.splitlines() if line.strip()],
            "vat_id": shop.vat_id,
            "email": shop.email,
            "phone": shop.phone,
        },
        "buyer": {"address": order.address_lines, "vat_id": order.vat_id, "email": order.email},
    }


def line_content(entry: OrderLine) -> Content:
    return {
        "sku": entry.sku,
        "name": entry.name,
        "options": entry.options,
        "quantity": entry.quantity,
        "unit": plain(entry.price),
        "gross": plain(entry.total),
        "rate": percent(entry.tax_rate),
    }


def sums_content(parts: Sequence[TaxPart], currency: str) -> Content:
    nothing = Money(Decimal(0), currency)
    gross = sum((part.gross for part in parts), nothing)
    tax = sum((part.tax for part in parts), nothing)
    return {
        "taxes": [
            {"rate": percent(part.rate), "net": plain(part.net), "tax": plain(part.tax), "gross": plain(part.gross)}
            for part in parts
        ],
        "net": plain(gross - tax),
        "tax": plain(tax),
        "total": plain(gross),
    }


def day(moment: datetime | None) -> str:
    return timezone.localdate(moment).isoformat() if moment else ""


# Credit notes


def read_parts(content: Content) -> list[TaxPart]:
    """The tax parts that a frozen document states."""
    money = {"currency": content["currency"]}
    return [
        TaxPart(Decimal(row["rate"]), Money(Decimal(row["gross"]), **money), Money(Decimal(row["tax"]), **money))
        for row in content["taxes"]
    ]


def remaining(invoice: Content, credits: Iterable[Content]) -> list[TaxPart]:
    """What is left of an invoice after its credit notes, by tax rate."""
    left = {part.rate: part for part in read_parts(invoice)}
    for credit in credits:
        for part in read_parts(credit):
            before = left[part.rate]
            left[part.rate] = TaxPart(part.rate, before.gross - part.gross, before.tax - part.tax)
    return list(left.values())


def take_back(amount: Money, lines: Sequence[CreditLine], left: Sequence[TaxPart]) -> list[TaxPart]:
    """The tax parts of a credit note over `amount`: what `lines` name, the rest spread over what is left.

    The spread is in proportion, by largest remainder, to the smallest unit. Who takes the last of a rate takes all its
    remaining tax, so that an invoice taken back in steps leaves nothing. Raises ValueError when that is more than
    is left.
    """
    wanted = {part.rate: Money(Decimal(0), amount.currency) for part in left}
    for line in lines:
        if line.tax_rate not in wanted:
            raise ValueError(f"nothing was sold at {line.tax_rate} % tax")
        wanted[line.tax_rate] += line.gross
    rest = amount - sum(wanted.values(), Money(Decimal(0), amount.currency))
    if rest.amount < 0:
        raise ValueError("the lines are more than the amount")
    room = {part.rate: part.gross - wanted[part.rate] for part in left}
    if any(space.amount < 0 for space in room.values()) or sum(space.amount for space in room.values()) < rest.amount:
        raise ValueError("more would be given back than was charged")
    for rate, share in zip(room, split(rest, list(room.values())), strict=True):
        wanted[rate] += share
    return [credited(part, wanted[part.rate]) for part in left if wanted[part.rate]]


def credited(part: TaxPart, gross: Money) -> TaxPart:
    if gross == part.gross:
        return part
    tax = contained_tax(gross, part.rate)
    return TaxPart(part.rate, gross, tax if tax <= part.tax else part.tax)


def credit_content(
    invoice: Content,
    parts: Sequence[TaxPart],
    lines: Sequence[CreditLine],
    *,
    number: str,
    issued_on: date,
    reason: str,
) -> Content:
    """All that a credit note says: the letterhead of its invoice, what is taken back, and why."""
    currency = invoice["currency"]
    nothing = Money(Decimal(0), currency)
    named = sum((line.gross for line in lines), nothing)
    copied = ("order", "placed_on", "paid_on", "currency", "seller", "buyer", "is_export")
    return {
        **{name: invoice[name] for name in copied},
        "number": number,
        "issued_on": issued_on.isoformat(),
        "corrects": {"number": invoice["number"], "issued_on": invoice["issued_on"]},
        "reason": reason,
        "lines": [
            {
                "description": line.description,
                "quantity": line.quantity,
                "gross": plain(line.gross),
                "rate": percent(line.tax_rate),
            }
            for line in lines
        ],
        "further": plain(sum((part.gross for part in parts), nothing) - named),
        **sums_content(parts, currency),
    }


def expected_delivery(content: Content) -> tuple[date, date] | None:
    """First and last day on which the goods should arrive, counted in working days from the payment."""
    least, most = content.get("delivery_days", (0, 0))
    if not content["paid_on"] or not most:
        return None
    paid = date.fromisoformat(content["paid_on"])
    return working_days(paid, least), working_days(paid, most)


def working_days(start: date, count: int) -> date:
    """
    >>> working_days(date(2026, 11, 20), 2).isoformat()  # a Friday
    '2026-11-24'
    """
    end = start
    while count > 0:
        end += timedelta(days=1)
        count -= end.weekday() < 5
    return end
