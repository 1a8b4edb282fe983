"""The search desk in the admin: who may use it, what its screens say."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.users.models import UserProfile

from catalog.tests.admin_forms import open_add, open_edit
from catalog.tests.factories import make_product
from search.desk.admin import PlacementViewSet, QueryRedirectViewSet, SynonymViewSet
from search.desk.models import Placement, QueryRedirect, Synonym
from search.desk.rules import forget
from search.models import Kind
from search.query import search
from search.tests.test_querylog import make_count

pytestmark = pytest.mark.django_db
SETS = [SynonymViewSet, PlacementViewSet, QueryRedirectViewSet]
LIST, ATTEMPT = "/admin/search-desk/queries/", "/admin/search-desk/try/"


def signed_in(group: str) -> Client:
    user = User.objects.create_user(f"person {group}", "person@example.com", "secret-for-tests")
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor():
    yield signed_in("Editors")
    forget()


def test_editors_and_moderators_keep_the_desk(editor):
    for client in (editor, signed_in("Moderators")):
        form = open_add(client, Synonym)
        form.fields.update({"language": "en", "words": "settee", "others": "sofa", "direction": "one"})
        assert form.post().status_code == 302
        assert client.get(LIST).status_code == client.get(ATTEMPT).status_code == 200
        assert LIST in client.get("/admin/").content.decode()

    assert "One way" in editor.get(reverse(SynonymViewSet().get_url_name("list"))).content.decode()
    first, second = Synonym.objects.all()
    form = open_edit(editor, first)
    form.fields["words"] = "divan"
    form.post()
    assert str(Synonym.objects.get(pk=first.pk)) == "divan → sofa"
    editor.post(reverse(SynonymViewSet().get_url_name("delete"), args=[second.pk]))
    assert Synonym.objects.count() == 1


@pytest.mark.parametrize("group", ["Shop managers", "Translators"])
def test_nobody_else_sees_or_changes_it(group):
    client = signed_in(group)
    row = Synonym.objects.create(language="en", words="a", others="b")
    forged = {"language": "en", "words": "x", "others": "y", "direction": "both", "query": "x", "path": "/en/"}

    assert "search-desk" not in client.get("/admin/").content.decode()
    for address in (LIST, ATTEMPT, f"{ATTEMPT}?query=tea&language=en"):
        assert client.get(address).status_code in (302, 403)
    for viewset in SETS:
        client.post(reverse(viewset().get_url_name("add")), forged)
    for action in ("edit", "delete"):
        client.post(reverse(SynonymViewSet().get_url_name(action), args=[row.pk]), forged)
    assert list(Synonym.objects.values_list("words", flat=True)) == ["a"]
    assert not Placement.objects.exists()
    assert not QueryRedirect.objects.exists()


def test_a_redirect_that_leads_out_or_round_is_refused(editor):
    for path in ("https://evil.example/", "//evil.example", "/en/search/?q=Sofa", ""):
        form = open_add(editor, QueryRedirect)
        form.fields.update({"language": "en", "query": "sofa", "path": path})
        assert form.post().status_code == 200
    assert not QueryRedirect.objects.exists()

    form.fields["path"] = "/en/shop/"
    assert form.post().status_code == 302
    assert QueryRedirect.objects.get().key == "sofa"
    assert form.post().status_code == 200  # once for each query


def test_a_pin_names_exactly_one_thing(editor):
    tea = make_product("Sencha")
    form = open_add(editor, Placement)
    form.fields.update({"language": "en", "query": "tea", "position": "0"})
    assert form.post().status_code == 200

    form.fields.update({"product": str(tea.pk), "position": "1"})
    assert form.post().status_code == 302
    assert form.post().status_code == 200  # there is one already
    assert Placement.objects.get().target == tea


def test_the_choosers_speak_the_language_of_each_reader(editor):
    address = reverse(PlacementViewSet().get_url_name("add"))
    assert "Choose product" in editor.get(address).content.decode()

    UserProfile.objects.create(user=User.objects.get(), preferred_language="de")

    page = editor.get(address).content.decode()
    assert "Produkt auswählen" in page
    assert "Choose product" not in page
    assert "Choose category" not in page


def test_the_report_leads_to_forms_that_are_filled_in(editor):
    make_count("tea & <b>cake</b>", 2, empty=2)

    html = editor.get(LIST, {"show": "empty", "language": "en", "days": "7"}).content.decode()

    assert "tea &amp; &lt;b&gt;cake&lt;/b&gt;" in html
    address = f"{reverse(SynonymViewSet().get_url_name('add'))}?language=en&amp;query=tea%20%26%20%3Cb%3Ecake%3C/b%3E"
    assert address in html
    form = editor.get(address.replace("&amp;", "&")).context["form"]
    assert (form["words"].value(), form["language"].value()) == ("tea & <b>cake</b>", "en")


ODD = [
    {"days": "x", "language": "xx", "show": "?", "page": "-1"},
    {"query": "\ufdfa" * 100, "language": "en"},
    {"query": "a" * 9000},
    {"query": "' OR 1=1 --", "language": "xx"},
    {"query": "' | & ! :*", "language": "ar"},
    {"query": "the", "language": "en"},
]


def test_odd_addresses_are_answered(editor):
    for asked in ODD:
        for address in (LIST, ATTEMPT, *(reverse(viewset().get_url_name("add")) for viewset in SETS)):
            assert editor.get(address, asked).status_code == 200


@pytest.fixture
def shop():
    make_product("Sencha Morning Mist", variants=[{"stock": 5}])
    make_product("Sencha Sold Out", variants=[{"stock": 0}])
    make_product("Gyokuro", texts={"en": {"name": "Gyokuro", "summary": "Not a sencha"}}, variants=[{"stock": 5}])
    make_product("Bowl", texts={"de": {"name": "Schüssel"}})
    call_command("rebuild_search", stdout=StringIO())
    forget()


def attempt(client: Client, query: str, language: str = "en"):
    return client.get(ATTEMPT, {"query": query, "language": language}).context["explained"]


def test_trying_tells_why_each_hit_stands_where_it_does(shop, editor):
    Synonym.objects.create(language="en", words="green tea", others="gyokuro")
    bowl = make_product("Chawan")
    call_command("rebuild_search", stdout=StringIO())
    Placement.objects.create(language="en", query="sencha", product=bowl)
    forget()

    explained = attempt(editor, "Sencha")
    hits = explained.found.hits[Kind.PRODUCT]
    reasons = explained.sections[0][2]

    assert hits == search("Sencha", "en").hits[Kind.PRODUCT]  # the shop's own search
    assert [reason.hit for reason in reasons] == hits
    assert (reasons[0].hit.placed, reasons[0].text, reasons[0].words) == ("pinned", None, [])
    by_name = {reason.hit.title: reason for reason in reasons}
    best, sold_out = by_name["Sencha Morning Mist"], by_name["Sencha Sold Out"]
    assert best.in_title
    assert not by_name["Gyokuro"].in_title
    assert (best.stock, sold_out.stock) == (1.0, 0.7)
    for reason in reasons[1:]:
        assert reason.text * reason.stock * reason.popular == pytest.approx(reason.hit.score)
        assert reason.url.startswith("/en/")


STAGE = [
    ("sencha", "en", "the word itself"), ("mornings", "en", "another form of the word"),
    ("gyok", "en", "a beginning, or a part"),
    ("sensha", "en", "a typing mistake"), ("green tea", "en", "a synonym"), ("bowl", "de", "the word itself"),
]  # fmt: skip


def test_the_stage_of_each_word_is_told(shop, editor):
    Synonym.objects.create(language="en", words="green tea", others="gyokuro")
    forget()

    for query, language, stage in STAGE:
        [*_others, (_heading, _total, [reason, *_more])] = attempt(editor, query, language).sections
        assert str(reason.words[0][1][0]).startswith(stage), query
    assert reason.hit.foreign


def test_other_spellings_are_told_as_the_shop_offers_them(shop, editor):
    html = editor.get(ATTEMPT, {"query": "jyokurus", "language": "en"}).content.decode()

    assert "Did you mean:" in html
    assert "language=en&amp;query=gyokuro" in html


def test_a_try_is_not_counted_and_costs_the_same_for_many_hits(shop, editor):
    attempt(editor, "sencha")
    with CaptureQueriesContext(
        connection,
    ) as few:
        attempt(editor, "sencha")
    for number in range(12):
        make_product(f"Sencha {number}")
    call_command("rebuild_search", stdout=StringIO())
    with CaptureQueriesContext(connection) as many:
        attempt(editor, "sencha")

    assert len(many) == len(few)


def test_lists_cost_the_same_for_many_rows(editor):
    tea = make_product("Tea")

    def cost() -> list[int]:
        numbers = []
        for address in (LIST, *(reverse(viewset().get_url_name("list")) for viewset in SETS)):
            with CaptureQueriesContext(connection) as queries:
                assert editor.get(address).status_code == 200
            numbers.append(len(queries))
        return numbers

    def grow(start: int, end: int) -> None:
        for number in range(start, end):
            make_count(f"tea {number}", 2)
            Synonym.objects.create(language="en", words=f"a{number}", others="b")
            Placement.objects.create(language="en", query=f"q{number}", product=tea)
            QueryRedirect.objects.create(language="en", query=f"q{number}", product=tea)

    grow(0, 2)
    cost()
    few = cost()
    grow(2, 20)
    assert cost() == few
