"""Filling the shop adds what is missing, and nothing else. All of it is filled by tests/demo.py."""

from io import StringIO

from django.core.cache import cache
from django.core.management import call_command

from catalog.exchange.pictures import same_picture
from catalog.models import Category, Product, ProductImage
from commerce.models import Order
from core.models import ContentPage
from core.pictures import PLACES
from demo import seed


def counts():
    return [model.objects.count() for model in (Category, ContentPage, Product, ProductImage, Order)]


def test_a_second_time_it_adds_what_is_missing(demo_db):
    before = counts()
    page = ContentPage.objects.filter(slug="about").get()
    page.delete()
    Product.objects.filter(variants__sku="BOX-FIRST").update(position=77)

    call_command("seed_demo", "--no-picture-sizes", stdout=StringIO())

    assert counts() == before
    assert ContentPage.objects.get(slug="about").pk != page.pk
    assert Product.objects.get(variants__sku="BOX-FIRST").position == 77


def test_a_shop_with_products_is_left_alone_at_the_start(demo_db):
    ContentPage.objects.filter(slug="about").get().delete()
    said = StringIO()

    call_command("seed_demo", "--if-empty", stdout=said)

    assert "has products already" in said.getvalue()
    assert not ContentPage.objects.filter(slug="about").exists()


def test_the_first_visitor_does_not_wait_for_pictures(demo_db):
    one = ProductImage.objects.earliest("pk")
    ProductImage.objects.exclude(pk=one.pk).delete()
    Category.objects.update(image=None)

    assert list(seed.seed_renditions()) == [(1, 2), (2, 2)]

    made = set(one.image.renditions.values_list("filter_spec", flat=True))
    assert made > {*PLACES["card"].specs, *PLACES["gallery"].specs}


def test_an_import_finds_the_pictures_that_are_here(demo_db):
    image = ProductImage.objects.earliest("pk").image

    assert same_picture(image.file.read()) == image


def test_nothing_is_remembered_of_another_database(django_db_setup, request):
    cache.set("picture-12", "of the other database")

    request.getfixturevalue("demo_db")

    assert cache.get("picture-12") is None
