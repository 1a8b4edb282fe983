"""The rules of the search desk: what they change of a search, and that they hold at once."""

from __future__ import annotations

from io import StringIO

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.utils.translation import override

from catalog.models import Product
from catalog.tests.factories import make_category, make_product
from core.models import ContentPage, HomePage
from search.desk.leads import circles, is_inside, wrong_with_path
from search.desk.models import Placement, QueryRedirect, Synonym
from search.desk.rules import forget, load, rules
from search.models import Kind
from search.query import search

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    make_product("Sofa Linen", texts={"de": {"name": "Sofa Leinen"}})
    make_product("Sofa Wool", texts={"de": {"name": "Sofa Wolle"}})
    make_product("Green Chai Blend", texts={"de": {"name": "Chai Mischung"}})
    make_product("Couch Classic", texts={"de": {"name": "Liege Classic"}})
    make_product("Secret Sofa", live=False)
    call_command("rebuild_search", stdout=StringIO())
    forget()
    yield
    forget()  # other tests must not see the rules of this one


def rule(row):
    """Saved, as if committed."""
    row.full_clean()
    row.save()
    forget()
    return row


def names(text: str, language: str = "en", **more) -> list[str]:
    with override(language):
        return [hit.title for hit in search(text, language, **more).hits[Kind.PRODUCT]]


def product(name: str) -> Product:
    return Product.objects.filter(translations__name=name).distinct().get()


def synonym(words: str, others: str, direction: str = "both", language: str = "en") -> Synonym:
    return rule(Synonym(language=language, words=words, others=others, direction=direction))


def test_a_synonym_finds_what_the_other_word_finds_after_the_word_itself(shop):
    assert names("couch") == ["Couch Classic"]

    synonym("couch", "sofa")

    assert names("couch") == ["Couch Classic", "Sofa Linen", "Sofa Wool"]
    assert names("couches")[0] == "Couch Classic"
    assert names("sofa")[-1] == "Couch Classic"
    assert names("sofa wool") == ["Sofa Wool"]
    assert names("couch wool") == ["Sofa Wool"]


def test_a_synonym_may_be_one_way_and_is_of_one_language(shop):
    synonym("couch", "sofa", "one")

    assert "Sofa Wool" in names("couch")
    assert "Couch Classic" not in names("sofa")
    assert "Sofa Wolle" not in names("couch", "de")


def test_a_word_that_no_text_has_is_no_slip_when_it_has_a_synonym(shop):
    synonym("settee", "sofa", "one")

    found = search("settee", "en")

    assert {hit.title for hit in found.hits[Kind.PRODUCT]} == {"Sofa Linen", "Sofa Wool"}
    assert found.corrected == ""


def test_a_slip_in_a_word_that_only_synonyms_know(shop, client: Client):
    synonym("settee, four seater", "sofa", "one")

    for typed in ("setee", "settees", "sette"):
        assert {"Sofa Linen", "Sofa Wool"} == set(names(typed))
    assert search("setee", "en").corrected == "settee"
    assert names("setee wool") == ["Sofa Wool"]
    assert names("setee", literal=True) == names("seeter", literal=True) == []
    assert names("sofaa")[0] == "Sofa Linen"  # a word of the texts is as near as any synonym
    assert "Sofa Wool" in client.get("/en/search/suggest/", {"q": "setee"}).content.decode()


def test_synonyms_of_several_words(shop):
    synonym("spiced milk tea, masala", "green chai")
    synonym("divan bed", "couch")

    assert names("spiced milk tea") == ["Green Chai Blend"]
    assert names("spiced milk tea blend") == ["Green Chai Blend"]
    assert names("MASALA") == ["Green Chai Blend"]
    assert names("divan bed classic") == ["Couch Classic"]
    assert names("divan wool") == ["Sofa Wool"]  # only together do they mean something else


def test_suggestions_know_synonyms(shop, client: Client):
    synonym("settee", "sofa")

    assert "Sofa Wool" in client.get("/en/search/suggest/", {"q": "settee"}).content.decode()


