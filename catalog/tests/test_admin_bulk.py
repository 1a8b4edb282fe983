"""Actions on many products at once: nobody's draft is lost, and each product is asked for permission again."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from catalog.amend import Skipped
from catalog.bulk_actions import changed_price, new_prices, reprice
from catalog.models import Product
from catalog.tests.admin_forms import open_edit
from catalog.tests.factories import make_category, make_product

pytestmark = pytest.mark.django_db


def act(client, action, products, **data):
    ids = "&".join(f"id={product.pk}" for product in products)
    response = client.post(f"/admin/bulk/catalog/product/{action}/?{ids}&next=/admin/snippets/", data, follow=True)
    assert response.status_code == 200
    return " ".join(str(message) for message in response.context["messages"] or []), response


def change_prices(client, products, percent):
    """Looks at the new prices and confirms them. Returns what was said and the fingerprint of what was shown."""
    _said, response = act(client, "prices", products, percent=percent)
    seen = response.context["form"]["seen"].value()
    return act(client, "prices", products, percent=percent, seen=seen)[0], seen


def prices(product) -> list[Decimal]:
    return list(Product.objects.get(pk=product.pk).variants.values_list("price", flat=True))


def draft_of(product) -> Product:
    return Product.objects.get(pk=product.pk).get_latest_revision_as_object()


def test_it_works(moderator):
    tea, cup = make_product("Tea"), make_product("Cup", live=False)
    green = make_category("Green")

    said, _response = act(moderator, "category", [tea, cup], category=green.pk)

    assert "1 product published." in said and "1 product saved as a draft." in said
    assert Product.objects.get(pk=tea.pk).category == green
    assert Product.objects.get(pk=cup.pk).live is False and draft_of(cup).category == green


def test_publish_and_unpublish(moderator):
    ready, empty = make_product("Ready", live=False), make_product("Empty", live=False, variants=[])

    said, _response = act(moderator, "publish", [ready, empty])
    assert "1 product published." in said and "Left alone: 1" in said and "active variant" in said
    assert [product.live for product in (draft_of(ready), draft_of(empty))] == [True, False]

    said, _response = act(moderator, "unpublish", [ready, empty])
    assert "1 product unpublished." in said and "Nothing to change." in said
    assert not Product.objects.filter(live=True).exists()


@pytest.mark.parametrize("action", ["publish", "unpublish"])
def test_an_editor_cannot_publish_by_a_forged_post(editor, action):
    draft, live = make_product("Draft", live=False), make_product("Live")

    act(editor, action, [draft, live])

    assert [Product.objects.get(pk=row.pk).live for row in (draft, live)] == [False, True]


def test_an_editors_change_waits_in_the_draft(editor):
    tea = make_product("Tea", variants=[{"price": Decimal("8.90")}])

    said, _seen = change_prices(editor, [tea], "10")

    assert "1 product saved as a draft." in said
    assert prices(tea) == [Decimal("8.900")]
    assert [row.price for row in draft_of(tea).variants.all()] == [Decimal("9.79")]


@pytest.mark.parametrize("action", ["publish", "unpublish", "category", "tags", "prices"])
def test_a_shop_manager_changes_nothing(client_of, action):
    tea = make_product("Tea", tags=["old"])
    before = Product.objects.get(pk=tea.pk).latest_revision_id

    client_of("Shop managers").post(
        f"/admin/bulk/catalog/product/{action}/?id={tea.pk}", {"percent": "10", "add": "new"}
    )

    after = Product.objects.get(pk=tea.pk)
    assert (after.live, after.latest_revision_id, list(after.tags.names())) == (True, before, ["old"])


def test_a_pending_draft_keeps_its_text_and_stays_a_draft(moderator):
    tea = make_product("Tea")
    form = open_edit(moderator, tea)
    form.write("en", name="Better tea")
    form.post()

    said, _response = act(moderator, "tags", [tea], add="gift, new", remove="old")

    assert "1 product saved as a draft." in said
    assert str(Product.objects.get(pk=tea.pk)) == "Tea" and not Product.objects.get(pk=tea.pk).tags.exists()
    assert str(draft_of(tea)) == "Better tea" and set(draft_of(tea).tags.names()) == {"gift", "new"}


def test_what_is_locked_or_in_review_is_left_alone(moderator, editor):
    locked, reviewed = make_product("Locked"), make_product("Reviewed")
    Product.objects.filter(pk=locked.pk).update(locked=True, locked_by=User.objects.order_by("-pk").first())
    open_edit(editor, reviewed).post("submit")

    said, _seen = change_prices(moderator, [locked, reviewed], "10")

    assert "It is locked." in said and "It is being reviewed." in said
    assert prices(locked) == prices(reviewed) == [Decimal("8.900")]


def test_new_prices_are_shown_before_they_are_written(moderator):
    tea = make_product("Tea", variants=[{"price": Decimal("8.90"), "sku": "T-1"}])

    _said, response = act(moderator, "prices", [tea], percent="-10")

    html = response.content.decode()
    assert "€8.90" in html and "€8.01" in html and "T-1" in html
    assert prices(tea) == [Decimal("8.900")]
    assert act(moderator, "prices", [tea], percent="0")[1].context["form"].errors
    assert "published" in change_prices(moderator, [tea], "-10")[0]
    assert prices(tea) == [Decimal("8.010")]


def test_confirming_twice_changes_prices_once(moderator):
    tea = make_product("Tea", variants=[{"price": Decimal(10)}])
    _said, seen = change_prices(moderator, [tea], "10")

    said, response = act(moderator, "prices", [tea], percent="10", seen=seen)

    assert "Prices have changed meanwhile." in said
    assert "€12.10" in response.content.decode()
    assert prices(tea) == [Decimal(11)]


def test_only_prices_that_were_shown_are_changed():
    tea = make_product("Tea", variants=[{"price": Decimal(10)}])
    shown = {(row.product.pk, row.sku): row for row in new_prices(tea, Decimal(10))}
    draft = draft_of(tea)
    assert reprice(draft, shown)

    with pytest.raises(Skipped, match="changed meanwhile"):
        reprice(draft, shown)


@pytest.mark.parametrize(
    ("variant", "reason"),
    [
        ({"price": Decimal(10), "sale_price": Decimal(9)}, "would not be below its price"),
        ({"price": Decimal("0.01")}, "would cost nothing"),
    ],
)
def test_impossible_prices_are_left_alone(moderator, variant, reason):
    tea = make_product("Tea", variants=[variant])

    assert reason in change_prices(moderator, [tea], "-60")[0]

    assert prices(tea) == [variant["price"]]


def test_all_means_all_that_the_list_shows(moderator):
    green, cup = make_product("Green tea"), make_product("Cup")

    moderator.post("/admin/bulk/catalog/product/unpublish/?id=all&q=green")

    assert not Product.objects.get(pk=green.pk).live
    assert Product.objects.get(pk=cup.pk).live


def test_no_more_than_fit_into_one_request(moderator, monkeypatch):
    monkeypatch.setattr("catalog.bulk_actions.MOST", 1)
    products = [make_product("Tea"), make_product("Cup")]

    for action, data in (("unpublish", {}), ("prices", {"percent": "10"})):
        assert "at most 1 products" in act(moderator, action, products, **data)[0]

    assert Product.objects.filter(live=True).count() == 2


def test_odd_ids_find_nothing(moderator):
    assert moderator.get("/admin/bulk/catalog/product/publish/?id=x&id=999999").status_code == 200


@pytest.mark.parametrize(
    ("price", "percent", "currency", "expected"),
    [
        ("8.90", "10", "EUR", "9.79"),
        ("0.05", "-10", "EUR", "0.05"),
        ("99", "1.5", "JPY", "100"),
        ("1.005", "10", "KWD", "1.106"),
    ],
)
def test_prices_are_rounded_half_up_to_the_smallest_unit(price, percent, currency, expected):
    assert changed_price(Decimal(price), Decimal(percent), currency) == Decimal(expected)
