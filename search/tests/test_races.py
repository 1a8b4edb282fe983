"""Several publish at once, and some do not get to the end."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from catalog.models import Product
from catalog.tests.factories import make_product
from search import index
from search.models import Change, Entry, Kind, Word
from tests.together import done_at_once

WORKERS = 4


def published(product: Product, name: str) -> None:
    draft = Product.objects.get(pk=product.pk).get_latest_revision_as_object()
    rows = list(draft.translations.all())
    for row in rows:
        row.name = f"{name} {row.language_code}"
    draft.translations = rows
    draft.save_revision().publish()


def table() -> tuple[set[Any], set[Any]]:
    entries = Entry.objects.values_list("kind", "object_id", "language", "title", "body")
    return set(entries), set(Word.objects.values_list("language", "word", "entries"))


def test_the_table_is_as_if_one_had_published_after_the_other(committed_db):
    products = [make_product(f"Tea {number}") for number in range(WORKERS)]

    def busy(at: int) -> None:
        for time in range(3):
            published(products[at], f"Leaf {at} {time}")
            with transaction.atomic():  # as when a label of all of them changes
                index.note_products(Q())

    done_at_once([partial(busy, at) for at in range(WORKERS)])
    index.catch_up()  # what the schedule does

    found = table()
    assert {title for _kind, _pk, code, title, _body in found[0] if code == "en"} == {
        f"Leaf {at} 2 en" for at in range(WORKERS)
    }
    assert not Change.objects.exists()
    index.rebuild()
    assert table() == found


def test_a_publish_that_fails_leaves_nothing_and_a_dead_process_a_note(committed_db):
    product = make_product("Sencha")
    index.rebuild()
    before = table()

    try:
        with transaction.atomic():
            published(product, "Never")
            raise InterruptedError
    except InterruptedError:
        pass
    assert (table(), Change.objects.count()) == (before, 0)

    with transaction.atomic():
        published(product, "Gyokuro")
        connection.run_on_commit.clear()  # the process ends right after its commit
    assert table() == before
    assert Change.objects.filter(kind=Kind.PRODUCT, object_id=product.pk).exists()

    index.catch_up()
    assert Entry.objects.filter(title="Gyokuro en").exists()
