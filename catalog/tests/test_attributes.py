"""Product types and their attributes: filled in the editor, kept in the revision, shown as a specification."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from catalog.copying import copy_of
from catalog.models import Association, Attribute, AttributeChoice, AttributeValue, Product, ProductType
from catalog.specification import specification
from catalog.tests.admin_forms import open_add, open_edit
from catalog.tests.factories import make_product

pytestmark = pytest.mark.django_db
Kind = Attribute.Kind


@pytest.fixture
def tea() -> ProductType:
    """A type with one attribute of each kind."""
    origin = Attribute.objects.create(key="origin", name={"en": "Origin", "de": "Herkunft"}, kind=Kind.TEXT, position=1)
    water = Attribute.objects.create(
        key="water", name={"en": "Water", "de": "Wasser"}, kind=Kind.NUMBER, unit="ml", position=2
    )
    harvest = Attribute.objects.create(
        key="harvest", name={"en": "Harvest", "de": "Ernte"}, kind=Kind.CHOICE, position=3
    )
    for order, (key, label) in enumerate([("spring", "Frühling"), ("autumn", "Herbst")]):
        AttributeChoice.objects.create(
            attribute=harvest, key=key, label={"en": key.capitalize(), "de": label}, sort_order=order
        )
    organic = Attribute.objects.create(key="organic", name={"en": "Organic", "de": "Bio"}, kind=Kind.YES_NO, position=4)
    kind = ProductType.objects.create(key="tea", name={"en": "Tea", "de": "Tee"})
    kind.attributes.set([origin, water, harvest, organic])
    kind.save()
    return kind


def attribute(key: str) -> Attribute:
    return Attribute.objects.get(key=key)


def row(form, key: str) -> str:
    return form.row("attribute_values", attribute=str(attribute(key).pk))


def fill(form, tea) -> None:
    form.fields["product_type"] = str(tea.pk)
    form.fields[f"{row(form, 'origin')}-text_en"] = "Uji"
    form.fields[f"{row(form, 'water')}-number"] = "1250.5"
    form.fields[f"{row(form, 'harvest')}-choice"] = str(AttributeChoice.objects.get(key="spring").pk)
    form.fields[f"{row(form, 'organic')}-yes_no"] = "false"


def page_of(product) -> Product:
    return Product.objects.for_page().get(pk=product.pk)


def test_it_works(admin_client, tea):
    form = open_add(admin_client, Product)
    form.write("en", name="Sencha")
    form.add_variant("S-1")
    fill(form, tea)

    assert form.post("publish").status_code == 302

    product = page_of(Product.objects.get())
    assert specification(product) == [
        ("Origin", "Uji"), ("Water", "1,250.5\u00a0ml"), ("Harvest", "Spring"), ("Organic", "No")
    ]  # fmt: skip
    with override("de"):
        assert specification(product)[1:] == [("Wasser", "1.250,5\u00a0ml"), ("Ernte", "Frühling"), ("Bio", "Nein")]


def test_values_wait_in_the_draft_and_keep_their_rows(admin_client, tea):
    product = make_product(product_type=tea)
    form = open_edit(admin_client, product)
    fill(form, tea)
    form.post()
    assert not AttributeValue.objects.exists()

    open_edit(admin_client, product).post("publish")
    first = dict(AttributeValue.objects.values_list("attribute", "pk"))
    assert len(first) == 4

    form = open_edit(admin_client, product)
    form.fields[f"{row(form, 'water')}-number"] = "300"
    form.fields[f"{row(form, 'origin')}-text_en"] = ""
    form.post("publish")

    rows = dict(AttributeValue.objects.values_list("attribute", "pk"))
    assert rows == {pk: first[pk] for pk in rows} and len(rows) == 3
    assert AttributeValue.objects.get(attribute__key="water").number == Decimal(300)


def test_only_the_attributes_of_the_type_are_kept(admin_client, tea):
    kettle = ProductType.objects.create(key="kettle", name={"en": "Kettle"})
    kettle.attributes.set([attribute("water")])
    kettle.save()
    product = make_product(product_type=tea)
    form = open_edit(admin_client, product)
    fill(form, tea)
    form.post("publish")

    form = open_edit(admin_client, product)
    form.fields["product_type"] = str(kettle.pk)
    form.post("publish")

    assert [value.attribute.key for value in AttributeValue.objects.all()] == ["water"]


def test_a_forged_choice_of_another_attribute_is_refused(admin_client, tea):
    other = Attribute.objects.create(key="size", name={"en": "Size"}, kind=Kind.CHOICE)
    foreign = AttributeChoice.objects.create(attribute=other, key="big", label={"en": "Big"})
    product = make_product(product_type=tea)
    form = open_edit(admin_client, product)
    form.fields[f"{row(form, 'harvest')}-choice"] = str(foreign.pk)
    form.fields[f"{row(form, 'water')}-number"] = "lots"

    response = form.post("publish")

    assert response.status_code == 200
    assert "Select a valid choice" in response.content.decode() and "Enter a number" in response.content.decode()


def test_autosaved_twice_is_one_row_each(admin_client, tea):
    form = open_add(admin_client, Product)
    form.write("en", name="Sencha")
    form.add_variant("S-1")
    fill(form, tea)
    assert form.autosave()["success"]
    assert form.autosave()["success"]

    assert open_edit(admin_client, Product.objects.get()).post("publish").status_code == 302

    assert AttributeValue.objects.count() == 4


def test_attribute_deleted_meanwhile_does_not_break_the_draft(admin_client, tea):
    product = make_product(product_type=tea)
    form = open_edit(admin_client, product)
    fill(form, tea)
    form.post()
    attribute("water").delete()
    AttributeChoice.objects.get(key="spring").delete()

    assert open_edit(admin_client, product).post("publish").status_code == 302

    assert [name for name, _value in specification(page_of(product))] == ["Origin", "Organic"]


def test_product_page_shows_details_and_associated_products_that_are_live(client, tea):
    cup = make_product("Cup")
    gone = make_product("Gone", live=False)
    product = make_product("Sencha", product_type=tea)
    AttributeValue.objects.create(product=product, attribute=attribute("origin"), text={"en": "Uji <b>"})
    for target in (cup, gone):
        Association.objects.create(product=product, target=target, kind=Association.Kind.ACCESSORY)

    html = client.get("/en/product/sencha/").content.decode()

    assert "<bdi>Uji &lt;b&gt;</bdi>" in html
    assert "Goes well with it" in html and "Cup" in html and "Gone" not in html
    assert "Similar products" not in html


def test_a_copy_has_attributes_and_associations_of_its_own(tea):
    product = make_product("Sencha", product_type=tea)
    AttributeValue.objects.create(product=product, attribute=attribute("water"), number=300)
    Association.objects.create(product=product, target=make_product("Cup"))

    copy = copy_of(Product.objects.get(pk=product.pk))

    assert [(value.pk, value.number) for value in copy.attribute_values.all()] == [(None, Decimal(300))]
    assert [str(row) for row in copy.associations.all()] == ["Similar: Cup"]


@pytest.mark.parametrize(("username", "allowed"), [("editor", False), ("moderator", True)])
def test_only_moderators_change_the_types(username, allowed, request, tea):
    client = request.getfixturevalue(username)
    form_url = f"/admin/snippets/catalog/producttype/edit/{tea.pk}/"

    response = client.post(form_url, {"name_en": "Leaf tea", "key": "tea", "attributes": []})

    assert (str(ProductType.objects.get()) == "Leaf tea") is allowed, response.status_code
