"""The list of problems: each is found, named, linked to its place, and gone when it is put right."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog.sending import plan, send_due
from blog.tests.factories import make_issue, make_subscriber
from catalog.models import ProductImage
from catalog.tests.factories import make_category, make_image, make_product
from core.models import HomePage
from editorial.problems import problems

pytestmark = pytest.mark.django_db
ALL = ["en", "de", "ar"]


@pytest.fixture
def mona(person):
    return person("mona", "Moderators")


def texts_of(user, name):
    return [problem.text for problem in problems(user) if problem.name == name]


def test_a_language_is_missing(mona):
    tea = make_product("Sencha", languages=["en", "de"])

    found = [problem for problem in problems(mona) if problem.name == "Sencha"]

    assert [problem.text for problem in found] == ["Not in Arabic yet."]
    assert found[0].url == f"/admin/snippets/catalog/product/edit/{tea.pk}/#tab-arabic"
    assert texts_of(mona, make_category("Whole", languages=ALL)) == []


def test_featured_but_sold_out(mona):
    make_product("Gone", languages=ALL, featured=True, variants=[{"stock": 0}])
    make_product("There", languages=ALL, featured=True)

    assert texts_of(mona, "Gone") == ["Featured, but sold out."]
    assert texts_of(mona, "There") == []


def test_a_picture_without_alt_text(mona):
    tea = make_product("Sencha", languages=ALL, images=[make_image()])
    assert texts_of(mona, "Sencha") == []

    ProductImage.objects.filter(product=tea).update(alt={"en": "Leaves", "de": ""})

    assert texts_of(mona, "Sencha") == ["A picture has no alt text in one of its languages."]


def test_a_picture_in_a_text_without_alt_text(mona):
    image = make_image()
    tea = make_product("Sencha", languages=ALL)
    text = tea.translations.get(language_code="de")
    text.body = [("picture", {"image": image, "alt": "", "caption": ""})]
    text.save()

    found = [problem for problem in problems(mona) if problem.name == "Sencha"]

    assert [problem.text for problem in found] == ["A picture in the text has no alt text."]
    assert found[0].url.endswith("#tab-german")


def test_a_block_shows_an_unpublished_product(mona):
    tea = make_product("Sencha", languages=ALL)
    home = HomePage.objects.get(locale__language_code="en")
    home.body = [("products", {"heading": "Ours", "intro": "", "products": [tea]})]
    home.save_revision().publish()
    sentence = "Shows or links to “Sencha”, which is not live."
    assert sentence not in texts_of(mona, home.title)

    tea.unpublish()

    assert sentence in texts_of(mona, home.title)


def test_problems_are_for_who_can_put_them_right(person):
    make_product("Gone", featured=True, variants=[{"stock": 0}])

    assert problems(person("max", "Shop managers")) == []


def test_a_newsletter_that_cannot_leave(mona):
    issue = make_issue(when_missing="block")
    make_subscriber(language="de")
    plan(issue.translation_key, issue.subject, timezone.now() - timedelta(minutes=6), mona)

    assert "Was to be sent as a newsletter, and waits: see menu “Newsletter”." in texts_of(mona, issue.title)
    make_issue("de", like=issue)
    assert send_due() == 1
    assert "newsletter" not in " ".join(texts_of(mona, issue.title))
