"""How offers are grouped into choices, and which price stands for all of them."""

from decimal import Decimal

from catalog.cards import Offer, choices, lowest_price
from catalog.models import Option, OptionValue, Variant
from catalog.prices import Price
from core.localized import LocalizedText
from core.money import Money

COLOUR, VOLUME = Option(pk=1, name=LocalizedText(en="Colour")), Option(pk=2, name=LocalizedText(en="Volume"))
SAND, RUST = (
    OptionValue(pk=number, option=COLOUR, label=LocalizedText(en=name), colour="#cccccc")
    for number, name in enumerate(("Sand", "Rust"), start=1)
)
SMALL, LARGE = (
    OptionValue(pk=number, option=VOLUME, label=LocalizedText(en=name))
    for number, name in enumerate(("0.6 l", "1.0 l"), start=3)
)


def offer(*values: OptionValue, price: int = 10, available: int = 5) -> Offer:
    named = {f"option_{number}": value for number, value in enumerate(values, start=1)}
    return Offer(Variant(sku="X", **named), Price(Money(Decimal(price), "EUR")), available)


def shown(offered: list[Offer]) -> list[tuple[str, list[str]]]:
    return [
        (str(group.value.label) if group.value else "", [choice.label for choice in group.choices])
        for group in choices(offered).groups
    ]


def test_it_works():
    found = choices([offer(SMALL), offer(LARGE)])

    assert found.label == "Volume"
    assert not found.single
    assert found.available == 10


def test_two_options_group_by_the_first():
    offered = [offer(SAND, SMALL), offer(SAND, LARGE), offer(RUST, SMALL)]

    assert shown(offered) == [("Sand", ["0.6 l", "1.0 l"]), ("Rust", ["0.6 l"])]


def test_groups_of_one_are_no_groups():
    offered = [offer(SAND, SMALL), offer(RUST, SMALL)]

    assert shown(offered) == [("", ["Sand, 0.6 l", "Rust, 0.6 l"])]
    assert choices(offered).groups[0].choices[0].colour == "#cccccc"


def test_a_variant_without_options_is_named_by_its_sku():
    assert shown([offer()]) == [("", ["X"])]
    assert choices([offer()]).single


def test_the_first_that_can_be_bought_is_chosen():
    gone, here = offer(SMALL, available=0), offer(LARGE)

    assert choices([gone, here]).first is here
    assert choices([gone]).first is gone
    assert choices([]).first is None


def test_the_price_is_the_lowest_that_can_be_bought():
    cheap_but_gone, other, dear = offer(price=5, available=0), offer(price=8), offer(price=9)

    assert lowest_price([cheap_but_gone, other, dear]) == (other.price, True)
    assert lowest_price([cheap_but_gone, other]) == (other.price, False)
    assert lowest_price([cheap_but_gone]) == (cheap_but_gone.price, False)
    assert lowest_price([]) == (None, False)
