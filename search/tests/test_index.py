"""The table says what is public, and only that."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from blog.tests.factories import make_post
from catalog.models import Product
from catalog.tests.factories import make_category, make_option, make_product
from core.models import ContentPage, HomePage
from search import index, languages
from search.models import Change, Entry, Kind, Word

pytestmark = pytest.mark.django_db


def titles(kind: str = "product", language: str = "en") -> list[str]:
    return sorted(Entry.objects.filter(kind=kind, language=language).values_list("title", flat=True))


def words(language: str = "en") -> dict[str, int]:
    return dict(Word.objects.filter(language=language).values_list("word", "entries"))


def renamed(thing: Any, name: str) -> list[Any]:
    """Its translations, English first, under a new name."""
    rows = sorted(thing.translations.all(), key=lambda row: row.language_code != "en")
    for row in rows:
        row.name = name
    return rows


def rebuild() -> None:
    call_command("rebuild_search", stdout=StringIO())


def test_a_rebuild_writes_a_row_per_object_and_language():
    make_product("Sencha", languages=("en", "de"), variants=[{"sku": "SEN-1", "gtin": "9521000000018"}])

    rebuild()

    entry = Entry.objects.get(kind=Kind.PRODUCT, language="de")
    assert (entry.title, entry.codes) == ("Sencha de", ["sen1", "09521000000018"])
    assert titles() == ["Sencha"]
    assert words()["sencha"] == 1


def test_publishing_and_taking_down(caught_up):
    product = make_product("Sencha", live=False)
    with caught_up():
        product.save_revision().publish()
    assert titles() == ["Sencha"]
    assert not Change.objects.exists()

    with caught_up():
        Product.objects.get().unpublish()

    assert titles() == []
    assert words() == {}


def test_a_new_name_and_a_language_that_was_removed(caught_up):
    product = make_product("Sencha", languages=("en", "de"))
    rebuild()

    product.translations = renamed(product, "Gyokuro")[:1]
    with caught_up():
        product.save_revision().publish()

    assert titles() == ["Gyokuro"]
    assert titles(language="de") == []
    assert "sencha" not in words()


def test_a_draft_of_a_live_product_changes_nothing(caught_up):
    product = make_product("Sencha")
    rebuild()

    product.translations = renamed(product, "Secret")
    with caught_up():
        product.save_revision()

    assert titles() == ["Sencha"]


def test_deleting_drops_the_rows(caught_up):
    product = make_product("Sencha", variants=[])
    rebuild()

    with caught_up():
        product.delete()

    assert titles() == []


@pytest.mark.parametrize("field", ["option", "category", "tag"])
def test_labels_of_others_are_followed(caught_up, field):
    option = make_option("size", ["large"])
    parent = make_category("Ceramics")
    category = make_category("Pots", parent=parent)
    product = make_product("Sencha", category=category, tags=["japan"], variants=[{"option_1": option.values.get()}])
    rebuild()
    assert {"large", "ceramics", "japan"} <= words().keys()

    with caught_up():
        if field == "option":
            value = option.values.get()
            value.label = {"en": "Zebra"}
            value.save()
        elif field == "category":
            parent.translations = renamed(parent, "Zebra")
            parent.save_revision().publish()
        else:
            tag = product.tags.get()
            tag.name = "Zebra"
            tag.save()

    entry = Entry.objects.get(kind=Kind.PRODUCT, language="en")
    assert "zebra" in entry.words


def test_what_cannot_be_written_holds_nothing_up():
    endless = " ".join(f"{number}\u0101" for number in range(60_000))
    category = make_category(texts={"en": {"intro": endless}})
    make_product("Sencha")
    index.note(Kind.CATEGORY, [category.pk])
    index.note(Kind.PRODUCT, Product.objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:  # PostgreSQL refuses whatever has this category's name
        cursor.execute("ALTER TABLE search_entry ADD CONSTRAINT refused CHECK (title <> 'Tea de')")

    assert index.catch_up() == 2

    assert titles() == ["Sencha"]
    assert titles("category") == []
    assert [change.object_id for change in Change.objects.all()] == [category.pk]
    index.repair()
    assert Change.objects.count() == 1

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE search_entry DROP CONSTRAINT refused")
    index.catch_up()
    assert titles("category") == ["Tea"]
    assert not Change.objects.exists()


def test_endless_texts_are_written_as_far_as_they_can_be_searched():
    endless = " ".join(f"{number:06}\u0101\u0915" for number in range(120_000))
    make_category(texts={"en": {"intro": endless, "body": [("paragraph", endless)]}})

    rebuild()

    assert titles("category") == ["Tea"]


def test_what_editors_set_is_no_text_of_a_post():
    product = make_product("Whisk")
    blocks = [
        ("product", {"product": product, "note": "Visible note", "when_gone": "hide"}),
        ("products", {"heading": "Visible heading", "source": "tag", "tag": "zebra", "products": [], "limit": 4}),
        ("video", {"video": "https://www.youtube.com/watch?v=abc", "title": "Visible title"}),
    ]
    make_post("Matcha", body=blocks)

    rebuild()

    assert Entry.objects.get(kind=Kind.POST).body == "Visible note Visible heading Visible title"


def test_a_category_that_is_hidden_elsewhere_names_its_products(settings):
    settings.HIDE_UNTRANSLATED = ["category"]
    kannen = make_category(texts={"de": {"name": "Kannen"}}, languages=["de"])
    make_category(texts={"de": {"name": "Kyusu"}}, languages=["de"], parent=kannen)
    make_product("Seitengriff", category=kannen)

    rebuild()

    assert Entry.objects.get(kind=Kind.PRODUCT, language="de").keywords.startswith("Kannen")
    assert Entry.objects.get(kind=Kind.CATEGORY, language="de", title="Kyusu").keywords == "Kannen"
    assert not Entry.objects.filter(kind=Kind.PRODUCT, language="en", keywords__contains="Kannen").exists()


def test_posts_and_pages(caught_up):
    with caught_up():
        post = make_post("Seventy degrees")
        post.save_revision().publish()
    assert titles("post") == ["Seventy degrees"]

    with caught_up():
        post.unpublish()
    assert titles("post") == []


def test_a_post_enters_on_its_day(caught_up):
    post = make_post("Tomorrow", date=timezone.localdate() + timedelta(days=1))
    rebuild()
    assert titles("post") == []

    type(post).objects.filter(pk=post.pk).update(date=date(2026, 1, 1))
    assert index.repair() == 1
    index.catch_up()

    assert titles("post") == ["Tomorrow"]


def test_closing_a_page_takes_it_and_all_below_out(caught_up):
    post = make_post("Seventy degrees")
    rebuild()
    assert titles("post") == ["Seventy degrees"]

    with caught_up():
        restriction = PageViewRestriction.objects.create(
            page=Page.objects.get(pk=post.get_parent().pk), restriction_type="login"
        )
    assert titles("post") == []

    with caught_up():
        restriction.delete()
    assert titles("post") == ["Seventy degrees"]


def test_moving_below_a_private_page_takes_all_of_it_out(caught_up):
    home = HomePage.objects.get(locale__language_code="en")
    private = home.add_child(instance=ContentPage(title="Staff", slug="staff"))
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    guide = home.add_child(instance=ContentPage(title="Guide", slug="guide"))
    guide.add_child(instance=ContentPage(title="Water", slug="water"))
    rebuild()
    assert titles("page") == ["Guide", "Water"]

    with caught_up():
        Page.objects.get(pk=guide.pk).move(Page.objects.get(pk=private.pk), pos="last-child")
    assert titles("page") == []
    assert "water" not in words()

    with caught_up():
        Page.objects.get(pk=guide.pk).move(Page.objects.get(pk=home.pk), pos="last-child")
    assert titles("page") == ["Guide", "Water"]


def test_repair_finds_what_was_written_behind_its_back():
    gone = make_product("Gone")
    rebuild()
    late = make_product("Late")
    Product.objects.filter(pk=gone.pk).update(live=False)

    assert index.repair() == 2
    index.catch_up()

    assert titles() == [late.text.name]


def test_a_repeat_changes_nothing():
    make_product("Sencha", tags=["japan"])
    rebuild()
    before = (titles(), words(), words("de"))

    rebuild()
    index.refresh(Kind.PRODUCT, Product.objects.values_list("pk", flat=True))

    assert (titles(), words(), words("de")) == before


def test_a_rebuild_brings_the_words_back_with_their_stems():
    make_product("Teapots", languages=["en"])
    make_product("Kettles", languages=["en"])
    rebuild()
    before = set(Word.objects.values_list("word", "stem", "entries"))
    assert ("teapots", "teapot", 1) in before

    Word.objects.filter(word="teapots").delete()
    Word.objects.filter(word="kettles").update(stem="nonsense")
    rebuild()

    assert set(Word.objects.values_list("word", "stem", "entries")) == before


def test_what_is_published_meanwhile_is_caught_up_with_too(monkeypatch):
    first, second = make_product("Sencha"), make_product("Gyokuro")
    written = index.refresh

    def refresh(kind: Kind, pks: list[int], **how: bool) -> int:
        if not Entry.objects.exists():
            Change.objects.create(kind=Kind.PRODUCT, object_id=second.pk)
        return written(kind, pks, **how)

    monkeypatch.setattr(index, "refresh", refresh)
    index.note(Kind.PRODUCT, [first.pk])
    index.catch_up()

    assert titles() == ["Gyokuro", "Sencha"]


def test_hundreds_of_changes_cost_the_same_queries_per_batch(django_assert_max_num_queries):
    for number in range(6):
        make_product(f"Tea {number}")
    with django_assert_max_num_queries(12 + 2 * 6 + 4):  # what is read, one statement per row, the words
        index.refresh(Kind.PRODUCT, Product.objects.values_list("pk", flat=True))


def test_the_languages_have_their_indexes_and_configurations():
    assert languages.missing_indexes() == []
    assert languages.missing_extensions() == []
    found = languages.existing("SELECT cfgname FROM pg_ts_config WHERE cfgname LIKE 'search_%%'")
    assert {"search_en", "search_de", "search_ar"} <= found


def test_a_language_without_a_stemmer_and_without_spaces_is_searched_by_characters(settings):
    settings.LANGUAGES = [*settings.LANGUAGES, ("ja", "Japanese")]
    assert languages.missing_indexes() == ["ja"]
    make_product(texts={"ja": {"name": "煎茶の朝霧"}})
    rebuild()

    assert languages.missing_indexes() == []
    assert Entry.objects.candidates("ja", "'茶' & '朝'", "", 5).count() == 1
