"""What shoppers read on category and product pages, in their language or another."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from catalog.models import Category, Product
from catalog.tests.factories import make_category, make_image, make_option, make_product
from catalog.views import category_context, product_context

pytestmark = pytest.mark.django_db


def product(code: str, slug: str) -> str:
    """The address of a product page: the path words are translated, too."""
    with override(code):
        return reverse("catalog:product", args=[slug])


def page(client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_it_works(client):
    make_product("Sencha", category=make_category("Tea"), images=[make_image()])

    html = page(client, "/en/product/sencha/")

    assert "<h1>Sencha</h1>" in html
    assert "€8.90" in html
    assert "In stock" in html
    assert '<input type="hidden" name="variant"' in html
    assert "Not yet translated" not in html


def test_a_text_in_another_language_says_so_and_is_marked(client):
    make_product("Sencha", category=make_category("Tea", languages=["en"]), languages=["en"])

    html = page(client, product("ar", "sencha"))

    assert '<html lang="ar" dir="rtl">' in html
    assert '<h1 lang="en" dir="ltr">Sencha</h1>' in html
    assert 'class="not-translated"' in html


def test_hreflang_names_only_languages_with_a_text_of_their_own(client):
    make_product("Sencha", languages=["en", "de"])

    html = page(client, product("de", "sencha-de"))

    assert f'<link rel="canonical" href="http://testserver{product("de", "sencha-de")}">' in html
    assert '<link rel="alternate" hreflang="en" href="http://testserver/en/product/sencha/">' in html
    assert f'<link rel="alternate" hreflang="de" href="http://testserver{product("de", "sencha-de")}">' in html
    assert '<link rel="alternate" hreflang="x-default" href="http://testserver/en/product/sencha/">' in html
    assert 'hreflang="ar" href="http' not in html


def test_a_fallback_is_canonical_where_it_is_written(client):
    make_product("Sencha", languages=["en"])

    html = page(client, product("de", "sencha"))

    assert '<link rel="canonical" href="http://testserver/en/product/sencha/">' in html


def test_the_language_switch_stays_on_the_product_and_keeps_the_query(client):
    make_product("Sencha", languages=["en", "de"])

    html = page(client, "/en/product/sencha/?from=mail")

    assert f'href="{product("de", "sencha-de")}?from=mail"' in html
    assert f'href="{product("ar", "sencha")}?from=mail"' in html


def test_a_product_answers_only_to_the_slug_of_the_language_it_is_shown_in(client):
    make_product("Sencha", languages=["en", "de"])

    assert client.get(product("de", "sencha-de")).status_code == 200
    assert client.get(product("de", "sencha")).status_code == 301  # a German name was added since
    assert client.get("/en/product/sencha-de/").status_code == 404


def test_its_own_slug_wins_over_another_products_fallback(client):
    make_product("Minze", languages=["en"], texts={"en": {"name": "Only English", "slug": "minze"}})
    make_product("Mint", languages=["en"], texts={"de": {"name": "Die deutsche", "slug": "minze"}})

    assert "<h1>Die deutsche</h1>" in page(client, product("de", "minze"))


def test_a_draft_is_not_found(client):
    make_product("Sencha", live=False)

    assert client.get("/en/product/sencha/").status_code == 404


def test_a_sale_shows_both_prices_in_words(client):
    now = timezone.now()
    window = {"sale_from": now - timedelta(days=1), "sale_until": now + timedelta(days=1)}
    make_product("Sencha", variants=[{"price": Decimal("8.50"), "sale_price": Decimal("6.80"), **window}])

    html = page(client, "/en/product/sencha/")

    assert "Sale price:</span> <bdi>€6.80</bdi>" in html
    assert "Regular price:</span> <bdi>€8.50</bdi>" in html


def test_a_sold_out_choice_stays_visible(client):
    small, large = make_option("size", ["50 g", "100 g"]).values.all()
    make_product("Sencha", variants=[{"option_1": small, "stock": 0}, {"option_1": large, "stock": 3}])

    html = page(client, "/en/product/sencha/")

    assert html.count('type="radio"') == 2
    assert html.count(" disabled>") == 1
    assert "Sold out" in html
    assert "Only 3 left" in html


def test_a_sold_out_product_leads_to_its_category(client):
    make_product("Sencha", category=make_category("Tea"), variants=[{"stock": 0}])

    html = page(client, "/en/product/sencha/")

    assert "Add to cart" not in html
    assert "Sold out at the moment." in html
    assert '<a href="/en/shop/tea/">More in “Tea”</a>' in html


def test_a_category_shows_what_is_below_it(client):
    tea = make_category("Tea")
    green = make_category("Green tea", parent=tea)
    make_product("Sencha", category=green)

    html = page(client, "/en/shop/tea/")

    assert '<a href="/en/shop/tea/green-tea/">Green tea</a>' in html
    assert 'href="/en/product/sencha/"' in html


def test_an_empty_category_shows_the_way_on(client):
    make_category("Tea")

    assert "Nothing on this shelf yet" in page(client, "/en/shop/tea/")


def test_listings_have_pages(client):
    for number in range(25):
        make_product(f"Tea {number}")

    first, second = page(client, "/en/shop/"), page(client, "/en/shop/?page=2")

    assert first.count('class="product-card"') == 24
    assert "Page 1 of 2" in first
    assert second.count('class="product-card"') == 1
    assert '<link rel="canonical" href="http://testserver/en/shop/?page=2">' in second
    assert "Show 1 more product" in first
    assert "25–25 of 25 products" in second


@pytest.mark.parametrize(
    ("begin", "status", "pager"),
    [
        ("1", "1–25 of 25 products", False),
        *((odd, "25–25 of 25", True) for odd in ("2", "0", "x", "٢", "-1", "9" * 99)),
    ],
)
def test_what_is_added_below_counts_from_where_the_screen_begins(client, begin, status, pager):
    for number in range(25):
        make_product(f"Tea {number}")

    html = page(client, f"/en/shop/?page=2&from={begin}")

    assert status in html
    assert ("Page 2 of 2" in html) == pager


@pytest.mark.parametrize(
    ("template", "context"),
    [
        ("catalog/product.html", lambda request: product_context(request, Product())),
        ("catalog/category.html", lambda request: category_context(request, Category())),
    ],
)
def test_a_draft_without_any_text_has_a_preview(rf, template, context):
    request = rf.get("/en/")

    assert "<h1></h1>" in render_to_string(template, context(request), request)
