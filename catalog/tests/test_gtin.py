"""The number under a barcode: what is taken, what is refused, and where the product form says so."""

import pytest
from django.core.exceptions import ValidationError

from catalog.gtin import read_gtin
from catalog.models import Product, Variant
from catalog.tests.admin_forms import admin_url, errors_by_tab, open_add, open_edit, open_form
from catalog.tests.factories import make_product, make_variant

GTIN = "9521000000018"  # of the prefix that stands for no real product


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("96385074", "96385074"),
        ("0 12345 67890 5", "012345678905"),
        ("4 006381–333931", "4006381333931"),
        ("10614141000415", "10614141000415"),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", "4006381333931"),
        ("29521000000012", "29521000000012"),  # of 14 digits the first is no part of the prefix
    ],
)
def test_it_works(typed, digits):
    assert read_gtin(typed) == digits


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("4006381333932", "The last digit"),
        ("4060381333931", "The last digit"),
        ("400638133393", "The last digit"),
        ("12345678905", "8, 12, 13 or 14"),
        ("400638133393X", "8, 12, 13 or 14"),
        ("²006381333931", "8, 12, 13 or 14"),
        ("0000000000000", "8, 12, 13 or 14"),
        ("212345678909", "inside a shop"),
        ("2123456789010", "inside a shop"),
        ("20000004", "inside a shop"),
        ("00000020000004", "inside a shop"),
        ("412345678903", "inside a shop"),
        ("9812345678902", "coupon"),
    ],
)
def test_what_is_refused(typed, reason):
    with pytest.raises(ValueError, match=reason):
        read_gtin(typed)


@pytest.mark.django_db
@pytest.mark.parametrize("stored", ["4006381333932", "9638 5074", "٩٦٣٨٥٠٧٤"])
def test_the_column_holds_nothing_else(stored):
    variant = make_variant()
    variant.gtin = stored

    with pytest.raises(ValidationError) as caught:
        variant.full_clean()

    assert set(caught.value.message_dict) == {"gtin"}


def new_product(client, *gtins: str):
    form = open_add(client, Product)
    form.write("en", name="Assam")
    for number, gtin in enumerate(gtins):
        form.add_variant(f"A-{number}", gtin=gtin)
    return form


@pytest.mark.django_db
def test_a_barcode_is_typed_as_it_is_printed(moderator):
    assert new_product(moderator, "9 521000 000018", "").post("publish").status_code == 302

    assert list(Variant.objects.order_by("sku").values_list("gtin", flat=True)) == [GTIN, ""]


@pytest.mark.django_db
def test_a_mistyped_digit_is_an_error_in_its_tab(moderator):
    response = new_product(moderator, "9521000000019").post()

    assert response.status_code == 200
    assert "is one of them mistyped?" in errors_by_tab(response)["tab-variants"]
    assert not Product.objects.exists()


@pytest.mark.django_db
def test_it_stands_once_in_a_product_whatever_zeros_are_before_it(moderator):
    form = new_product(moderator, "012345678905", "0012345678905")

    assert "twice" in errors_by_tab(form.post())["tab-variants"]

    form.fields.pop(f"{form.row('variants', sku='A-0')}-active")  # it was sold under another SKU before
    assert form.post().status_code == 302


@pytest.mark.django_db
def test_what_another_draft_has_is_refused(moderator):
    owner = make_product("Whisk", variants=[{"sku": "W-1"}])
    draft = owner.get_latest_revision_as_object()
    draft.variants = [*draft.variants.all(), Variant(sku="W-2", price=1, gtin=f"0{GTIN}")]
    draft.save_revision()

    response = new_product(moderator, GTIN).post()

    assert "belongs to “Whisk”" in errors_by_tab(response)["tab-variants"]
    assert open_edit(moderator, owner).post().status_code == 302


@pytest.mark.django_db
def test_a_copy_has_none(moderator):
    product = make_product(variants=[{"sku": "W-1", "gtin": GTIN}])
    product.save_revision().publish()

    form = open_form(moderator, admin_url(product, "copy"))

    assert form.fields["variants-0-gtin"] == ""
    form.write("en", name="Copy")
    assert form.post(url=admin_url(Product, "add")).status_code == 302
    assert Variant.objects.get(product=product).gtin == GTIN


@pytest.mark.django_db
def test_a_draft_from_before_there_were_any_still_opens(moderator):
    product = make_product(variants=[{"sku": "W-1"}])
    revision = product.save_revision()
    for row in revision.content["variants"]:
        del row["gtin"]
    revision.save()

    form = open_edit(moderator, product)
    form.change("variants-0", gtin=GTIN)

    assert form.post("publish").status_code == 302
    assert Variant.objects.get().gtin == GTIN


@pytest.mark.django_db
def test_the_difference_of_two_drafts_names_it(moderator):
    product = make_product(variants=[{"sku": "W-1"}])
    product.save_revision().publish()
    form = open_edit(moderator, product)
    form.change("variants-0", gtin=GTIN)
    form.post()

    html = moderator.get(admin_url(product, "revisions_compare", "live", "latest")).content.decode()

    assert "GTIN" in html and GTIN in html


@pytest.mark.django_db
def test_lists_are_searched_by_it(moderator):
    product = make_product("Whisk", variants=[{"sku": "W-1", "gtin": GTIN}])
    make_product("Bowl")

    for address in (admin_url(Product, "list"), "/admin/stock/"):
        html = moderator.get(address, {"q": GTIN}).content.decode()
        assert str(product) in html and "Bowl" not in html
