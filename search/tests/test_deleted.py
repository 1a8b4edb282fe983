"""What is deleted leaves the search, and so do the words it gave to others."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from blog.models import Author, PostAuthor
from blog.tests.factories import make_post
from catalog.models import Attribute, AttributeChoice, AttributeValue, ProductType
from catalog.tests.factories import make_category, make_option, make_product
from search.models import Entry, Word

pytestmark = pytest.mark.django_db


def rebuild() -> None:
    call_command("rebuild_search", stdout=StringIO())


def words() -> set[str]:
    return set(Word.objects.filter(language="en").values_list("word", flat=True))


@pytest.mark.parametrize("word", ["category", "parent", "type", "tag", "option", "attribute", "choice"])
def test_what_is_deleted_is_found_by_its_name_no_more(caught_up, word):
    option = make_option("size", ["option"])
    origin = Attribute.objects.create(key="origin", name={"en": "Attribute"}, kind=Attribute.Kind.CHOICE)
    choice = AttributeChoice.objects.create(attribute=origin, key="choice", label={"en": "Choice"})
    parent = make_category("Parent")
    things = {
        "parent": parent,
        "category": make_category("Category", parent=parent),
        "type": ProductType.objects.create(key="type", name={"en": "Type"}),
        "option": option,
        "attribute": origin,
        "choice": choice,
    }
    product = make_product(
        category=things["category"],
        product_type=things["type"],
        tags=["tag"],
        variants=[{"option_1": option.values.get()}],
    )
    AttributeValue.objects.create(product=product, attribute=origin, choice=choice)
    rebuild()
    assert {*things, "tag"} <= words()

    with caught_up():
        (product.tags.get() if word == "tag" else things[word]).delete()

    assert word not in words()
    assert "sku" in words()


def test_a_deleted_topic_and_author(caught_up):
    post = make_post("Seventy degrees", tags=["brewing"])
    author = Author.objects.create(name={"en": "Nadia"})
    PostAuthor.objects.create(page=post, author=author)
    rebuild()
    assert {"brewing", "nadia"} <= words()

    with caught_up():
        author.delete()
        post.tags.get().delete()

    assert not {"brewing", "nadia"} & words()


def test_deleting_a_page_drops_all_below(caught_up):
    blog = make_post("Seventy degrees").get_parent()
    rebuild()

    with caught_up():
        blog.delete()

    assert not Entry.objects.exclude(kind="page").exists()
    assert "seventy" not in words()
