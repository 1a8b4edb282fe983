"""Imports as tests drive them: the same steps as the worker's, without one."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User

from catalog.exchange import run
from catalog.exchange.vocabulary import product_of
from catalog.exchange.write import Export, csv_lines
from catalog.models import Import, Product


def table(rows: Sequence[dict[str, str]], columns: Sequence[str] | None = None) -> bytes:
    """A CSV file as Shopify writes one; columns in the order in which the rows name them."""
    names = list(columns or dict.fromkeys(name for row in rows for name in row))
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def row(handle: str = "sencha", title: str = "Sencha", sku: str = "S-1", price: str = "8.90", **cells: str) -> dict:
    return {"Handle": handle, "Title": title, "Variant SKU": sku, "Variant Price": price, **cells}


def begin(data: bytes, user: User | None = None, **choices: Any) -> Import:
    user = user or User.objects.filter(username="importer").first()
    user = user or User.objects.create_superuser("importer", "importer@example.com", "secret-for-tests")
    return run.start("file.csv", data, user, "en", **choices)


def dry(data: bytes, user: User | None = None, **choices: Any) -> Import:
    """The import after its dry run."""
    made = begin(data, user, **choices)
    while run.advance(made.pk):
        pass
    made.refresh_from_db()
    return made


def load(data: bytes, user: User | None = None, **choices: Any) -> Import:
    """The import, checked, confirmed and done."""
    made = dry(data, user, **choices)
    assert made.state == Import.State.CHECKED, (made.state, made.error)
    assert run.confirm(made.pk)
    while run.advance(made.pk):
        pass
    made.refresh_from_db()
    assert made.state == Import.State.DONE
    return made


def outcomes(made: Import, column: str = "outcome") -> dict[str, str]:
    return dict(made.entries.values_list("handle", column))


def problems(made: Import) -> list[str]:
    return [problem["text"] for entry in made.entries.all() for problem in entry.problems]


def exported(**choices: Any) -> bytes:
    export = Export(Product.objects.all(), **choices)
    return b"".join(csv_lines(export.columns, export.rows()))


def drafted(handle: str) -> Product:
    """The latest version of the product with this handle."""
    return Product.objects.get(pk=product_of(handle)).get_latest_revision_as_object()
