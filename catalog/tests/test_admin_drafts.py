"""Drafts of translated products: nothing is live before it is published, and then everything is."""

from decimal import Decimal

import pytest

from catalog import stock
from catalog.models import Product, ProductTranslation, Stock, Variant
from catalog.tests.admin_forms import open_add, open_edit
from catalog.tests.factories import make_image, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("parler_cache")]


def rows(product):
    """Language -> (pk, name): what is live."""
    found = ProductTranslation.objects.filter(master=product)
    return {row.language_code: (row.pk, row.name) for row in found}


def names(product):
    return {code: name for code, (_pk, name) in rows(product).items()}


@pytest.fixture
def product():
    """Live, in English and German, with one variant, two pictures and a tag."""
    made = make_product(
        variants=[{"sku": "S-50", "price": "8.90"}], images=[make_image(), make_image()], tags=["green"]
    )
    made.save_revision().publish()
    return Product.objects.get(pk=made.pk)


def test_a_new_draft_is_a_row_that_is_not_live(moderator):
    form = open_add(moderator, Product)
    form.write("en", name="Sencha", slug="sencha")
    form.write("de", name="Sencha (de)", slug="sencha-de")
    form.add_variant("S-50")
    form.add_image(make_image())
    form.add_image(make_image())
    form.fields["tags"] = "green"

    response = form.post()

    assert response.status_code == 302
    product = Product.objects.get()
    assert not product.live
    assert names(product) == {"en": "Sencha", "de": "Sencha (de)"}
    assert product.images.count() == 2
    assert [tag.name for tag in product.tags.all()] == ["green"]


def test_an_edit_of_a_live_product_stays_in_the_revision_until_it_is_published(moderator, product):
    before, pictures = rows(product), list(product.images.values_list("pk", flat=True))
    variant = product.variants.get()

    form = open_edit(moderator, product)
    form.write("de", name="Neuer Name")
    form.change(form.row("variants", sku="S-50"), price="99.00")
    form.remove("images-0")
    form.fields["tags"] = "black"
    assert form.post().status_code == 302

    live = Product.objects.get(pk=product.pk)
    assert rows(live) == before
    assert Variant.objects.get().price == variant.price
    assert list(live.images.values_list("pk", flat=True)) == pictures
    assert [tag.name for tag in live.tags.all()] == ["green"]

    again = open_edit(moderator, live)
    assert again.text("de") == "Neuer Name"
    assert again.fields["variants-0-price"].startswith("99")
    assert again.fields["images-TOTAL_FORMS"] == "1"
    assert "black" in again.fields["tags"]

    assert again.post("publish").status_code == 302
    live = Product.objects.get(pk=product.pk)
    assert rows(live) == {**before, "de": (before["de"][0], "Neuer Name")}
    assert (Variant.objects.get().pk, Variant.objects.get().price) == (variant.pk, Decimal("99.00"))
    assert list(live.images.values_list("pk", flat=True)) == pictures[1:]
    assert [tag.name for tag in live.tags.all()] == ["black"]


def test_a_language_added_in_a_draft_exists_only_after_publishing(moderator, product):
    form = open_edit(moderator, product)
    form.write("ar", name="سينشا", slug="سينشا")
    form.post()
    assert set(names(product)) == {"en", "de"}

    open_edit(moderator, product).post("publish")
    assert names(product)["ar"] == "سينشا"


def test_a_language_removed_in_a_draft_goes_only_at_publishing(moderator, product):
    form = open_edit(moderator, product)
    form.remove(form.language("de"))
    form.post()
    assert set(names(product)) == {"en", "de"}

    again = open_edit(moderator, product)
    assert again.text("de") == ""
    again.post("publish")
    assert set(names(product)) == {"en"}


def test_a_translation_set_in_code_lives_in_the_revision_too(product):
    product.set_current_language("de")
    product.name = "Aus dem Code"
    revision = product.save_revision()
    assert names(product)["de"] == "Sencha de"

    revision.publish()
    assert names(product)["de"] == "Aus dem Code"


