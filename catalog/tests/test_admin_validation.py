"""What the product form refuses, and where it says so."""

import pytest

from catalog.models import Product, ProductTranslation, Variant
from catalog.tests.admin_forms import errors_by_tab, open_add, open_edit
from catalog.tests.factories import make_option, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def product(parler_cache):
    made = make_product(variants=[{"sku": "S-50", "price": "8.90"}])
    made.save_revision().publish()
    return Product.objects.get(pk=made.pk)


def new_product(client, **english):
    form = open_add(client, Product)
    form.write("en", **{"name": "Assam", **english})
    form.add_variant("A-1")
    return form


def test_a_slug_taken_in_the_same_language_is_an_error_in_that_tab_with_a_suggestion(moderator, product):
    make_product("Other", texts={"de": {"name": "X", "slug": "sencha-de-2"}})
    form = new_product(moderator)
    form.write("de", name="Sencha", slug="sencha-de")

    response = form.post()

    assert response.status_code == 200
    errors = errors_by_tab(response)
    assert set(errors) == {"tab-german"}
    assert "“sencha-de-3” is free" in errors["tab-german"]


def test_the_same_slug_in_another_language_is_accepted(moderator, product):
    form = new_product(moderator)
    form.write("de", name="Assam", slug="sencha")

    assert form.post().status_code == 302


def test_a_german_text_without_a_name_may_be_a_draft_but_not_be_published(moderator, product):
    form = open_edit(moderator, product)
    form.write("de", name="")

    refused = form.post("publish")
    assert refused.status_code == 200
    assert set(errors_by_tab(refused)) == {"tab-german"}

    assert form.post().status_code == 302


def test_a_started_language_needs_its_name_to_be_published(moderator, product):
    form = open_edit(moderator, product)
    form.write("ar", summary="ملخص")

    response = form.post("publish")

    assert response.status_code == 200
    assert set(errors_by_tab(response)) == {"tab-arabic"}


def test_untouched_languages_have_no_row_also_after_an_autosave(moderator):
    form = new_product(moderator)
    assert form.autosave()["success"]
    assert form.autosave()["success"]

    assert form.post("publish").status_code == 302

    assert list(ProductTranslation.objects.values_list("language_code", flat=True)) == ["en"]


def test_english_is_wanted_at_publish(moderator):
    form = open_add(moderator, Product)
    form.write("de", name="Nur Deutsch")
    form.add_variant("A-1")

    response = form.post("publish")

    assert response.status_code == 200
    assert set(errors_by_tab(response)) == {"tab-english"}
    assert form.post().status_code == 302


def test_submitting_without_a_name_is_refused(editor, product):
    form = open_edit(editor, product)
    form.write("de", name="")

    response = form.post("submit")

    assert response.status_code == 200
    assert set(errors_by_tab(response)) == {"tab-german"}


@pytest.mark.parametrize("action", ["publish", "submit"])
def test_a_product_with_nothing_to_buy_stays_a_draft(moderator, action):
    form = open_add(moderator, Product)
    form.write("en", name="Assam")

    response = moderator.get(form.post(action).url)

    html = response.content.decode()
    assert "Add at least one active variant" in html
    assert '#tab-variants">' in html
    product = Product.objects.get()
    assert not product.live
    assert not product.workflow_in_progress


def test_a_price_of_nothing_is_not_published(moderator, product):
    form = open_edit(moderator, product)
    form.change("variants-0", price="0")

    response = moderator.get(form.post("publish").url)

    assert "Set a price above 0 for S-50" in response.content.decode()
    assert Variant.objects.get().price > 0


def test_two_blank_skus_get_two_proposals(moderator):
    form = open_add(moderator, Product)
    form.write("en", name="Assam")
    form.add_variant("")
    form.add_variant("")

    assert form.post("publish").status_code == 302

    first, second = Variant.objects.values_list("sku", flat=True)
    assert first != second
    assert first.startswith("V-")


def test_a_sku_twice_in_one_product_marks_the_row(moderator):
    form = new_product(moderator)
    form.add_variant("A-1")

    response = form.post()

    assert response.status_code == 200
    assert "twice" in errors_by_tab(response)["tab-variants"]


def test_a_sku_of_another_live_product_is_refused(moderator, product):
    form = new_product(moderator)
    form.add_variant("S-50")

    response = form.post()

    assert "already exists" in errors_by_tab(response)["tab-variants"]


def test_options_of_variants(moderator):
    size, colour = make_option("size", ["s", "m"]), make_option("colour", ["red"])
    small, medium = [str(value.pk) for value in size.values.all()]
    red = str(colour.values.get().pk)

    form = new_product(moderator)
    form.add_variant("TWO-SIZES", option_1=small, option_2=medium)
    assert "Choose each option once" in errors_by_tab(form.post())["tab-variants"]

    form = new_product(moderator)
    form.add_variant("SAME", option_1=small, option_2=red)
    form.add_variant("SAME-TOO", option_1=red, option_2=small)
    assert "same options" in errors_by_tab(form.post())["tab-variants"]

    form = new_product(moderator)
    form.add_variant("S", option_1=small, option_2=red)
    form.add_variant("M", option_1=medium, option_2=red)
    assert form.post("publish").status_code == 302
    assert [str(value) for value in Variant.objects.get(sku="M").option_values] == ["Size: m", "Colour: red"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"sale_price": "8.90"}, "below the price"),
        ({"sale_price": "5", "sale_from": "2026-12-02 10:00", "sale_until": "2026-12-01 10:00"}, "after it starts"),
        ({"price": "-1"}, "greater than or equal to 0"),
    ],
)
def test_prices_and_sales_that_make_no_sense(moderator, product, fields, error):
    form = open_edit(moderator, product)
    form.change("variants-0", **fields)

    assert error in errors_by_tab(form.post())["tab-variants"]


def test_a_live_product_does_not_lose_its_category_to_a_deleted_one(moderator, product):
    """A draft may point to a category that is gone: the editor still opens and publishes."""
    from catalog.tests.factories import make_category

    category = make_category("Gone")
    form = open_edit(moderator, product)
    form.fields["category"] = str(category.pk)
    form.post()
    category.delete()

    form = open_edit(moderator, product)
    assert form.fields["category"] == ""
    assert form.post("publish").status_code == 302


def test_a_draft_may_leave_every_number_open(moderator):
    form = open_add(moderator, Product)
    form.write("en", name="Assam")
    form.fields["position"] = ""
    form.add_variant("A-1", price="", weight_grams="")

    assert form.post().status_code == 302

    assert (Product.objects.get().position, Variant.objects.get().weight_grams) == (0, 0)


def test_a_price_is_shown_as_it_is_written(moderator, product):
    assert open_edit(moderator, product).fields["variants-0-price"] == "8.90"