def test_loops_and_crowds_of_synonyms_are_harmless(shop):
    for words, others in (("a1", "b1"), ("b1", "c1"), ("c1", "a1"), ("sofa", "sofa, couch")):
        synonym(words, others)
    for number in range(40):
        Synonym.objects.create(language="en", words="sofa", others=", ".join(f"w{number} x{n} y z" for n in range(12)))
    forget()

    reading = search("sofa " * 12, "en").reading

    assert sum(len(term.synonyms) for term in reading.terms) <= 24
    assert names("a1") == []
    assert names("sofa")[:2] == ["Sofa Linen", "Sofa Wool"]


@pytest.mark.parametrize(
    ("words", "others"),
    [("", "x"), (",", "x"), ("!!", "x"), ("a", "A"), ("a b c d e", "x"), ("a," * 13, "x"), ("\x00", "x")],
)
def test_what_is_no_synonym_is_refused(words, others):
    with pytest.raises(ValidationError):
        Synonym(language="en", words=words, others=others).full_clean()


def place(name: str, query: str, **more) -> Placement:
    return rule(Placement(language=more.pop("language", "en"), query=query, product=product(name), **more))


def test_pinned_results_stand_at_their_place_and_buried_ones_at_the_end(shop):
    place("Green Chai Blend", "Sofa!", position=2)
    place("Sofa Linen", "sofa", action="bury")

    found = search("SOFA", "en")

    assert [(hit.title, hit.placed) for hit in found.hits[Kind.PRODUCT]] == [
        ("Sofa Wool", ""),
        ("Green Chai Blend", "pinned"),
        ("Sofa Linen", "buried"),
    ]
    assert found.totals[Kind.PRODUCT] == 3
    assert product("Green Chai Blend").pk in set(found.product_ids().values_list("object_id", flat=True))
    assert names("sofa wool") == ["Sofa Wool"]
    assert names("sofa", "de") == ["Sofa Leinen", "Sofa Wolle"]


def test_a_rule_may_be_for_all_queries_with_its_words(shop):
    place("Couch Classic", "sofa", match="words")

    assert names("wool sofa") == ["Couch Classic", "Sofa Wool"]
    assert names("nothing like it") == []


def test_a_pin_shows_even_where_nothing_is_found_but_only_what_is_public(shop):
    place("Secret Sofa", "beanbag")
    place("Sofa Wool", "beanbag")

    assert names("beanbag") == ["Sofa Wool"]
    Product.objects.update(live=False)
    assert names("beanbag") == []


def test_a_pin_gives_way_to_the_filters_of_the_visitor(shop):
    place("Couch Classic", "sofa")

    assert names("sofa", products=Product.objects.shown().filter(translations__name="Sofa Wool")) == ["Sofa Wool"]


def test_pins_hold_in_suggestions_for_just_this_text(shop, client: Client):
    def suggested(text: str) -> list[str]:
        soup = BeautifulSoup(client.get("/en/search/suggest/", {"q": text}).content, "html.parser")
        return [option.get_text() for option in soup.select("[role=option]")]

    place("Couch Classic", "Sofa")
    place("Sofa Linen", "sofa", action="bury")
    place("Green Chai Blend", "beanbag")
    place("Secret Sofa", "beanbag")

    assert suggested("sofa") == ["Couch Classic", "Sofa Wool", "Sofa Linen"]
    assert suggested("sof") == ["Sofa Linen", "Sofa Wool"]
    assert suggested("beanbag") == ["Green Chai Blend"]


def test_categories_and_pages_can_be_pinned(shop):
    category = make_category("Furniture")
    home = HomePage.objects.get(locale__language_code="en")
    page = home.add_child(instance=ContentPage(title="How we build", slug="how-we-build", locale=home.locale))
    call_command("rebuild_search", stdout=StringIO())
    rule(Placement(language="en", query="sofa", category=category))
    rule(Placement(language="en", query="sofa", page=page))

    found = search("sofa", "en")

    assert [hit.object_id for hit in found.hits[Kind.CATEGORY]] == [category.pk]
    assert [hit.object_id for hit in found.hits[Kind.PAGE]] == [page.pk]


