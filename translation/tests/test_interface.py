"""Rosetta with its safeguards: whose, what is refused, where it is kept, who sees it, and what it survives."""

import hashlib
import io
import re
import shutil
import zipfile

import polib
import pytest
from bs4 import BeautifulSoup
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils.translation import gettext, ngettext, override

from core.models import HomePage
from tests.environment import ROOT
from translation import catalogs, interface, overlay
from translation.models import Message
from translation.tests.conftest import signed_in

pytestmark = pytest.mark.django_db
URL = "/rosetta/files/project/de/0/"
CART = "Nothing in here yet"
SHIPPED, NEW = "Noch ist nichts darin", "Hier fehlt der Tee"


@pytest.fixture(scope="module")
def whole_locale(tmp_path_factory):
    """The catalogues with every text translated."""
    made = shutil.copytree(ROOT / "locale", tmp_path_factory.mktemp("whole") / "locale")
    for path in made.rglob("*.po"):
        file = polib.pofile(str(path))
        for entry in file:
            if not entry.translated() and not entry.obsolete:
                catalogs.put(entry, [text or entry.msgid for text in catalogs.texts(entry)], fuzzy=False)
        file.save()
    return made


@pytest.fixture(autouse=True)
def own_locale(whole_locale, tmp_path, settings):
    """A copy of them that a test may change as a release does."""
    settings.LOCALE_PATHS = [shutil.copytree(whole_locale, tmp_path / "locale")]
    return tmp_path / "locale"


def entry_of(msgid, code="de", context=""):
    return next(e for e in catalogs.catalogue(code) if e.msgid == msgid and (e.msgctxt or "") == context)


def posted(client, query, url=URL):
    """The fields of the screen that a search shows."""
    soup = BeautifulSoup(client.get(url, {"query": query}).content.decode(), "html.parser")
    form = soup.select_one("form.message")
    fields = {area["name"]: area.get_text().removeprefix("\n") for area in form.select("textarea")}
    return fields | {box["name"]: "1" for box in form.select("input[type=checkbox][checked]")}


def save(client, msgid, *forms, url=URL, **extra):
    digest = entry_of(msgid, url.split("/")[4]).digest
    fields = posted(client, msgid, url)
    assert f"o_{digest}_0" in fields  # it is on the first page of what was searched
    names = [f"m_{digest}"] if len(forms) == 1 else [f"m_{digest}_{n}" for n in range(len(forms))]
    return client.post(f"{url}?query={msgid}", {**fields, **dict(zip(names, forms, strict=True)), **extra})


def reasons(answer):
    return [each.get_text() for each in BeautifulSoup(answer.content.decode(), "html.parser").select(".side__error")]


class TestWho:
    def test_the_group_and_its_languages(self, german, nobody_yet, editor, client, admin_client):
        assert german.get(URL).status_code == 200
        assert german.get(URL.replace("/de/", "/ar/")).status_code == 403
        assert german.post(URL.replace("/de/", "/ar/"), {"m_x": "x"}).status_code == 403
        assert german.get(URL.replace("/de/", "/ar/") + "download/").status_code == 403
        for stranger in (nobody_yet, editor):
            assert stranger.get(URL).status_code == 403
            assert stranger.post(URL, {}).status_code == 403
            assert stranger.get(f"{URL}download/").status_code == 403
        assert editor.get("/rosetta/").status_code == 403
        assert editor.get("/rosetta/bundle/").status_code == 403
        assert client.get(URL).url.startswith("/admin/login/")
        assert admin_client.get(URL.replace("/de/", "/ar/")).status_code == 200

    def test_a_forged_post_for_another_language_saves_nothing(self, german, arabic):
        digest = entry_of(CART, "ar").digest
        german.post(URL.replace("/de/", "/ar/"), {f"m_{digest}": "X", f"o_{digest}_0": "السلة"})
        assert not Message.objects.exists()
        with pytest.raises(PermissionDenied):
            interface.save(User.objects.get(pk=german.session["_auth_user_id"]), "ar", [])

    @pytest.mark.parametrize("which", ["all", "django", "third-party"])
    def test_only_the_shops_own_catalogue(self, german, which):
        assert german.get(f"/rosetta/files/{which}/").status_code == 404
        assert german.get(f"/rosetta/files/{which}/de/0/").status_code == 404
        assert german.get("/rosetta/files/project/de/1/").status_code == 404
        assert german.get("/rosetta/files/project/en/0/").status_code == 403
        assert german.get("/rosetta/translate/?from=en&to=de&text=x").status_code == 404

    def test_the_way_in(self, german, nobody_yet, admin_client):
        assert german.get("/rosetta/").url == URL
        assert admin_client.get("/rosetta/").url == "/admin/translation/?kind=interface"
        assert "You have no language yet" in nobody_yet.get("/rosetta/", follow=True).content.decode()


