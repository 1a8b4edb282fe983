"""Currency rules of Stripe: decimals, smallest charge, sums that cannot be charged. Amounts are minor units.

Source: docs.stripe.com/currencies (zero-decimal, three-decimal, special cases, minimum charge amounts).
"""

from demo.gateway.errors import ApiError


def codes(text: str) -> frozenset[str]:
    """Currency codes written one after the other."""
    return frozenset(text.split())


CURRENCIES = codes(
    "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf "
    "chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf "
    "idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop "
    "mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd "
    "scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof "
    "xpf yer zar zmw"
)
ZERO_DECIMAL = codes("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf")
THREE_DECIMAL = codes("bhd jod kwd omr tnd")
WHOLE_HUNDREDS = codes("isk ugx")  # once had two decimals, still sent times 100

MINIMUM = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
MAXIMUM = 99_999_999


def exponent(currency: str) -> int:
    """Decimals of the currency's minor unit.

    >>> [exponent(code) for code in ("eur", "jpy", "kwd")]
    [2, 0, 3]
    """
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def check_amount(amount: int, currency: str, param: str) -> None:
    """Refuse an amount that this currency cannot express. Raises ApiError."""
    if currency in THREE_DECIMAL and amount % 10:
        raise ApiError(f"Invalid amount: the last digit of an amount in {currency} must be 0.", param=param)
    if currency in WHOLE_HUNDREDS and amount % 100:
        raise ApiError(f"Invalid amount: an amount in {currency} must be divisible by 100.", param=param)


def check_total(total: int, currency: str) -> None:
    """Refuse a total that is due but below or above what can be charged. Raises ApiError."""
    if 0 < total < MINIMUM.get(currency, 1):
        raise ApiError(
            "The Checkout Session's total amount due must add up to at least "
            f"{plain(MINIMUM[currency], currency)} {currency}",
            code="amount_too_small",
        )
    if total > MAXIMUM:
        raise ApiError(
            f"The Checkout Session's total amount due must be no more than {plain(MAXIMUM, currency)} {currency}",
            code="amount_too_large",
        )


def plain(amount: int, currency: str) -> str:
    """An amount with a decimal point, for error messages.

    >>> plain(50, "eur"), plain(50, "jpy")
    ('0.50', '50')
    """
    digits = exponent(currency)
    return f"{amount / 10**digits:.{digits}f}"
