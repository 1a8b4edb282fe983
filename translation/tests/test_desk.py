"""Source beside target: what a translator writes becomes a draft in that language, and nothing is lost on the way."""

import pytest
from django.urls import reverse
from wagtail.admin.models import EditingSession

from catalog.models import Category, Product
from catalog.tests.factories import make_category, make_image, make_product
from core.models import OldSlug
from translation import desk as work
from translation.pieces import held
from translation.tests.conftest import signed_in
from translation.tests.desk_forms import desk_url, open_screen, read

pytestmark = pytest.mark.django_db
HEADING, TEXT = "11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002"
BODY = [
    {"type": "heading", "value": "Harvest", "id": HEADING},
    {"type": "paragraph", "value": "<p>Picked in <b>May</b>.</p>", "id": TEXT},
]


def draft_of(instance):
    return type(instance)._default_manager.get(pk=instance.pk).get_latest_revision_as_object()


def row(instance, code):
    return next(each for each in instance.translations.all() if each.language_code == code)


def messages_of(answer, client):
    page = client.get(answer.url) if answer.status_code == 302 else answer
    return " ".join(str(message) for message in page.context["messages"])


def test_it_works(german):
    tea = make_product("Sencha", languages=["en"], texts={"en": {"body": BODY, "seo_title": "Sencha tea"}})
    screen = open_screen(german, tea)
    assert "Harvest" in screen.soup.get_text() and "Picked in" in screen.soup.get_text()

    screen.write(name="Grüner Tee", seo_title="Sencha kaufen", **{f"body.{HEADING}": "Ernte"})
    answer = screen.post()

    assert answer.status_code == 302
    assert "Saved as a draft." in messages_of(answer, german)
    german_row = row(draft_of(tea), "de")
    assert (german_row.name, german_row.slug, german_row.seo_title) == ("Grüner Tee", "grüner-tee", "Sencha kaufen")
    assert [block.block_type for block in german_row.body] == ["heading"]  # the text is not translated yet
    assert german_row.body[0].value == "Ernte"
    assert not Product.objects.get(pk=tea.pk).translations.filter(language_code="de").exists()


def test_rich_text_is_written_as_its_editor_sends_it(german):
    tea = make_product("Sencha", languages=["en"], texts={"en": {"body": BODY}})
    screen = open_screen(german, tea)
    content = '{"entityMap":{},"blocks":[{"key":"a","text":"Im Mai.","type":"unstyled","inlineStyleRanges":[]}]}'
    hostile = content.replace("Im Mai.", "<script>alert(1)</script>")

    screen.write(name="Tee", **{f"body.{TEXT}": content})
    screen.post()
    assert "Im Mai." in row(draft_of(tea), "de").body[0].value.source

    again = open_screen(german, tea)
    again.write(**{f"body.{TEXT}": hostile})
    again.post()
    assert "<script" not in row(draft_of(tea), "de").body[0].value.source


def test_alt_texts_of_pictures(german):
    tea = make_product("Sencha", images=[make_image()])
    screen = open_screen(german, tea)
    path = next(piece.path for piece in work.Desk(tea, tea, "en", "de").pieces if piece.path.startswith("images."))
    assert screen.text(path) == "Picture (de)"

    screen.write(**{path: "Teeblätter"})
    screen.post()

    assert draft_of(tea).images.get().alt == {"en": "Picture (en)", "de": "Teeblätter", "ar": "Picture (ar)"}


def test_category(german):
    teas = make_category("Tea", languages=["en"])
    screen = open_screen(german, teas)
    screen.write(name="Tee")
    screen.post()
    assert row(draft_of(teas), "de").name == "Tee"
    assert Category.objects.get(pk=teas.pk).parent is None


def test_arabic_is_a_field_from_right_to_left(arabic):
    tea = make_product("Sencha")
    screen = open_screen(arabic, tea, "ar", source="de")
    field = screen.soup.select_one("#id_t-name")
    assert (field["lang"], field["dir"]) == ("ar", "rtl")
    assert "Sencha de" in screen.soup.select_one("#source-t-name").get_text()


