"""Old addresses of products, categories and pages lead to the new ones, per language."""

import pytest
from wagtail.models import Locale

from catalog.models import Product
from catalog.tests.factories import make_category, make_product
from catalog.tests.test_shop_pages import product as product_url
from core.models import ContentPage, HomePage

pytestmark = pytest.mark.django_db


def rename(instance, code, slug):
    """As publishing a draft does."""
    instance.set_current_language(code)
    instance.slug = slug
    instance.save_revision().publish()


def leads_to(client, url):
    response = client.get(url)
    assert response.status_code == 301, (url, response.status_code)
    return response.url


def test_it_works(client):
    tea = make_product("Sencha")
    rename(tea, "de", "morgentau")

    assert (
        leads_to(client, product_url("de", "sencha-de") + "?size=50g") == product_url("de", "morgentau") + "?size=50g"
    )
    assert client.get(product_url("en", "sencha")).status_code == 200
    assert client.get(product_url("en", "sencha-de")).status_code == 404


def test_one_hop_after_many_names_and_none_after_going_back(client):
    tea = make_product("Sencha")
    for slug in ("b", "c", "sencha"):
        rename(Product.objects.get(pk=tea.pk), "en", slug)

    assert client.get(product_url("en", "sencha")).status_code == 200
    assert leads_to(client, product_url("en", "b")) == leads_to(client, product_url("en", "c"))
    assert leads_to(client, product_url("en", "b")) == product_url("en", "sencha")


def test_new_owner_of_a_slug_wins(client):
    rename(make_product("Sencha"), "en", "sencha-first-flush")
    make_product("Sencha")

    response = client.get(product_url("en", "sencha"))

    assert response.status_code == 200


def test_address_in_the_fallback_language_leads_to_the_translation(client):
    tea = make_product("Sencha", languages=["en"])
    assert client.get(product_url("de", "sencha")).status_code == 200

    tea.set_current_language("de")
    tea.name, tea.slug = "Morgentau", "morgentau"
    tea.save_revision().publish()
    assert leads_to(client, product_url("de", "sencha")) == product_url("de", "morgentau")

    rename(Product.objects.get(pk=tea.pk), "en", "sencha-leaves")
    assert leads_to(client, product_url("de", "sencha")) == product_url("de", "morgentau")


def test_unpublished_product_is_not_shown_by_its_old_slug(client):
    tea = make_product("Sencha")
    rename(tea, "en", "new")
    tea.unpublish()

    assert client.get(product_url("en", "sencha")).status_code == 404


def test_removed_language_leads_to_the_fallback(client):
    tea = make_product("Sencha")
    tea.translations.get(language_code="de").delete()

    assert leads_to(client, product_url("de", "sencha-de")) == product_url("de", "sencha")


def test_categories_below_a_renamed_or_moved_one_follow(client):
    tea, other = make_category("Tea"), make_category("Drinks")
    green = make_category("Green", parent=tea)
    rename(tea, "en", "teas")

    assert leads_to(client, "/en/shop/tea/") == "/en/shop/teas/"
    assert leads_to(client, "/en/shop/tea/green/?page=2") == "/en/shop/teas/green/?page=2"

    green.parent = other
    green.save()
    assert leads_to(client, "/en/shop/teas/green/") == "/en/shop/drinks/green/"
    assert client.get("/en/shop/teas/nothing/").status_code == 404


def test_renamed_page_leads_on_in_its_own_language(client, django_capture_on_commit_callbacks):
    home = HomePage.objects.get(locale=Locale.objects.get(language_code="de"))
    about = home.add_child(instance=ContentPage(title="Über uns", slug="ueber-uns", locale=home.locale))
    about.add_child(instance=ContentPage(title="Team", slug="team", locale=home.locale))
    assert client.get("/de/ueber-uns/team/").status_code == 200

    about.slug = "das-haus"
    with django_capture_on_commit_callbacks(execute=True):
        about.save_revision().publish()

    assert leads_to(client, "/de/ueber-uns/") == "/de/das-haus/"
    assert leads_to(client, "/de/ueber-uns/team/") == "/de/das-haus/team/"
