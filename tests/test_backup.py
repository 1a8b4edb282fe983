"""A backup brought back into an empty database is the same shop, and its numbers go on."""

import tarfile
from io import BytesIO

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError

from commerce import orders
from commerce.documents import issue
from commerce.models import Document, Order
from commerce.tests.factories import make_order
from commerce.tests.papers import name_shop
from config import backup
from tests.environment import admin_sql, database_url, own_database, use_database

NAME = "restored"


@pytest.fixture
def media(settings, tmp_path):
    folder = tmp_path / "media"
    (folder / "images").mkdir(parents=True)
    (folder / "images" / "pot.png").write_bytes(b"a picture")
    settings.MEDIA_ROOT = str(folder)
    return folder


@pytest.fixture
def empty_database():
    name = f"{own_database()}_{NAME}"
    admin_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    yield name
    admin_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_it_works(committed_db, media, empty_database, tmp_path, settings, capsys):
    name_shop()
    first, second = make_order(), make_order()
    for order in (first, second):
        orders.pay(order)
    number = issue.invoice_for(first).number
    target = tmp_path / "backups" / "shop.tar"

    assert backup.main(["backup", str(target)]) == 0
    assert target.stat().st_mode & 0o777 == 0o600
    assert not target.with_name("shop.tar.part").exists()
    use_database(empty_database)
    settings.MEDIA_ROOT = str(tmp_path / "elsewhere")
    assert backup.main(["restore", str(target)]) == 0

    assert "2 orders, 1 files, last document numbers: invoice" in capsys.readouterr().out
    assert (tmp_path / "elsewhere" / "images" / "pot.png").read_bytes() == b"a picture"
    assert not (tmp_path / "elsewhere" / ".restoring").exists()
    assert set(Order.objects.values_list("number", flat=True)) == {first.number, second.number}
    assert number.endswith("-00001")
    assert issue.invoice_for(Order.objects.get(pk=second.pk)).number == number[:-1] + "2"
    with pytest.raises(IntegrityError, match="never changed"):
        Document.objects.update(total=1)


def test_what_is_there_is_replaced_only_on_demand(committed_db, media, tmp_path, capsys, monkeypatch):
    order = make_order()
    target = tmp_path / "shop.tar"
    backup.backup(target)
    later = make_order()
    (media / "new.txt").write_text("made since")

    assert backup.main(["restore", str(target)]) == 1
    assert "FORCE=1" in capsys.readouterr().err
    assert Order.objects.count() == 2

    monkeypatch.setenv("FORCE", "1")
    assert backup.main(["restore", str(target)]) == 0
    assert Order.objects.get().number == order.number != later.number
    assert [path.name for path in media.iterdir()] == ["images"]


@pytest.fixture
def saved(committed_db, media, tmp_path):
    make_order()
    target = tmp_path / "shop.tar"
    backup.backup(target)
    return target


def test_a_damaged_file_changes_nothing(saved, media):
    saved.write_bytes(saved.read_bytes()[: saved.stat().st_size // 2])

    with pytest.raises(backup.BackupError, match="no whole backup|damaged"):
        backup.restore(saved, force=True)

    assert Order.objects.count() == 1
    assert (media / "images" / "pot.png").exists()


def test_a_dump_that_cannot_be_read_changes_nothing(saved, media, tmp_path):
    bad = tmp_path / "bad.tar"
    content = b"no dump at all"
    manifest = b'{"sha256": "%s"}' % backup.hashlib.sha256(content).hexdigest().encode()
    with tarfile.open(bad, "w") as tar:
        for name, data in ((backup.MANIFEST, manifest), (backup.DUMP, content)):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, BytesIO(data))

    with pytest.raises(backup.BackupError, match="pg_restore failed"):
        backup.restore(bad, force=True)

    assert Order.objects.count() == 1
    assert (media / "images" / "pot.png").exists()


def test_nothing_is_replaced_while_somebody_works(saved):
    from psycopg import connect

    with connect(database_url(own_database())), pytest.raises(backup.BackupError, match="Stop the shop first"):
        backup.restore(saved, force=True)

    assert Order.objects.count() == 1
    assert not Document.objects.exists()


def test_programs_that_are_too_old_are_named(db, monkeypatch):
    monkeypatch.setattr(backup, "major_of", lambda path: 9)

    with pytest.raises(backup.BackupError, match="pg_dump .* or newer is needed .*\n.*postgresql-client-"):
        backup.program("pg_dump")


def test_without_programs_it_says_what_to_install(db, monkeypatch):
    monkeypatch.setattr(backup.shutil, "which", lambda name: None)
    monkeypatch.setattr(backup, "embedded", lambda name: None)

    with pytest.raises(backup.BackupError, match="there is none"):
        backup.program("psql")


def test_the_makefile_offers_both():
    makefile = (django_settings.BASE_DIR / "Makefile").read_text()

    assert "\nbackup: setup" in makefile
    assert "\nrestore: setup" in makefile