def test_copy_source_fills_the_field_and_saves_nothing(german):
    tea = make_product("Sencha", languages=["en"], texts={"en": {"seo_title": "Sencha tea", "body": BODY}})
    screen = open_screen(german, tea)
    screen.write(name="Grüner Tee")

    one = read(german, screen.url, screen.post(copy="t-seo_title"))
    assert (one.text("name"), one.text("seo_title"), one.text(f"body.{HEADING}")) == ("Grüner Tee", "Sencha tea", "")

    everything = read(german, screen.url, one.post(copy="all"))
    assert everything.text("name") == "Grüner Tee"  # only blank ones
    assert everything.text(f"body.{HEADING}") == "Harvest"
    assert "Picked in" in everything.text(f"body.{TEXT}")
    assert Product.objects.get(pk=tea.pk).latest_revision is None

    everything.post()
    assert "<b>May</b>" in row(draft_of(tea), "de").body[1].value.source


def test_nothing_new_makes_no_revision(german):
    tea = make_product("Sencha")
    answer = open_screen(german, tea).post()
    assert "nothing new to save" in messages_of(answer, german)
    assert Product.objects.get(pk=tea.pk).latest_revision is None


class TestSlug:
    def test_a_clash_is_refused_with_what_is_free(self, german):
        make_product("Other", texts={"de": {"slug": "tee"}})
        tea = make_product("Sencha")
        screen = open_screen(german, tea)
        screen.write(slug="tee", name="Neuer Tee")

        answer = screen.post()

        assert "“tee” is already taken in this language. “tee-2” is free." in answer.content.decode()
        assert read(german, screen.url, answer).text("name") == "Neuer Tee"
        assert Product.objects.get(pk=tea.pk).latest_revision is None

    def test_unicode_is_fine_and_blanks_are_not(self, arabic):
        tea = make_product("Sencha")
        screen = open_screen(arabic, tea, "ar")
        screen.write(name="شاي أخضر", slug="شاي أخضر")
        assert screen.post().status_code == 200
        screen.write(slug="")
        assert screen.post().status_code == 302
        assert row(draft_of(tea), "ar").slug == "شاي-أخضر"

    def test_the_old_one_leads_on(self, german, client):
        tea = make_product("Sencha")
        screen = open_screen(german, tea)
        screen.write(slug="grüner-tee")
        screen.post()
        Product.objects.get(pk=tea.pk).latest_revision.publish()

        assert OldSlug.objects.filter(language_code="de", slug="sencha-de").exists()
        old = client.get("/de/produkt/sencha-de/")
        assert old.status_code == 301 and old.url.endswith("/gr%C3%BCner-tee/")


class TestTwoPeople:
    def test_an_editors_draft_stays(self, german):
        tea = make_product("Sencha")
        screen = open_screen(german, tea)
        theirs = held(draft_of(tea))
        row(theirs, "en").name = "New name"
        theirs.featured = True
        theirs.save_revision()

        screen.write(name="Mein Name")
        assert screen.post().status_code == 302

        draft = draft_of(tea)
        assert (row(draft, "en").name, row(draft, "de").name, draft.featured) == ("New name", "Mein Name", True)

    def test_both_texts_are_shown_and_kept(self, german, member):
        tea = make_product("Sencha")
        mine = open_screen(german, tea)
        colleague = signed_in(member("Translators: German"))
        theirs = open_screen(colleague, tea)
        theirs.write(name="Ihr Name", seo_title="Ihr Titel")
        theirs.post()

        mine.write(name="Mein Name")
        answer = mine.post()

        assert answer.status_code == 200
        again = read(german, mine.url, answer)
        assert again.text("name") == "Mein Name"
        assert "Ihr Name" in again.soup.select_one("blockquote").get_text()
        assert row(draft_of(tea), "de").name == "Ihr Name"

        again.write(name="Unser Name")
        assert again.post().status_code == 302
        assert row(draft_of(tea), "de").name == "Unser Name"
        assert row(draft_of(tea), "de").seo_title == "Ihr Titel"

    def test_who_else_is_here(self, german, member):
        tea = make_product("Sencha")
        colleague = member("Translators: German")
        signed_in(colleague).get(desk_url(tea, "de"))
        assert f"Open at the same time: {colleague.username}" in german.get(desk_url(tea, "de")).content.decode()
        assert EditingSession.objects.count() == 2


