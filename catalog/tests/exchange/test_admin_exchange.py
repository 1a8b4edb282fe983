"""Import and export in the admin: who may, what is shown, and that a forged request gets no further."""

import io
import json
import re
import time
import zipfile

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from wagtail.users.models import UserProfile

from catalog.exchange import run
from catalog.models import Import, Product
from catalog.tests.exchange.helpers import drafted, dry, exported, row, table
from catalog.tests.exchange.server import picture
from catalog.tests.factories import make_image, make_product


def upload(client, data, **fields):
    file = SimpleUploadedFile("products.csv", data, "text/csv")
    return client.post(reverse("exchange:import"), {"file": file, **fields}, follow=True)


def finish(made):
    while run.advance(made.pk):
        pass
    made.refresh_from_db()
    return made


@pytest.mark.django_db
def test_it_works(moderator):
    response = upload(moderator, table([row(), row("cup", "", "C-1", "x")]))
    made = Import.objects.get()
    assert response.redirect_chain[-1][0] == reverse("exchange:report", args=[made.pk])
    assert "Being read" in response.content.decode()

    finish(made)
    html = moderator.get(reverse("exchange:report", args=[made.pk])).content.decode()
    assert "Nothing has been changed yet." in html and "Import 1 product" in html
    assert "Write a price as a number without currency" in html
    assert not Product.objects.exists()

    moderator.post(reverse("exchange:decide", args=[made.pk]), {"confirm": ""})
    finish(made)
    html = moderator.get(reverse("exchange:report", args=[made.pk])).content.decode()
    assert "Imported" in html and Product.objects.get().text.name == "Sencha"
    assert Product.objects.get().latest_revision.user_id == int(moderator.session["_auth_user_id"])
    assert moderator.get(reverse("exchange:progress", args=[made.pk])).json() == {
        **{"state": "done", "done": 2, "total": 2}
    }


@pytest.mark.django_db
def test_what_is_refused_at_once(moderator):
    html = upload(moderator, b"Sku;Preis\n1;2\n").content.decode()
    assert "The first row must name the columns" in html
    archive = SimpleUploadedFile("x.zip", b"no archive", "application/zip")
    assert "This is no ZIP file." in upload(moderator, table([row()]), pictures=archive).content.decode()
    assert not Import.objects.exists()


def zipped(*files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return SimpleUploadedFile("pictures.zip", buffer.getvalue(), "application/zip")


@pytest.mark.django_db
def test_pictures_in_an_archive(moderator):
    files = zipped(("a/one.png", picture("one")), ("../../etc/evil.png", b"x"), ("evil.sh", b"rm"), ("b/", b""))

    upload(moderator, table([row(**{"Image Src": "one.png"})]), pictures=files)

    made = Import.objects.get()
    assert set(made.files.values_list("name", flat=True)) == {"", "a/one.png", "../../etc/evil.png"}
    finish(made)
    run.confirm(made.pk)
    finish(made)
    assert drafted("sencha").images.get().image.title == "One"


@pytest.mark.django_db
def test_an_archive_that_declares_too_much(moderator):
    bomb = zipped(("a.png", b"\0" * (201 * 2**20)))

    assert "At most 2000 pictures" in upload(moderator, table([row()]), pictures=bomb).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("group", ["Shop managers", "Translators"])
@pytest.mark.django_db
def test_those_who_may_not_change_products_get_nothing(client_of, group):
    made = dry(table([row()]))
    client = client_of(group)
    pages = [reverse("exchange:import"), reverse("exchange:export"), reverse("exchange:export") + "?format=csv"]
    pages += [reverse(f"exchange:{name}", args=[made.pk]) for name in ("report", "progress")]
    pages += [reverse("exchange:download", args=[made.pk, kind]) for kind in ("report", "not-imported")]

    answers = [client.get(url) for url in pages]
    answers += [upload_only(client), client.post(reverse("exchange:decide", args=[made.pk]), {"confirm": ""})]

    assert all(answer.status_code in (302, 403) and b"sencha" not in answer.content for answer in answers)
    made.refresh_from_db()
    assert made.state == Import.State.CHECKED and Import.objects.count() == 1
    menu = client.get("/admin/").content.decode()
    assert reverse("exchange:import") not in menu and reverse("exchange:export") not in menu


def upload_only(client):
    file = SimpleUploadedFile("products.csv", table([row()]), "text/csv")
    return client.post(reverse("exchange:import"), {"file": file})


@pytest.mark.django_db
def test_nobody_decides_on_the_import_of_another(editor, moderator):
    """It would run with the other one's rights."""
    upload(moderator, table([row()]), publish="on")
    made = finish(Import.objects.get())

    for answer in ("confirm", "cancel"):
        assert editor.post(reverse("exchange:decide", args=[made.pk]), {answer: ""}).status_code in (302, 403)

    made.refresh_from_db()
    assert made.state == Import.State.CHECKED and made.publish
    html = editor.get(reverse("exchange:report", args=[made.pk])).content.decode()
    assert "Only the person who uploaded the file can import it." in html


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["confirm", "cancel"])
def test_the_buttons_carry_the_token_against_forged_requests(moderator, answer):
    upload(moderator, table([row()]))
    made = finish(Import.objects.get())
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = moderator.cookies
    url = reverse("exchange:decide", args=[made.pk])
    assert browser.post(url, {answer: ""}).status_code == 403

    html = browser.get(reverse("exchange:report", args=[made.pk])).content.decode().split("exchange-decision")[1]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html)
    assert token and browser.post(url, {answer: "", "csrfmiddlewaretoken": token[1]}).status_code == 302


