"""Pages at the desk: a page in one language beside the one it is translated from."""

import pytest
from django.urls import reverse
from wagtail.models import Locale, Page

from core.models import ContentPage, HomePage
from translation import pages
from translation.models import Standing
from translation.tests.conftest import in_localize, signed_in
from translation.tests.desk_forms import read

pytestmark = pytest.mark.django_db
HEADING, TEXT = "11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002"
BODY = [
    {"type": "heading", "value": "Our kiln", "id": HEADING},
    {"type": "paragraph", "value": "<p>We make tea.</p>", "id": TEXT},
]


@pytest.fixture
def about(db):
    home = HomePage.objects.get(locale__language_code="en")
    page = home.add_child(instance=ContentPage(title="About", slug="about", intro="Who we are", body=BODY))
    page.save_revision().publish()
    return ContentPage.objects.get(pk=page.pk)


def begin(client, page, code="de"):
    return open_page(client, page, client.post(reverse("translation:start-page", args=[page.pk, code])).url)


def open_page(client, page, url=""):
    url = url or reverse("translation:side-by-side", args=["wagtailcore.page", page.pk, "de"])
    response = client.get(url)
    assert response.status_code == 200
    return read(client, url, response)


def german_of(page):
    return ContentPage.objects.get(translation_key=page.translation_key, locale__language_code="de")


def draft(page):
    return german_of(page).get_latest_revision_as_object()


def state(client, page):
    """State and words left in the overview."""
    found = client.get("/admin/translation/?kind=wagtailcore.page&language=de").context["page"]
    return next((e.state, e.words_left) for row in found for e in row.cells if e and e.source == page.pk)


def test_from_missing_to_done(german, about, moderator):
    assert state(german, about) == ("missing", 9)  # title, introduction, heading, paragraph

    screen = begin(german, about)
    assert "Our kiln" in screen.soup.get_text() and "We make tea." in screen.soup.get_text()
    assert state(german, about) == ("draft", 8)
    screen.write(title="Über uns", slug="über-uns", intro="Wer wir sind", **{f"body.{HEADING}": "Unser Ofen"})
    assert screen.post().status_code == 302

    page = draft(about)
    assert (page.title, page.slug, page.intro) == ("Über uns", "über-uns", "Wer wir sind")
    assert [(block.block_type, block.value) for block in page.body] == [("heading", "Unser Ofen")]
    assert not german_of(about).live
    assert state(german, about) == ("draft", 3)

    again = open_page(german, about)
    again.fields["t-body-" + TEXT] = (
        '{"entityMap":{},"blocks":[{"key":"a","text":"Wir machen Tee.","type":"unstyled"}]}'
    )
    answer = again.post(submit="1")
    assert german_of(about).workflow_in_progress, german.get(answer.url).content.decode()
    assert state(german, about) == ("review", 0)
    german_of(about).current_workflow_state.current_task_state.approve(user=moderator)
    assert german_of(about).live and german_of(about).title == "Über uns"
    assert state(german, about) == ("done", 0)


def test_the_source_changes(german, about):
    screen = begin(german, about)
    screen.write(title="Über uns", intro="Wer wir sind")
    screen.post()
    german_of(about).latest_revision.publish()
    about.intro = "Who we really are"
    about.save_revision().publish()

    assert state(german, about)[0] == "outdated"
    screen = open_page(german, about)
    changes = screen.soup.select(".side__change")
    assert [[word.get_text().strip() for word in each.select("ins")] for each in changes] == [["really"]]
    assert draft(about).intro == "Wer wir sind"

    screen.fields["t-intro-correct"] = "on"
    screen.post()
    assert open_page(german, about).soup.select(".side__change") == []
    assert state(german, about)[0] != "outdated"


def test_a_draft_of_the_source_does_not_count_before_it_is_live(german, about):
    begin(german, about).post()
    about.intro = "Who we really are"
    about.save_revision()
    assert "really" not in open_page(german, about).soup.get_text()


def test_written_by_hand_it_keeps_its_own_blocks(german, about):
    own = about.copy_for_translation(Locale.objects.get(language_code="de"))
    own.body = [{"type": "quote", "value": {"text": "Nur hier", "source": ""}, "id": "own"}]
    own.title = "Wir"
    own.save_revision().publish()

    screen = open_page(german, about)
    screen.write(title="Über uns")
    screen.post()
    assert [block.block_type for block in draft(about).body] == ["quote"]

    screen = open_page(german, about)
    screen.write(**{f"body.{HEADING}": "Unser Ofen"})
    screen.post()
    assert {block.block_type for block in draft(about).body} == {"heading", "quote"}


def test_titles_and_slugs(german, about):
    HomePage.objects.get(locale__language_code="de").add_child(instance=ContentPage(title="Da", slug="da"))
    screen = begin(german, about)
    screen.write(slug="da")
    assert "“da” is already taken in this language. “da-1” is free." in screen.post().content.decode()
    screen.write(slug="", title="")
    assert screen.post().status_code == 200
    screen.write(title="Über uns")
    assert screen.post().status_code == 302
    assert draft(about).slug == "über-uns"


def test_two_people(german, about, member):
    mine = begin(german, about)
    theirs = open_page(signed_in(member("Translators: German")), about)
    theirs.write(title="Ihr Titel")
    theirs.post()
    mine.write(title="Mein Titel", intro="Wer wir sind")
    answer = mine.post()
    assert answer.status_code == 200
    assert "Ihr Titel" in answer.content.decode() and "Mein Titel" in answer.content.decode()
    assert draft(about).title == "Ihr Titel"


def test_without_its_parent_it_has_no_place(german, about):
    child = about.add_child(instance=ContentPage(title="Child", slug="child"))
    answer = german.post(reverse("translation:start-page", args=[child.pk, "de"]), follow=True)
    assert "Begin the page above it first" in answer.content.decode()
    assert not Page.objects.filter(translation_key=child.translation_key).exclude(pk=child.pk).exists()


def test_what_localize_keeps_stays_there(german, about, admin_user):
    in_localize(about, "de", admin_user)
    row = next(
        entry
        for row in german.get("/admin/translation/?kind=wagtailcore.page").context["page"]
        for entry in row.cells
        if entry and entry.source == about.pk
    )
    assert row.url == reverse("wagtailadmin_pages:edit", args=[german_of(about).pk])
    assert (row.state, row.words_left > 0) == ("draft", True)
    assert german.get(reverse("translation:side-by-side", args=["wagtailcore.page", about.pk, "de"])).status_code == 404
    assert german.get(row.url).status_code == 200


def test_observed_once(german, about):
    pages.catch_up(500)
    assert pages.catch_up(500) == 0
    begin(german, about)
    assert pages.catch_up(500) == 1
    about.delete()
    pages.catch_up(500)
    assert not Standing.objects.filter(content_type__model="page", object_id=about.pk).exists()
