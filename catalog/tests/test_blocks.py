"""Product blocks: prices of the moment, hidden or substituted when gone, and a constant number of queries."""

from decimal import Decimal

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from wagtail.blocks import StreamBlock
from wagtail.rich_text import RichText

from catalog import stock
from catalog.models import Variant
from catalog.tests.factories import make_category, make_image, make_option, make_product
from core.blocks import ARTICLE_BLOCKS
from core.models import CallToAction, HomePage

pytestmark = pytest.mark.django_db
BLOCKS = StreamBlock(ARTICLE_BLOCKS)


def stored(*blocks):
    """As the page holds it: out of JSON, choosers still ids."""
    rows = [{"type": kind, "value": value, "id": f"block-{number}"} for number, (kind, value) in enumerate(blocks)]
    return BLOCKS.to_python(rows)


def html(*blocks, preview=False):
    request = RequestFactory().get("/en/")
    request.is_preview = preview
    template = Template("{% load block_tags %}{% stream body %}")
    return template.render(Context({"body": stored(*blocks), "request": request}))


def product_block(product, **fields):
    value = {"product": product.pk, "note": "", "when_gone": "hide", "substitute": None}
    return "product", value | {name: getattr(field, "pk", field) for name, field in fields.items()}


def sell_out(product):
    for variant in product.variants.all():
        stock.adjust(variant, count=0, reason="test")


def test_it_shows_price_stock_and_a_button_that_works_without_a_script():
    product = make_product(variants=[{"price": "8.90", "stock": 3}])

    shown = html(product_block(product, note="For cold mornings"))

    assert "€8.90" in shown
    assert "Only 3 left" in shown
    assert "For cold mornings" in shown
    assert 'action="/en/cart/add/"' in shown
    assert f'name="variant"\n           value="{product.variants.get().pk}"' in shown


def test_price_and_stock_are_those_of_the_moment():
    product = make_product(variants=[{"price": "8.90"}])
    block = product_block(product)
    assert "€8.90" in html(block)

    Variant.objects.update(price=Decimal("9.70"))

    assert "€9.70" in html(block)
    assert "€8.90" not in html(block)


def test_variants_are_chosen_from_a_list_that_leaves_out_what_is_sold_out():
    small, large = make_option("size", ["50 g", "100 g"]).values.all()
    product = make_product(
        variants=[
            {"option_1": small, "price": "8.90", "stock": 0},
            {"option_1": large, "price": "15.50", "stock": 4},
        ]
    )
    first, second = product.variants.all()

    shown = html(product_block(product))

    assert f'value="{first.pk}" disabled' in shown
    assert f'value="{second.pk}" selected' in shown
    assert "50 g · €8.90 · Sold out" in shown


def test_a_sold_out_product_hides():
    product = make_product()
    sell_out(product)

    assert html(product_block(product)).strip() == ""


def test_an_unpublished_product_hides_and_the_preview_says_so():
    product = make_product()
    product.unpublish()

    assert html(product_block(product)).strip() == ""
    assert "Visitors do not see this block: “Sencha”" in html(product_block(product), preview=True)


def test_a_deleted_product_hides():
    product = make_product(variants=[])  # what was in stock is never deleted
    block = product_block(product)
    product.delete()

    assert html(block).strip() == ""


def test_the_substitute_takes_its_place():
    gone, instead = make_product("Sencha"), make_product("Gyokuro")
    sell_out(gone)

    shown = html(product_block(gone, when_gone="substitute", substitute=instead))

    assert "Gyokuro" in shown
    assert "In its place we suggest" in shown
    assert "Sencha" not in shown


def test_a_substitute_that_is_gone_too_hides():
    gone, instead = make_product("Sencha"), make_product("Gyokuro")
    sell_out(gone)
    instead.unpublish()

    assert html(product_block(gone, when_gone="substitute", substitute=instead)).strip() == ""


def test_a_substitute_is_not_shown_unless_asked_for():
    gone, instead = make_product("Sencha"), make_product("Gyokuro")
    sell_out(gone)

    assert html(product_block(gone, when_gone="hide", substitute=instead)).strip() == ""


def grid(**fields):
    value = {
        "heading": "Look",
        "intro": "",
        "source": "chosen",
        "products": [],
        "category": None,
        "tag": "",
        "limit": 8,
    }
    return "products", value | {"limit": 8} | fields


def test_a_grid_of_chosen_products_keeps_their_order_and_leaves_out_what_is_gone():
    first, second, gone = make_product("Sencha"), make_product("Gyokuro"), make_product("Bancha")
    gone.unpublish()

    shown = html(grid(products=[second.pk, gone.pk, first.pk]))

    assert shown.index("Gyokuro") < shown.index("Sencha")
    assert "Bancha" not in shown


def test_a_grid_of_a_category_shows_what_is_below_it():
    tea = make_category("Tea")
    make_product("Sencha", category=make_category("Green", parent=tea))
    make_product("Bowl", category=make_category("Ceramics"))

    shown = html(grid(source="category", category=tea.pk))

    assert "Sencha" in shown
    assert "Bowl" not in shown


