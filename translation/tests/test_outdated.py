"""A translated text is outdated once its source has changed; the translator sees what, and may say it still fits."""

import pytest

import translation
from catalog.models import Product
from catalog.tests.factories import make_category, make_product
from translation import standing
from translation.differences import words_changed
from translation.models import Standing
from translation.pieces import held, row_in
from translation.tests.desk_forms import open_screen

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea(db):
    product = make_product("Sencha", languages=["en", "de"], texts={"en": {"seo_title": "Good tea"}, "de": {}})
    product.translations.filter(language_code="de").update(seo_title="Guter Tee")
    standing.catch_up()
    return Product.objects.get(pk=product.pk)


def change(product, code="en", **texts):
    """As the editor's form does: a new draft, nobody told."""
    draft = held(Product.objects.get(pk=product.pk).get_latest_revision_as_object())
    for name, text in texts.items():
        setattr(row_in(draft, code), name, text)
    draft.save_revision()
    standing.catch_up()


def state(product, code="de"):
    return Standing.objects.get(object_id=product.pk, language_code=code, content_type__model="product").state


def test_difference_and_still_correct(tea, german):
    assert state(tea) == "done"
    change(tea, seo_title="Very good tea")
    assert state(tea) == "outdated"

    screen = open_screen(german, tea)
    shown = screen.soup.select_one(".side__change")
    assert [each.get_text().strip() for each in shown.select("del")] == ["Good"]
    assert [each.get_text().strip() for each in shown.select("ins")] == ["Very good"]
    assert len(screen.soup.select(".side__row--outdated")) == 1

    screen.fields["t-seo_title-correct"] = "on"
    assert screen.post().status_code == 302

    assert open_screen(german, tea).soup.select_one(".side__change") is None
    assert state(tea) == "done"  # all of its German is live
    draft = Product.objects.get(pk=tea.pk).get_latest_revision_as_object()
    assert row_in(draft, "de").seo_title == "Guter Tee"  # the text itself is as it was


def test_a_new_text_clears_it(tea, german):
    change(tea, seo_title="Very good tea", name="Sencha of May")
    screen = open_screen(german, tea)
    assert len(screen.soup.select(".side__change")) == 2

    screen.write(seo_title="Sehr guter Tee")
    screen.post()

    left = open_screen(german, tea).soup.select(".side__change")
    assert len(left) == 1 and "Sencha of May" in left[0].get_text()


def test_what_the_editor_rewrites_in_both_languages_is_not_outdated(tea):
    draft = held(tea.get_latest_revision_as_object())
    row_in(draft, "en").seo_title, row_in(draft, "de").seo_title = "New", "Neu"
    draft.save_revision()
    standing.catch_up()
    assert state(tea) != "outdated"


def test_the_source_put_back_is_no_change(tea):
    change(tea, seo_title="Very good tea")
    change(tea, seo_title="Good tea")
    assert state(tea) != "outdated"


def test_another_language_is_not_concerned(tea):
    change(tea, "de", seo_title="Ganz guter Tee")
    assert state(tea) != "outdated"
    assert state(tea, "ar") == "missing"


def test_it_marks_and_changes_no_text(tea):
    change(tea, seo_title="Very good tea")
    revisions = Product.objects.get(pk=tea.pk).revisions.count()
    standing.catch_up()
    standing.observe(Product.objects.get(pk=tea.pk).get_latest_revision_as_object())
    assert Product.objects.get(pk=tea.pk).revisions.count() == revisions


def test_the_editors_room_is_told(tea):
    change(tea, seo_title="Very good tea")
    assert [(pk, code) for _type, pk, code in translation.outdated_for_inbox()] == [(tea.pk, "de")]


def test_what_is_deleted_is_forgotten(db):
    teas = make_category("Tea")
    standing.catch_up()
    assert Standing.objects.filter(content_type__model="category").count() == 2
    teas.delete()
    standing.catch_up()
    assert not Standing.objects.filter(content_type__model="category").exists()


def test_one_that_cannot_be_read_hides_no_other(tea, caplog):
    broken = make_category("Broken")
    broken.save_revision()
    broken.latest_revision.content["translations"] = "nonsense"
    broken.latest_revision.save()
    make_category("Sound")
    standing.catch_up()
    assert Standing.objects.filter(name="Sound").count() == 2
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Good tea", "Good tea", [("Good tea", "kept")]),
        ("", "New", [("New", "new")]),
        ("Old", "", [("Old", "gone")]),
        ("<p>Good tea.</p>", "<p>Bad tea.</p>", [("Good ", "gone"), ("Bad ", "new"), ("tea.", "kept")]),
    ],
)
def test_difference(before, after, expected):
    assert [(word.text, word.kind) for word in words_changed(before, after)] == expected