class TestSave:
    def test_it_works(self, german):
        assert save(german, CART, NEW).status_code == 302

        with override("de"):
            assert gettext(CART) == NEW
        with override("ar"):
            assert gettext(CART) != NEW
        message = Message.objects.get()
        assert (message.language_code, message.msgid, message.forms) == ("de", CART, [NEW])
        assert message.author_id == int(german.session["_auth_user_id"])
        assert NEW in Client().get("/de/warenkorb/").content.decode()
        assert NEW in german.get(URL, {"query": CART}).content.decode()

    def test_hostile_and_broken_texts_are_refused_with_the_reason_and_kept(self, german):
        text = 'Korb<script>alert("1")</script>'
        answer = save(german, CART, text)
        assert answer.status_code == 200
        assert "Markup not allowed here: <script>" in reasons(answer)
        area = BeautifulSoup(answer.content.decode(), "html.parser").select_one(f"#id_m_{entry_of(CART).digest}")
        assert area.get_text().strip() == text
        assert not Message.objects.exists()
        with override("de"):
            assert gettext(CART) == SHIPPED

    def test_a_lost_placeholder_is_refused(self, german):
        answer = save(german, "You can order up to %(count)s of one item.", "ohne")
        assert "Placeholder missing: %(count)s" in reasons(answer)
        assert not Message.objects.exists()

    def test_all_or_nothing(self, german):
        fields = posted(german, "cart")
        names = [name for name in fields if re.fullmatch("m_[0-9a-f]{64}", name)]
        assert len(names) > 2
        answer = german.post(f"{URL}?query=cart", {**fields, names[0]: fields[names[0]] + "!", names[1]: "<b>"})
        assert answer.status_code == 200
        assert not Message.objects.exists()
        assert fields[names[0]] + "!" in answer.content.decode().replace("&#x27;", "'").replace("&quot;", '"')

    def test_plural_forms(self, german, arabic):
        plural = next(e for e in catalogs.catalogue("de") if e.msgid_plural and e.msgid.count("%(") == 1)
        part = re.search(r"%\(\w+\)s", plural.msgid)[0]
        save(german, plural.msgid, f"{part} Ding", f"{part} Dinge")
        with override("de"):
            assert ngettext(plural.msgid, plural.msgid_plural, 1) == f"{part} Ding"
            assert ngettext(plural.msgid, plural.msgid_plural, 5) == f"{part} Dinge"
        forms = [f"{part} {number}" for number in range(6)]
        save(arabic, plural.msgid, *forms, url=URL.replace("/de/", "/ar/"))
        with override("ar"):
            found = [ngettext(plural.msgid, plural.msgid_plural, number) for number in (0, 1, 2, 3, 11, 100)]
        assert found == forms
        shown = arabic.get(URL.replace("/de/", "/ar/"), {"query": plural.msgid}).content.decode()
        assert "For 3, 4, 5 …" in shown and "For 11, 12, 13 …" in shown

    def test_words_of_addresses_are_shown_and_stay(self, german):
        word = entry_of("product", context="url")
        fields = {f"m_{word.digest}": "ware", f"o_{word.digest}_0": word.msgstr}
        answer = german.post(f"{URL}?query=product", fields)
        assert answer.status_code == 200 and "links would break" in " ".join(reasons(answer))
        assert not Message.objects.exists()

    def test_two_people(self, german, member):
        mine = posted(german, CART)
        save(signed_in(member("Translators: German")), CART, "Ihr Korb")
        digest = entry_of(CART).digest
        answer = german.post(f"{URL}?query={CART}", {**mine, f"m_{digest}": "Mein Korb"})
        assert answer.status_code == 200
        shown = answer.content.decode()
        assert "Ihr Korb" in shown and "Mein Korb" in shown
        assert Message.objects.get().forms == ["Ihr Korb"]

    def test_two_at_the_very_same_time(self, german, member):
        """Both have read the same; the second to write is told."""
        users = [member("Translators: German"), member("Translators: German")]
        read = [interface.Written(entry_of(CART), [text], [SHIPPED], False) for text in ("Eins", "Zwei")]
        interface.save(users[0], "de", [read[0]])
        with pytest.raises(interface.Conflict):
            interface.save(users[1], "de", [read[1]])
        assert Message.objects.get().forms == ["Eins"]

    def test_looking_through_a_page_changes_nothing(self, german):
        german.post(f"{URL}?query={CART}", posted(german, CART))
        assert not Message.objects.exists()

    def test_blank_puts_the_shipped_text_back(self, german):
        save(german, CART, NEW)
        save(german, CART, "")
        assert not Message.objects.exists()
        with override("de"):
            assert gettext(CART) == SHIPPED

    def test_what_needs_review_is_not_served(self, german):
        digest = entry_of(CART).digest
        save(german, CART, "Korb?", **{f"f_{digest}": "1"})
        with override("de"):
            assert gettext(CART) == SHIPPED
        assert entry_of(CART).fuzzy
        assert "Korb?" in german.get(URL, {"msg_filter": "fuzzy"}).content.decode()

    def test_the_next_block(self, german):
        page_1 = german.post(URL, {})
        assert page_1.url == f"{URL}?msg_filter=all&page=2"
        assert german.post(f"{URL}?page=2&msg_filter=untranslated", {}).url.endswith("msg_filter=untranslated&page=1")
        assert german.get(f"{URL}?page=abc").status_code == 200