class TestReview:
    def test_others_changes_in_the_same_draft_are_named(self, german, member):
        tea = make_product("Sencha")
        assert "not live yet" not in german.get(desk_url(tea, "de")).content.decode()
        editor = member("Editors")
        tea.save_revision(user=editor)
        shown = german.get(desk_url(tea, "de")).content.decode()
        assert f"changes by {editor.username} that are not live yet" in shown

    def test_sent_to_the_editors_review_and_approved(self, german, moderator):
        tea = make_product("Sencha", languages=["en", "de"], category=make_category())
        screen = open_screen(german, tea)
        screen.write(name="Grüner Tee")

        answer = screen.post(submit="1")

        assert "sent to review" in messages_of(answer, german)
        tea = Product.objects.get(pk=tea.pk)
        assert tea.workflow_in_progress
        page = german.get(desk_url(tea, "de"))
        assert "This is in review." in page.content.decode()
        locked = read(german, desk_url(tea, "de"), page)
        locked.write(name="Doch anders")
        assert locked.post().status_code == 200
        assert row(draft_of(tea), "de").name == "Grüner Tee"

        tea.current_workflow_state.current_task_state.approve(user=moderator)
        assert Product.objects.get(pk=tea.pk).translations.get(language_code="de").name == "Grüner Tee"

    def test_sent_back_it_can_be_written_and_sent_again(self, german, moderator):
        tea = make_product("Sencha", category=make_category())
        screen = open_screen(german, tea)
        screen.write(name="Gruner Tee")
        screen.post(submit="1")
        tea = Product.objects.get(pk=tea.pk)
        tea.current_workflow_state.current_task_state.reject(user=moderator, comment="ü!")

        again = open_screen(german, tea)
        assert "ü!" in again.soup.get_text()
        again.write(name="Grüner Tee")
        assert "sent to review" in messages_of(again.post(submit="1"), german)
        assert Product.objects.get(pk=tea.pk).workflow_in_progress

    def test_what_lacks_something_is_kept_as_a_draft(self, german):
        tea = make_product("Sencha", variants=[])
        screen = open_screen(german, tea)
        screen.write(name="Grüner Tee")
        answer = screen.post(submit="1")
        assert "not ready for review yet" in messages_of(answer, german)
        assert not Product.objects.get(pk=tea.pk).workflow_in_progress
        assert row(draft_of(tea), "de").name == "Grüner Tee"

    def test_the_translator_hears_that_it_is_not_on_the_site(self, german):
        tea = make_product("Sencha")
        assert "Not on the site" not in german.get(desk_url(tea, "de")).content.decode()
        tea.unpublish()
        assert "Not on the site" in german.get(desk_url(tea, "de")).content.decode()


@pytest.mark.parametrize("address", ["catalog.stock/1/de", "auth.user/1/de", "nothing/1/de", "catalog.product/999/de"])
def test_only_what_is_translated_here(german, address):
    base = reverse("translation:overview")
    assert german.get(f"{base}{address}/").status_code == 404


def test_queries_of_the_screen(german, django_assert_num_queries):
    small = make_product("Small")
    big = make_product(
        "Big",
        texts={"en": {"body": [{"type": "heading", "value": f"H{n}", "id": f"{n}"} for n in range(30)]}},
        images=[make_image(), make_image()],
    )
    counts = []
    for tea in (small, big):
        german.get(desk_url(tea, "de"))
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            german.get(desk_url(tea, "de"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 40
