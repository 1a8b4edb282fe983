"""Export, import, export: the same bytes, whatever is in the database in between."""

import io
import json
from decimal import Decimal

import pytest
from django.utils.dateparse import parse_datetime
from openpyxl import load_workbook

from catalog import stock
from catalog.exchange.write import Export, xlsx
from catalog.models import (
    Association,
    Attribute,
    AttributeChoice,
    AttributeValue,
    OptionValue,
    Product,
    ProductType,
    StockMove,
)
from catalog.tests.exchange.helpers import exported, load, outcomes
from catalog.tests.factories import make_category, make_image, make_option, make_product

pytestmark = pytest.mark.django_db


def block(kind, value):
    return {"type": kind, "value": value}


@pytest.fixture
def shop():
    """Products that use everything a product can have."""
    tea = make_category("Tea")
    green = make_category("Green tea", parent=tea)
    make_option("size", ["50g", "100g"])
    make_option("colour", ["1/2", "12"])
    values = list(OptionValue.objects.order_by("option__pk", "sort_order"))
    kind = ProductType.objects.create(key="loose", name={"en": "Loose tea", "de": "Loser Tee"})
    origin = Attribute.objects.create(key="origin", name={"en": "Origin"}, kind="text")
    weight = Attribute.objects.create(key="temperature", name={"en": "Temperature"}, kind="number", unit="°C")
    season = Attribute.objects.create(key="season", name={"en": "Season"}, kind="choice")
    spring = AttributeChoice.objects.create(attribute=season, key="spring", label={"en": "Spring"})
    organic = Attribute.objects.create(key="organic", name={"en": "Organic"}, kind="yes_no")
    pictures = [make_image(f"Picture {number}", (60 + number, 40)) for number in range(3)]
    cup = make_product("Cup", live=False, tags=["gift, large"], variants=[])
    body = [
        block("heading", "From <Uji> & around"),
        block("paragraph", "<p>First <b>cut</b>.</p><ul><li>a</li><li>b</li></ul>"),
        block("paragraph", '<p>Own <a href="https://example.com/?a=1&amp;b=2">text</a></p>'),
        block("quote", {"text": "Hot\nwater", "source": "Rikyū"}),
        block("facts", {"caption": "", "header": ["", "g"], "rows": [["Leaf", "5"], ["Water", ""]]}),
        block("faq", {"heading": "", "questions": [{"question": 'Why "so"?', "answer": "<p>Because</p>"}]}),
        block("picture", {"image": pictures[0].pk, "alt": "A <leaf>", "caption": "Leaf"}),
        block("product", {"product": cup.pk, "note": "", "when_gone": "hide", "substitute": None}),
        block("comparison", {"heading": "", "products": [cup.pk, cup.pk]}),
    ]
    sencha = make_product(
        "Sencha",
        languages=["en", "de", "ar"],
        texts={
            "en": {"body": json.dumps(body), "summary": "=Fresh", "seo_title": "Sencha"},
            "de": {"body": json.dumps(body[:2]), "slug": "sencha-grün", "search_description": "Grün"},
        },
        category=green,
        product_type=kind,
        vendor="-Uji & Co",
        tax_class="reduced",
        featured=True,
        position=7,
        tags=["green", "Japan"],
        images=[pictures[1], pictures[0]],
        expire_at=parse_datetime("2027-01-31T12:00:00Z"),
        variants=[
            {"sku": "S-50", "price": Decimal("8.905"), "option_1": values[0], "option_2": values[2], "stock": 3},
            {
                "sku": "S-100",
                "price": Decimal(16),
                "sale_price": Decimal("12.50"),
                "sale_until": parse_datetime("2030-01-01T00:00:00Z"),
                "option_1": values[1],
                "option_2": values[3],
                "image": pictures[2],
                "weight_grams": 120,
                "stock": 0,
            },
            {"sku": "OLD", "price": Decimal(1), "active": False, "stock": 1},
        ],
    )
    sencha.attribute_values = [
        AttributeValue(attribute=origin, text={"en": "Uji", "de": "Uji (de)"}),
        AttributeValue(attribute=weight, number=Decimal("70.5")),
        AttributeValue(attribute=season, choice=spring),
        AttributeValue(attribute=organic, yes_no=False),
    ]
    sencha.associations = [Association(kind="accessory", target=cup), Association(kind="similar", target=cup)]
    sencha.save()
    sencha.save_revision()
    make_product("Only German", texts={"de": {"name": "Nur deutsch"}}, languages=[], live=False)
    return sencha


def wiped():
    StockMove.objects.all().delete()
    for product in Product.objects.all():
        product.delete()
    assert not Product.objects.exists()


def test_it_works(shop):
    before = exported()
    wiped()

    made = load(before, stock="new", publish=True)

    assert set(outcomes(made).values()) == {"created"}
    assert exported() == before


def test_the_same_file_again_changes_nothing(shop):
    before, revisions = exported(), list(shop.revisions.values_list("pk", flat=True))

    made = load(before, stock="all")

    assert set(outcomes(made).values()) == {"unchanged"}
    assert list(shop.revisions.values_list("pk", flat=True)) == revisions
    assert exported() == before


def test_options_that_are_gone_come_back(shop):
    before = exported()
    wiped()
    OptionValue.objects.all().delete()
    for option in {value.option for value in OptionValue.objects.all()}:
        option.delete()

    load(before, stock="new", publish=True)

    assert exported() == before


def test_xlsx_says_the_same(shop):
    before = exported()
    export = Export(Product.objects.all())
    data = xlsx(export.columns, export.rows())
    sheet = load_workbook(io.BytesIO(data)).active
    assert all(cell.data_type in ("s", "n") for line in sheet.iter_rows() for cell in line)
    wiped()

    load(data, stock="new", publish=True)

    assert exported() == before
    assert set(outcomes(load(data)).values()) == {"unchanged"}


def test_a_change_elsewhere_is_put_back(shop):
    before = exported()
    draft = shop.get_latest_revision_as_object()
    draft.vendor = "Somebody else"
    draft.tags.set(["other"])
    draft.save_revision()
    stock.adjust(shop.variants.get(sku="S-50"), count=9, reason="test")

    made = load(before, stock="all", overwrite_drafts=True)

    assert made.entries.get(handle="sencha").changes == ["Tags", "Vendor", "Variant Inventory Qty"]
    assert exported() == before


def test_shopifys_columns_only(shop):
    heading, first = exported(everything=False).decode("utf-8-sig").splitlines()[:2]

    assert heading.startswith("Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value")
    assert "(de)" not in heading and first
