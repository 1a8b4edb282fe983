"""A translation is printed as it is: it has its original's placeholders and markup, and nothing that runs."""

import polib
import pytest

from translation import catalogs
from translation.soundness import problems


@pytest.mark.parametrize(
    ("original", "translation", "reason"),
    [
        ("%(name)s is in your cart", "Im Warenkorb", "Placeholder missing: %(name)s"),
        ("%(name)s is in your cart", "%(nam)s ist da", "Not known here: %(nam)s"),
        ("%(name)s is in your cart", "%(name) ist da", "Placeholder missing: %(name)s"),
        ("%(name)s and %(name)s", "%(name)s", "Placeholder missing: %(name)s"),
        ("%s of %s", "%s", "Placeholder missing: %s"),
        ("{name} is here", "{nam} ist hier", "Placeholder missing: {name}"),
        ("Cart", "{settings}", "Not known here: {settings}"),
        ("Cart", "100 % gut", "The sign % is not allowed here: the original has none."),
        ("Save %(n)s", "%(n)s sparen, 50 % davon", "The sign % is not allowed here: the original has none."),
        ("Order <bdi>%(number)s</bdi>", "Bestellung %(number)s", "Markup missing: <bdi>"),
        ("Order <bdi>%(n)s</bdi>", "<bdi onclick=x()>%(n)s</bdi>", "Markup not allowed here: <bdi onclick=x()>"),
        ("Cart", "<script>alert(1)</script>", "Markup not allowed here: <script>"),
        ("Cart", "<img src=x onerror=alert(1)", "The sign < is not allowed here: the original has none."),
        ("Cart", 'Korb" onmouseover="alert(1)', 'The sign " is not allowed here: the original has none.'),
        ("Cart", "javascript:alert(1)", "Script and character codes are not allowed."),
        ("Cart", "&#106;avascript", "Script and character codes are not allowed."),
        ("Cart", "Waren\x00korb", "There is an invisible control character in the text."),
        ("Cart", "Waren\u202ekorb", "There is an invisible control character in the text."),
    ],
)
def test_refused(original, translation, reason):
    assert reason in problems("", original, "", [translation])


@pytest.mark.parametrize(
    ("original", "translation"),
    [
        ("Cart", "Warenkorb"),
        ("Cart", ""),
        ("Cart", "„Korb“ – wie's beliebt"),
        ("%(name)s is in your cart", "Im Warenkorb: %(name)s"),
        ("%(percent)s%% off", "%(percent)s%% Rabatt"),
        ("Order <bdi>%(number)s</bdi>", "Bestellung <bdi>%(number)s</bdi>"),
        ("Cart", "سلة التسوق"),
    ],
)
def test_accepted(original, translation):
    assert problems("", original, "", [translation]) == []


def test_plural_forms():
    one, many = "One item", "%(n)s items"
    assert problems("", one, many, ["Ein Artikel", "%(n)s Artikel"]) == []
    assert problems("", one, many, ["", "%(n)s Artikel"]) == ["Write every plural form."]
    assert problems("", "%(n)s item", many, ["%(n)s Artikel", "Artikel"]) == ["Placeholder missing: %(n)s"]
    assert problems("", one, many, ["", ""]) == []


def test_words_of_addresses_stay():
    assert problems("url", "product", "", ["ware"]) != []


@pytest.mark.parametrize("code", ["de", "ar"])
def test_all_that_is_shipped_is_sound(code):
    """So the rules refuse nothing that a translator needs."""
    wrong = [
        (entry.msgid, found)
        for entry in polib.pofile(str(catalogs.path(code)))
        if not entry.obsolete and entry.msgctxt != "url"
        if (found := problems(entry.msgctxt or "", entry.msgid, entry.msgid_plural, catalogs.texts(entry)))
    ]
    assert wrong == []


@pytest.mark.parametrize("code", ["de", "ar"])
def test_all_that_is_shipped_is_compiled(code):
    compiled = polib.mofile(str(catalogs.path(code).with_suffix(".mo")))
    found = {(entry.msgctxt, entry.msgid): catalogs.texts(entry) for entry in compiled}
    wanted = {
        (entry.msgctxt, entry.msgid): catalogs.texts(entry)
        for entry in polib.pofile(str(catalogs.path(code)))
        if entry.translated()
    }
    assert found == wanted