def test_rules_cost_no_query_while_they_are_remembered(shop, django_assert_num_queries):
    synonym("couch", "sofa")
    place("Sofa Wool", "couch")
    search("couch", "en")

    with django_assert_num_queries(4):
        load("en")
    with django_assert_num_queries(6):
        search("couch", "en")


def test_without_redis_rules_are_read_once_in_a_while(shop, settings, monkeypatch, django_assert_num_queries):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/0"}}
    synonym("couch", "sofa")

    assert "Sofa Wool" in names("couch")
    with django_assert_num_queries(0):
        rules("en")
    monkeypatch.setattr("search.desk.rules.REST_SECONDS", 0)
    with django_assert_num_queries(4):
        rules("en")


def test_a_change_holds_with_its_commit(shop, caught_up):
    with caught_up():
        Synonym.objects.create(language="en", words="settee", others="sofa")
    assert names("settee")

    with caught_up():
        Synonym.objects.all().delete()
    assert not names("settee")


def test_a_query_leads_where_the_desk_says(shop, client: Client):
    rule(QueryRedirect(language="en", query="Sófa  WOOL", product=product("Sofa Wool")))
    rule(QueryRedirect(language="en", query="all", path="/en/shop/?sort=name"))

    for typed in ("sofa wool", "SOFA, wool"):
        response = client.get("/en/search/", {"q": typed})
        assert (response.status_code, response["Location"]) == (302, "/en/product/sofa-wool/")
    assert client.get("/en/search/", {"q": "all"})["Location"] == "/en/shop/?sort=name"
    assert client.get("/de/suche/", {"q": "all"}).status_code == 200

    Product.objects.update(live=False)
    assert client.get("/en/search/", {"q": "sofa wool"}).status_code == 200


OUTSIDE = [
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\/evil", "http:/evil",
    "javascript:alert(1)", "/\t/evil.example", "en/shop/", "/en/\r\nSet-Cookie: a=b",
]  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
def test_nothing_leads_out_of_the_shop(shop, client: Client, path):
    assert not is_inside(path)
    QueryRedirect.objects.create(language="en", query="out", path=path)
    forget()

    assert client.get("/en/search/", {"q": "out"}).status_code == 200


def test_circles_are_seen():
    paths = {
        ("en", "a"): "/en/search/?q=B!",
        ("en", "b"): "/de/suche/?q=c",
        ("de", "c"): "/en/search/?q=a",
        ("en", "x"): "/en/search/?q=y",
    }

    assert circles(("en", "a"), paths)
    assert not circles(("en", "x"), paths)
    assert circles(("en", "x"), {("en", "x"): "/en/search/?q=X"})


HIDDEN = [
    "/en/search?q=x",  # without its slash
    "/en/search/?q=y&q=x",  # the last one counts
    "/en/%73earch/?q=x",
    "/%65n/search/?q=x",
    "/ar/%D8%A8%D8%AD%D8%AB/?q=x",
    "/ar/بحث?q=%78",
]


@pytest.mark.parametrize("path", HIDDEN)
def test_a_circle_is_seen_however_its_address_is_written(shop, client: Client, path):
    for language in ("en", "ar"):
        row = QueryRedirect(language=language, query="x", path=path)
        QueryRedirect.objects.create(language=language, query="x", path=path)
    forget()

    assert wrong_with_path(row)
    response = client.get("/en/search/", {"q": "x"}, follow=True)
    assert response.status_code == 200
    assert len(response.redirect_chain) <= 2


def test_two_rules_that_lead_to_each_other_lead_nowhere(shop, client: Client):
    QueryRedirect.objects.create(language="en", query="a", path="/en/search/?q=b")
    QueryRedirect.objects.create(language="en", query="b", path="/en/search/?q=a")
    forget()

    assert client.get("/en/search/", {"q": "a"}).status_code == 200