@pytest.mark.django_db
def test_a_decision_is_no_link(moderator):
    upload(moderator, table([row()]))
    made = finish(Import.objects.get())

    assert moderator.get(reverse("exchange:decide", args=[made.pk]), {"confirm": ""}).status_code == 405
    moderator.post(reverse("exchange:decide", args=[made.pk]), {"confirm": ""})
    moderator.post(reverse("exchange:decide", args=[made.pk]), {"confirm": ""})  # a double click
    finish(made)

    assert Product.objects.count() == 1 and made.state == Import.State.DONE


@pytest.mark.django_db
@pytest.mark.parametrize("group", ["Editors", "Moderators"])
@pytest.mark.django_db
def test_boxes_that_are_not_offered_do_not_count(client_of, group):
    client = client_of(group)
    html = client.get(reverse("exchange:import")).content.decode()

    upload(client, table([row()]), publish="on", stock="all", overwrite_drafts="on")

    made = Import.objects.get()
    assert ('name="publish"' in html) is (group == "Moderators") is made.publish
    assert 'name="stock"' not in html and made.stock == "leave"
    assert made.overwrite_drafts


@pytest.mark.django_db
def test_the_report_escapes_what_strangers_wrote(moderator):
    evil = "<script>alert(1)</script>"
    upload(moderator, table([row(evil, evil, evil, evil, **{"Category": evil, f"Own {evil}": "x"})]))
    made = finish(Import.objects.get())

    html = moderator.get(reverse("exchange:report", args=[made.pk])).content.decode()

    assert "Own &lt;script&gt;" in html and evil not in html.split("<main")[1]


@pytest.mark.django_db
def test_the_report_can_be_narrowed_and_takes_the_same_queries(moderator, django_assert_max_num_queries):
    def queries(number):
        upload(moderator, table([row(f"t-{number}-{at}", "Tea", f"T-{number}-{at}") for at in range(number)]))
        made = finish(Import.objects.first())
        url = reverse("exchange:report", args=[made.pk])
        moderator.get(url)
        with django_assert_max_num_queries(60) as captured:
            html = moderator.get(url, {"outcome": "created"}).content.decode()
        assert html.count("exchange-result--created") == number
        assert "exchange-result--" not in moderator.get(url, {"outcome": "failed"}).content.decode()
        return len(captured)

    assert queries(3) == queries(12)


