"""What has no text in a language: shown in the default one, or hidden there when the shop is set so, per type."""

import pytest
from django.urls import reverse
from django.utils.translation import override

from catalog.tests.factories import make_category, make_product
from core.cache import renew_window

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    renew_window()  # menus are remembered for a minute
    tea = make_category("Tea", languages=["en", "ar"])
    pots = make_category("Pots", languages=["en"])
    make_product("Sencha", languages=["en", "ar"], category=tea)
    make_product("Assam", languages=["en"], category=tea)
    make_product("Kyusu", languages=["en", "ar"], category=pots)


def html(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def addresses():
    """In Arabic: all products, the pots, the Assam."""
    with override("ar"):
        return (
            reverse("catalog:shop"),
            reverse("catalog:category", args=["pots"]),
            reverse("catalog:product", args=["assam"]),
        )


def test_by_default_the_default_language_stands_in(shop, client, settings):
    everything, pots, assam = addresses()
    assert '<h3 class="product-card__name" lang="en" dir="ltr">' in html(client, everything)
    assert "Assam" in html(client, everything)
    assert '<h1 lang="en" dir="ltr">Assam</h1>' in html(client, assam)
    assert "Kyusu" in html(client, pots)


def test_products_may_be_hidden(shop, client, settings):
    settings.HIDE_UNTRANSLATED = ["product"]
    everything, pots, assam = addresses()
    assert "Assam" not in html(client, everything)
    assert "Sencha ar" in html(client, everything)
    html(client, assam, status=404)
    assert "Kyusu ar" in html(client, pots)
    assert "Assam" in html(client, "/en/shop/")
    assert "Assam" in html(client, "/en/product/assam/")


def test_addresses_in_other_languages_name_what_is_shown_there(client, settings):
    settings.HIDE_UNTRANSLATED = ["category"]
    pots = make_category("Pots", languages=["en"])
    make_category("Kyusu", parent=pots, languages=["en", "de"])

    german = html(client, "/de/laden/kyusu-de/")
    english = html(client, "/en/shop/pots/kyusu/")

    for page in (german, english):
        assert 'hreflang="en" href="http://testserver/en/shop/pots/kyusu/"' in page
        assert 'hreflang="de" href="http://testserver/de/laden/kyusu-de/"' in page


def test_categories_may_be_hidden(shop, client, settings):
    settings.HIDE_UNTRANSLATED = ["category"]
    everything, pots, assam = addresses()
    html(client, pots, status=404)
    assert "Pots" not in html(client, everything)
    assert "Kyusu ar" in html(client, everything)
    assert "Assam" in html(client, assam)
    assert "Pots" in html(client, "/en/shop/")