class TestSurvives:
    def test_no_file_is_written(self, german, own_locale):
        def state():
            return {
                path: (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
                for folder in (ROOT / "locale", own_locale)
                for path in folder.rglob("*")
                if path.is_file()
            }

        before = state()
        save(german, CART, NEW)
        german.get(f"{URL}download/")
        german.get("/rosetta/bundle/")
        assert state() == before

    def test_a_release_with_other_texts(self, german, own_locale):
        save(german, CART, NEW)
        file = polib.pofile(str(own_locale / "de" / "LC_MESSAGES" / "django.po"))
        file.find(CART).msgstr = "Tasche"
        file.save()

        merged = entry_of(CART)

        assert merged.msgstr == NEW
        assert merged.fuzzy  # two people have changed it: listed for review
        with override("de"):
            assert gettext(CART) == NEW
        digest = entry_of(CART).digest
        german.post(f"{URL}?query={CART}", {f"m_{digest}": NEW, f"o_{digest}_0": NEW})  # unticked
        assert not entry_of(CART).fuzzy

    def test_an_original_that_was_reworded(self, german, own_locale):
        msgid = "Leaves unfold slowly in the pot."
        file = polib.pofile(str(own_locale / "de" / "LC_MESSAGES" / "django.po"))
        file.append(polib.POEntry(msgid=msgid, msgstr=""))
        file.save()
        save(german, msgid, "Blätter gehen langsam auf.")
        file.find(msgid).msgid = "Leaves unfold very slowly in the pot."
        file.save()

        merged = entry_of("Leaves unfold very slowly in the pot.")

        assert (merged.msgstr, merged.fuzzy) == ("Blätter gehen langsam auf.", True)

    def test_the_bundle_has_everything(self, german, admin_client, tmp_path):
        save(german, CART, NEW)
        answer = german.get("/rosetta/bundle/")
        names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
        assert names == ["locale/de/LC_MESSAGES/django.po"]
        call_command("export_messages", zip=tmp_path / "all.zip", verbosity=0)
        with zipfile.ZipFile(tmp_path / "all.zip") as zipped:
            assert len(zipped.namelist()) == 2
            text = zipped.read("locale/de/LC_MESSAGES/django.po").decode()
        bundled = polib.pofile(text)
        assert bundled.find(CART).msgstr == NEW
        shipped = polib.pofile(str(ROOT / "locale" / "de" / "LC_MESSAGES" / "django.po"))
        assert [(e.msgctxt, e.msgid) for e in bundled] == [(e.msgctxt, e.msgid) for e in shipped]

    def test_the_download_has_it_compiled(self, german):
        save(german, CART, NEW)
        zipped = zipfile.ZipFile(io.BytesIO(german.get(f"{URL}download/").content))
        assert sorted(zipped.namelist()) == ["django.mo", "django.po"]
        assert polib.pofile(zipped.read("django.po").decode()).find(CART).msgstr == NEW
        assert NEW.encode() in zipped.read("django.mo")

    def test_a_checkout_takes_it_over(self, german, own_locale):
        save(german, CART, NEW)
        call_command("export_messages", verbosity=0)
        assert polib.pofile(str(own_locale / "de" / "LC_MESSAGES" / "django.po")).find(CART).msgstr == NEW
        assert not entry_of(CART).fuzzy

    def test_words_left(self, german, own_locale):
        file = polib.pofile(str(own_locale / "de" / "LC_MESSAGES" / "django.po"))
        file.append(polib.POEntry(msgid="Four words are left", msgstr=""))
        file.save()
        left = catalogs.words_left(["de", "ar"])
        save(german, "Four words are left", "Vier Wörter sind übrig")
        now = catalogs.words_left(["de", "ar"])
        assert (left["de"] - now["de"], left["ar"] - now["ar"]) == (4, 0)


class TestProcesses:
    def test_a_process_asks_now_and_then(self, german, settings, django_assert_num_queries):
        settings.INTERFACE_TEXTS_SECONDS = 60
        overlay._asked_at = float("-inf")
        with django_assert_num_queries(2):
            overlay.refresh()  # whether there is something new, and what
        with django_assert_num_queries(0):
            overlay.refresh()
        settings.INTERFACE_TEXTS_SECONDS = 0
        with django_assert_num_queries(1):
            overlay.refresh()

    def test_without_a_database_what_is_known_stays(self, german, settings):
        save(german, CART, NEW)
        settings.INTERFACE_TEXTS_SECONDS = 0

        def gone(*args):
            raise OperationalError("gone")

        with connection.execute_wrapper(gone):
            overlay.refresh()
        with override("de"):
            assert gettext(CART) == NEW

    def test_the_worker_asks_before_a_task(self, german, settings):
        from translation import apps, tasks

        settings.INTERFACE_TEXTS_SECONDS = 0
        Message.objects.create(language_code="de", msgid=CART, digest=entry_of(CART).digest, forms=["Arbeiterkorb"])
        tasks.observe.apply()
        assert apps.refresh_worker
        with override("de"):
            assert gettext(CART) == "Arbeiterkorb"


def test_the_home_page_is_there():
    """The link “View on site” leads to a page."""
    assert HomePage.objects.filter(locale__language_code="de", live=True).exists()
    assert django_settings.ROSETTA_STORAGE_CLASS.endswith("DummyRosettaStorage")
