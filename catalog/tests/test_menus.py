"""Header, footer and shop details: per language, only what is published, and new at once."""

import pytest
from django.urls import reverse
from django.utils import translation
from wagtail.models import Locale

from catalog.menus import load_menu, menu
from catalog.tests.factories import make_category
from core.cache import renew_window
from core.context_processors import shop_details
from core.models import ContentPage, HomePage, Menu, ShopSettings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered():
    renew_window()


def make_menu(code, *items, place=Menu.Place.HEADER, **fields):
    return Menu.objects.create(place=place, items=list(items), locale=Locale.objects.get(language_code=code), **fields)


def make_page(title, slug="about", **fields):
    home = HomePage.objects.get(locale__language_code="en")
    return home.add_child(instance=ContentPage(title=title, slug=slug, locale=home.locale, **fields))


def shown(place=Menu.Place.HEADER, language="en"):
    with translation.override(language):
        return [(link.name, link.url) for link in load_menu(place)]


def test_it_works(client):
    category, page = make_category("Tea", languages=("en", "de")), make_page("The house")
    make_menu(
        "en",
        ("category", {"category": category, "label": ""}),
        ("page", {"page": page, "label": "Who we are"}),
        ("place", {"place": "cart", "label": ""}),
    )

    assert shown() == [("Tea", "/en/shop/tea/"), ("Who we are", "/en/about/"), ("Cart", "/en/cart/")]
    assert "Who we are" in client.get("/en/").content.decode()


def test_a_language_without_a_menu_shows_the_default_ones_in_its_own_words():
    category = make_category("Tea", languages=("en", "de"))
    make_menu("en", ("category", {"category": category, "label": ""}))

    assert shown(language="de") == [("Tea de", "/de/laden/tea-de/")]


def test_a_menu_of_its_own_wins():
    make_menu("en", ("place", {"place": "shop", "label": "Everything"}))
    make_menu("de", ("place", {"place": "shop", "label": "Das Lager"}))

    assert [name for name, _url in shown(language="de")] == ["Das Lager"]


def test_what_is_not_published_is_left_out_and_an_empty_group_with_it():
    draft = make_page("Draft", "draft", live=False)
    group = {"heading": "The house", "links": [("page", {"page": draft, "label": ""})]}
    make_menu("en", ("page", {"page": draft, "label": "Draft"}), ("group", group), place=Menu.Place.FOOTER)

    assert shown(Menu.Place.FOOTER) == []


def test_a_draft_menu_changes_nothing():
    make_menu("en", ("place", {"place": "shop", "label": "Not yet"}), live=False)

    assert "Not yet" not in [name for name, _url in shown()]


def test_publishing_shows_at_once(django_capture_on_commit_callbacks):
    made = make_menu("en", ("place", {"place": "shop", "label": "Old"}))
    assert [link.name for link in menu(Menu.Place.HEADER)] == ["Old"]

    made.items[0].value["label"] = "New"
    with django_capture_on_commit_callbacks(execute=True):
        made.save_revision().publish()

    assert [link.name for link in menu(Menu.Place.HEADER)] == ["New"]


def test_shop_details_are_edited_by_moderators_and_show_at_once(
    moderator, editor, client, django_capture_on_commit_callbacks
):
    url = reverse("wagtailsettings:edit", args=["core", "shopsettings", ShopSettings.load().pk])
    fields = {"name": "Leaf & <b>", "email": "kettle@example.com", "social_links-count": "0"}
    assert shop_details().name == "Vitrine"

    editor.post(url, fields)
    assert shop_details().name == "Vitrine"

    with django_capture_on_commit_callbacks(execute=True):
        moderator.post(url, fields)
    assert "Leaf &amp; &lt;b&gt;" in client.get("/en/").content.decode()
