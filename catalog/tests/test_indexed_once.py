"""Wagtail's two indexes of a translated snippet, who refers to what and who is called what: right, and written once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import ReferenceIndex
from wagtail.search.backends import get_search_backend
from wagtail.search.models import IndexEntry

from catalog.models import Product, ProductImage, ProductTranslation
from catalog.tests.factories import make_category, make_image, make_product

pytestmark = pytest.mark.django_db


def users_of(thing):
    return [str(used) for used, _references in ReferenceIndex.get_references_to(thing).group_by_source_object()]


def found(words):
    return list(get_search_backend().autocomplete(words, Product.objects.all()))


def test_a_publish_reads_and_writes_them_once():
    product = make_product(languages=("en", "de", "ar"), images=[make_image(), make_image()], variants=[{}, {}])
    revision = product.save_revision()

    with CaptureQueriesContext(connection) as captured:
        revision.publish()

    asked = [query["sql"] for query in captured if 'FROM "wagtailcore_referenceindex"' in query["sql"]]
    written = [query["sql"] for query in captured if "INSERT INTO wagtailsearch_indexentry" in query["sql"]]
    assert (len(asked), len(written)) == (1, 1)


def test_what_is_published_is_in_both():
    old, new = make_image(), make_image()
    product = make_product(images=[old])
    assert (users_of(old), found("Sen")) == (["Sencha"], [product])
    draft = product.get_latest_revision_as_object()
    draft.images = [ProductImage(image=new)]
    draft.translations = [ProductTranslation(language_code="en", name="Assam")]

    revision = draft.save_revision()
    assert (users_of(old), found("Sen"), found("Ass")) == (["Sencha"], [product], [])
    revision.publish()

    assert (users_of(old), users_of(new)) == ([], ["Assam"])
    assert (found("Sen"), found("Ass")) == ([], [product])


def test_a_field_that_is_saved_alone_counts_when_it_refers_to_something():
    category, product = make_category(), make_product()
    product.category = category
    product.save(update_fields=["category"])
    assert users_of(category) == ["Sencha"]

    with CaptureQueriesContext(connection) as captured:
        product.save(update_fields=["live", "latest_revision"])
    assert len(captured) == 1


@pytest.mark.parametrize("delete", [Product.delete, lambda product: Product.objects.filter(pk=product.pk).delete()])
def test_nothing_is_left_of_what_is_deleted(delete):
    picture = make_image()
    product = make_product(images=[picture], variants=[])
    entry = IndexEntry.objects.get(content_type__model="product", object_id=product.pk)

    delete(product)

    assert users_of(picture) == []
    assert not IndexEntry.objects.filter(pk=entry.pk).exists()
