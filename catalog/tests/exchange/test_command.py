"""The command that imports without a browser: checks first, writes only when told to."""

import io

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from catalog.models import Product
from catalog.tests.exchange.helpers import drafted, row, table
from catalog.tests.exchange.server import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    User.objects.create_superuser("boss", "boss@example.com", "secret-for-tests")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").write_bytes(picture("a"))
    path = tmp_path / "products.csv"
    path.write_bytes(table([row(**{"Image Src": "a.png"}), row("bad", "", "B-1", "x")]))
    return path


def run(path, *options):
    out = io.StringIO()
    call_command("import_products", path, "--user", "boss", *options, stdout=out)
    return out.getvalue()


def test_it_works(file):
    assert "Waiting for your decision. new: 1, not imported: 1" in run(file)
    assert not Product.objects.exists()

    said = run(file, "--write", "--pictures", str(file.parent))

    assert "Imported. new: 1, not imported: 1" in said
    assert drafted("sencha").images.count() == 1


def test_what_it_refuses(file, tmp_path):
    User.objects.create_user("guest", "guest@example.com", "secret-for-tests")
    broken = tmp_path / "broken.csv"
    broken.write_text("Sku\n1\n")

    with pytest.raises(CommandError, match="guest may not import products"):
        call_command("import_products", file, "--user", "guest", "--write")
    with pytest.raises(CommandError, match="name the columns"):
        run(broken)
    assert not Product.objects.exists()