def test_publishing_the_same_revision_twice_keeps_every_primary_key(moderator, product):
    form = open_edit(moderator, product)
    form.add_variant("S-100")
    form.write("ar", name="سينشا")
    form.post()
    revision = Product.objects.get(pk=product.pk).latest_revision

    revision.publish()
    variants, texts = set(Variant.objects.values_list("pk", "sku")), rows(product)
    stock.adjust(Variant.objects.get(sku="S-100"), count=5, reason="test")
    revision.publish()

    assert set(Variant.objects.values_list("pk", "sku")) == variants
    assert rows(product) == texts
    assert Stock.objects.get(variant__sku="S-100").on_hand == 5


def test_units_sold_between_draft_and_publish_stay_sold(moderator, product):
    form = open_edit(moderator, product)
    form.write("de", name="Neuer Name")
    form.post()
    variant = product.variants.get()
    stock.hold([(variant.pk, 3)], "order-1")
    stock.sell("order-1")

    open_edit(moderator, product).post("publish")

    assert Stock.objects.get(pk=variant.pk).on_hand == 7


@pytest.mark.parametrize("live", [True, False])
def test_two_stale_forms_that_add_one_language_make_one_row(moderator, product, live):
    if not live:
        product = make_product("Draft", live=False)
    first, second = open_edit(moderator, product), open_edit(moderator, product)
    first.write("ar", name="الأول", slug="")
    second.write("ar", name="الثاني", slug="")

    assert first.post("publish").status_code == 302
    assert second.post("publish").status_code == 302

    assert ProductTranslation.objects.filter(master=product, language_code="ar").count() == 1
    assert names(product)["ar"] == "الثاني"


def test_a_variant_with_a_ledger_is_retired_when_it_is_removed(moderator, product):
    form = open_edit(moderator, product)
    form.remove(form.row("variants", sku="S-50"))
    form.add_variant("S-100")

    assert form.post("publish").status_code == 302

    assert dict(Variant.objects.values_list("sku", "active")) == {"S-50": False, "S-100": True}
    assert Stock.objects.get(variant__sku="S-50").on_hand == 10


def test_a_variant_without_a_ledger_is_deleted_when_it_is_removed(moderator, product):
    form = open_edit(moderator, product)
    form.add_variant("S-100")
    form.post("publish")
    assert Stock.objects.get(variant__sku="S-100").on_hand == 0  # publishing makes the row

    form = open_edit(moderator, product)
    form.remove(form.row("variants", sku="S-100"))
    form.post("publish")

    assert list(Variant.objects.values_list("sku", flat=True)) == ["S-50"]


def test_skus_passed_on_in_one_draft_keep_their_stock(moderator):
    product = make_product(variants=[{"sku": "A", "stock": 1}, {"sku": "B", "stock": 2}])
    product.save_revision().publish()
    first, second = product.variants.order_by("pk")

    form = open_edit(moderator, product)
    first_row, second_row = form.row("variants", sku="A"), form.row("variants", sku="B")
    form.change(first_row, sku="B2")
    form.change(second_row, sku="C")
    assert form.post().status_code == 302
    open_edit(moderator, product).post("publish")

    assert dict(Variant.objects.values_list("sku", "pk")) == {"B2": first.pk, "C": second.pk}


def test_what_a_draft_removed_can_be_taken_back(moderator, product):
    before, variants = rows(product), set(Variant.objects.values_list("pk", "sku", "active"))
    form = open_edit(moderator, product)
    form.remove(form.language("de"))
    form.remove(form.row("variants", sku="S-50"))
    form.add_variant("S-100")
    form.post()

    form = open_edit(moderator, product)
    form.write("de", name="Wieder da", slug="sencha-de")
    form.remove(form.row("variants", sku="S-100"))
    form.add_variant("S-50")
    assert form.post().status_code == 302
    open_edit(moderator, product).post("publish")

    assert rows(product) == {**before, "de": (before["de"][0], "Wieder da")}
    assert set(Variant.objects.values_list("pk", "sku", "active")) == variants
