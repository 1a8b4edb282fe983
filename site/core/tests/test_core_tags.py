from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override

from core.localized import LocalizedText, listed
from core.pages import alternates
from core.templatetags.core_tags import head_links, language_links, language_of, picture


def render(text: str, **context) -> str:
    return Template("{% load core_tags %}" + text).render(Context(context))


def test_it_works():
    with override("en"):
        assert language_of("en") == ""
        assert language_of(None) == ""
        assert language_of("de") == ' lang="de" dir="ltr"'
        assert language_of("ar") == ' lang="ar" dir="rtl"'


def test_a_missing_picture_is_the_house_mark_and_no_broken_image():
    assert "<img" not in render("{% picture nothing %}", nothing=None)
    assert "picture--missing" in render("{% picture nothing %}", nothing=None)


def test_an_alt_text_of_another_language_is_marked():
    with override("de"):
        assert picture(None, LocalizedText(en="A pot"))["code"] == "en"
        assert picture(None, LocalizedText(en="A pot", de="Eine Kanne"))["alt"] == "Eine Kanne"
        assert picture(None, LocalizedText())["code"] is None


def test_words_are_listed():
    with override("en"):
        assert listed(["Sand", "0.6 l"]) == "Sand, 0.6 l"
        assert listed([]) == ""


def links(query: str = "", **context):
    request = RequestFactory().get(f"/en/shop/{query}")
    with override("en"):
        return [address for _other, address in language_links(Context({"request": request, **context}))]


def test_the_language_switch_keeps_the_query_of_the_same_object_only():
    with override("en"):
        here = alternates(lambda code: f"/{code}/shop/")

    assert links("?page=2", alternates=here) == ["/en/shop/?page=2", "/de/shop/?page=2", "/ar/shop/?page=2"]
    assert links("?page=2") == ["/en/", "/de/", "/ar/"]


@pytest.mark.parametrize(
    ("existing", "canonical", "others"),
    [
        ({"en", "de"}, "http://testserver/de/x/", ["en", "de"]),
        ({"en"}, "http://testserver/en/x/", []),
        ({"ar"}, None, []),
    ],
)
def test_search_engines_are_told_where_a_text_is_written(existing, canonical, others):
    with override("de"):
        found = head_links(Context({"alternates": alternates(lambda code: f"/{code}/x/", existing)}))

    assert found["canonical"] == canonical
    assert [code for code, _address in found["others"]] == others


def test_later_pages_are_their_own_originals():
    with override("en"):
        context = Context({"alternates": alternates(lambda code: f"/{code}/x/"), "page_obj": SimpleNamespace(number=3)})

    assert head_links(context)["canonical"] == "http://testserver/en/x/?page=3"