def test_a_grid_of_a_tag_and_of_the_featured_products_ends_at_its_limit():
    for number in range(4):
        make_product(f"Spring {number}", tags=["spring"], position=number)
        make_product(f"Star {number}", featured=True, position=number)

    tagged, featured = html(grid(source="tag", tag="spring", limit=2)), html(grid(source="featured", limit=3))

    assert [f"Spring {number}" in tagged for number in range(4)] == [True, True, False, False]
    assert [f"Star {number}" in featured for number in range(4)] == [True, True, True, False]
    assert "Star" not in tagged


def test_an_empty_grid_shows_no_heading():
    assert html(grid(source="category", category=make_category("Empty").pk)).strip() == ""


def facts(*rows):
    return [("facts", {"caption": "", "header": [], "rows": [list(row) for row in rows]})]


def compare(*products):
    return "comparison", {"heading": "Which one?", "products": [product.pk for product in products]}


def test_a_comparison_sets_prices_stock_and_facts_side_by_side():
    sencha = make_product(
        "Sencha",
        variants=[{"price": "8.90"}],
        texts={"en": {"body": facts(("Water", "70 °C"), ("Harvest", "May"))}},
    )
    assam = make_product(
        "Assam", variants=[{"price": "7.50", "stock": 0}], texts={"en": {"body": facts(("Water", "95 °C"))}}
    )

    shown = html(compare(sencha, assam))

    for words in ("€8.90", "€7.50", "Sold out", "Water", "70 °C", "95 °C", "Harvest"):
        assert words in shown


def test_a_comparison_of_one_is_none():
    sencha, assam = make_product("Sencha"), make_product("Assam")
    assam.unpublish()

    assert html(compare(sencha, assam)).strip() == ""


def queries(*blocks):
    body = stored(*blocks)
    html(*blocks)  # makes the pictures
    request = RequestFactory().get("/en/")
    with CaptureQueriesContext(connection) as captured:
        Template("{% load block_tags %}{% stream body %}").render(Context({"body": body, "request": request}))
    return [query["sql"] for query in captured.captured_queries]


@pytest.mark.parametrize("count", [1, 10])
def test_many_product_blocks_cost_as_much_as_one(count):
    products = [
        make_product(f"Tea {number}", images=[make_image()], variants=[{"price": 5}, {"price": 6}])
        for number in range(count)
    ]
    instead = make_product("Instead", images=[make_image()])

    costs = queries(*[product_block(product, when_gone="substitute", substitute=instead) for product in products])

    # The chosen and the substitutes; then products, texts, pictures, their files, variants.
    assert len(costs) == 7, "\n".join(cost[:60] for cost in costs)


@pytest.mark.parametrize("count", [1, 6])
def test_blocks_of_all_kinds_share_their_queries(count):
    tea = make_category("Tea")
    products = [
        make_product(f"Tea {number}", category=tea, tags=["green"], featured=True, images=[make_image()])
        for number in range(3)
    ]
    blocks = [
        product_block(products[0]),
        compare(*products),
        grid(products=[product.pk for product in products]),
        grid(source="featured"),
        grid(source="tag", tag="green"),
        grid(source="category", category=tea.pk, limit=2),
        grid(source="category", category=tea.pk, limit=3),
    ]

    costs = queries(*(blocks * count))

    # Choosers of product, comparison, grid and category: 4; category tree, listings: 2; the products: 5.
    assert len(costs) == 11, "\n".join(cost[:60] for cost in costs)


def test_a_ready_made_call_to_action_is_shown_while_it_is_published():
    home = HomePage.objects.get(locale__language_code="en")
    call = CallToAction.objects.create(title={"en": "Come in"}, label={"en": "Go"}, page=home)
    block = ("call_to_action", {"chosen": call.pk, "heading": "", "text": "", "label": "", "page": None})
    assert "Come in" in html(block)
    assert 'href="/en/"' in html(block)

    call.unpublish()

    assert html(block).strip() == ""


def test_a_call_to_action_to_an_unpublished_page_has_no_button():
    home = HomePage.objects.get(locale__language_code="en")
    page = home.add_child(instance=HomePage(title="Gone", slug="gone", live=False))
    block = ("call_to_action", {"chosen": None, "heading": "Look", "text": "", "label": "Go", "page": page.pk})

    shown = html(block)

    assert "Look" in shown
    assert "button" not in shown


def test_questions_open_without_a_script():
    entry = {"type": "item", "value": {"question": "How hot?", "answer": "<p>70 °C</p>"}, "id": "q"}
    shown = html(("faq", {"heading": "Asked often", "questions": [entry]}))

    assert "<details" in shown
    assert "How hot?" in shown
    assert RichText("<p>70 °C</p>").source in shown


def test_a_video_contacts_nobody_before_it_is_played():
    shown = html(("video", {"video": "https://youtu.be/dQw4w9WgXcQ", "title": "Whisking matcha", "image": None}))

    assert "<iframe" not in shown
    assert 'data-player="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"' in shown
    assert 'href="https://youtu.be/dQw4w9WgXcQ"' in shown


def test_text_in_blocks_is_escaped():
    shown = html(("quote", {"text": "<script>alert(1)</script>", "source": ""}))

    assert "<script>" not in shown