@pytest.mark.django_db
def test_downloads(moderator):
    upload(moderator, table([row("=evil", "", "S", "x")]))
    made = finish(Import.objects.get())

    whole = moderator.get(reverse("exchange:download", args=[made.pk, "report"]))
    left = moderator.get(reverse("exchange:download", args=[made.pk, "not-imported"]))

    assert whole["Content-Disposition"] == f'attachment; filename="report-{made.pk}.csv"'
    assert b"Write a price as a number" in whole.getvalue()
    assert b"\r\n'=evil" in left.getvalue()


@pytest.mark.django_db
def test_export_of_what_the_list_shows(moderator, editor):
    make_product("Cup", featured=True, variants=[{"sku": "C-1"}])
    make_product("Tea", variants=[{"sku": "T-1"}])
    make_product("Draft", featured=True, live=False, variants=[{"sku": "D-1"}])
    url = reverse("exchange:export")
    listed = editor.get(reverse(Product.snippet_viewset.get_url_name("list")), {"featured": "true"}).content.decode()
    assert f"{url}?featured=true" in listed

    html = editor.get(url, {"featured": "true"}).content.decode()
    assert "2 products will be exported." in html and 'name="featured" value="true"' in html
    answers = {"format": "csv", "columns": "all", "version": "published", "featured": "true"}
    text = editor.get(url, answers).getvalue().decode()
    assert "C-1" in text and "T-1" not in text and "D-1" not in text
    book = load_workbook(io.BytesIO(editor.get(url, {**answers, "format": "xlsx", "version": "latest"}).content))
    assert {line[0].value for line in book.active.iter_rows(min_row=2)} == {"cup", "draft"}


@pytest.mark.django_db
def test_a_workbook_never_cuts_a_text(editor):
    make_product("Tea", texts={"en": {"body": json.dumps([{"type": "paragraph", "value": f"<p>{'x' * 40_000}</p>"}])}})
    answers = {"columns": "all", "version": "latest"}

    said = editor.get(reverse("exchange:export"), {**answers, "format": "xlsx"}, follow=True).content.decode()

    assert "A text in the column Body (HTML) is too long for a workbook." in said
    assert "x" * 40_000 in editor.get(reverse("exchange:export"), {**answers, "format": "csv"}).getvalue().decode()


@pytest.mark.django_db
def test_an_export_takes_the_same_queries_for_any_number(django_assert_max_num_queries):
    def queries(number):
        for at in range(number):
            make_product(f"Tea {at}", tags=["tea"], images=[make_image()]).save_revision()
        with django_assert_max_num_queries(40) as captured:
            exported()
        return len(captured)

    assert queries(3) == queries(9)


@pytest.mark.django_db
def test_the_menu(editor):
    html = editor.get("/admin/").content.decode()

    assert reverse("exchange:import") in html and reverse("exchange:export") in html


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["de", "ar"])
@pytest.mark.django_db
def test_the_page_follows_the_reader(moderator, language):
    user = User.objects.get(pk=moderator.session["_auth_user_id"])
    UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": language})

    upload(moderator, table([row()]))

    assert Import.objects.get().language == language


def test_the_task_queue_does_the_work(committed_db):
    """A real worker thread, a real broker: uploaded, checked, confirmed, done."""
    User.objects.create_superuser("boss", "boss@example.com", "secret-for-tests")
    client = Client()
    client.force_login(User.objects.get())
    with start_worker(current_app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        upload(client, table([row(), row("cup", "Cup", "C-1")]))
        made = Import.objects.get()
        wait_for(made, Import.State.CHECKED)
        client.post(reverse("exchange:decide", args=[made.pk]), {"confirm": ""})
        wait_for(made, Import.State.DONE)

    assert Product.objects.count() == 2


def wait_for(made, state):
    deadline = time.monotonic() + 30
    while Import.objects.get(pk=made.pk).state != state:
        assert time.monotonic() < deadline
        time.sleep(0.1)
