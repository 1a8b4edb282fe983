"""A review: who is mailed what and in which language, what an outdated look may do, and what is answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from wagtail.models import WorkflowState

from catalog.models import Product
from catalog.tests.admin_forms import open_edit
from catalog.tests.factories import make_product
from core import outbox
from core.models import HomePage, Outbox
from editorial.changes import _styled

pytestmark = pytest.mark.django_db
ALL = ["en", "de", "ar"]


@pytest.fixture
def tea():
    made = make_product("Sencha", languages=ALL, variants=[{"sku": "S-50", "price": "8.90"}])
    made.save_revision().publish()
    return Product.objects.get(pk=made.pk)


@pytest.fixture
def elif_(person):
    return person("elif", "Editors", first_name="Elif")


@pytest.fixture
def mona(person):
    return person("mona", "Moderators", language="de", first_name="Mona")


def submit(client, tea, **texts):
    form = open_edit(client, tea)
    form.write("de", name="Morgentau")
    form.change(form.row("variants", sku="S-50"), price="9.90")
    assert form.post("submit").status_code == 302


def decide(client, tea, action, **data):
    state = Product.objects.get(pk=tea.pk).current_workflow_task_state
    url = reverse(tea.snippet_viewset.get_url_name("workflow_action"), args=[tea.pk, action, state.pk])
    return client.post(url, data, follow=True).content.decode()


def test_a_reviewer_is_mailed_the_difference_in_her_language(elif_, mona, tea, signed_in):
    submit(signed_in(elif_), tea)
    assert mail.outbox == []

    outbox.send_due()

    assert [message.to for message in mail.outbox] == [["mona@example.com"]]
    message = mail.outbox[0]
    html = message.alternatives[0][0]
    assert 'lang="de"' in html
    for words in ("Sencha", "Elif"):
        assert words in message.body
    assert "[-8.900-]" in message.body
    assert "[+9.9" in message.body
    assert "[+Morgentau+]" in message.body
    assert f"/product/history/{tea.pk}/revisions/compare/live..." in message.body
    assert f"http://testserver/admin/snippets/catalog/product/edit/{tea.pk}/" in html
    assert "line-through" in html


def test_the_note_of_the_author_reaches_mail_and_inbox(elif_, mona, tea, signed_in):
    form = open_edit(signed_in(elif_), tea)
    form.write("de", name="Morgentau")
    form.fields["submission_note"] = " Please <b>look</b> at the German name. "
    form.post("submit")

    outbox.send_due()

    assert "Please <b>look</b> at the German name.\n" in mail.outbox[0].body
    assert "Please &lt;b&gt;look&lt;/b&gt; at the German name." in mail.outbox[0].alternatives[0][0]
    inbox = signed_in(mona).get("/admin/").content.decode()
    assert "Please &lt;b&gt;look&lt;/b&gt; at the German name." in inbox


def test_a_mail_is_sent_once_and_not_after_the_decision(elif_, mona, tea, signed_in):
    submit(signed_in(elif_), tea)
    decide(signed_in(mona), tea, "reject", comment="Kürzer.")

    outbox.send_due()
    outbox.send_due()

    assert [message.to for message in mail.outbox] == [["elif@example.com"]]
    assert "Kürzer." in mail.outbox[0].body
    assert Outbox.objects.filter(sent_at=None).count() == 0


def test_the_author_hears_of_the_approval(elif_, mona, tea, signed_in):
    submit(signed_in(elif_), tea)
    html = decide(signed_in(mona), tea, "approve", comment="Schön.")

    outbox.send_due()

    assert "Published now." in html
    assert mail.outbox[0].to == ["elif@example.com"]
    assert "Schön." in mail.outbox[0].body
    assert "Published now." in mail.outbox[0].body


def test_who_wants_no_mails_gets_none(elif_, mona, tea, signed_in):
    mona.wagtail_userprofile.submitted_notifications = False
    mona.wagtail_userprofile.save()
    submit(signed_in(elif_), tea)

    outbox.send_due()

    assert mail.outbox == []


def test_an_approval_for_later_names_the_moment(elif_, mona, tea, signed_in):
    form = open_edit(signed_in(elif_), tea)
    form.write("de", name="Morgentau")
    when = timezone.localtime(timezone.now() + timedelta(days=7))
    form.fields["go_live_at"] = when.strftime("%Y-%m-%d 09:00")
    form.post("submit")

    html = decide(signed_in(mona), tea, "approve")

    assert "Goes live" in html
    assert "09:00 (Europe/Berlin)" in html
    assert Product.objects.get(pk=tea.pk).translations.get(language_code="de").name == "Sencha de"


def test_what_somebody_else_has_changed_meanwhile_is_not_approved(elif_, mona, person, tea, signed_in):
    submit(signed_in(elif_), tea)
    other = signed_in(person("maria", "Moderators"))
    form = open_edit(other, tea)
    form.change(form.row("variants", sku="S-50"), price="1.00")
    form.post()

    html = decide(signed_in(mona), tea, "approve")

    assert "Please look again" in html
    assert Product.objects.get(pk=tea.pk).current_workflow_state.status == WorkflowState.STATUS_IN_PROGRESS
    assert str(Product.objects.get(pk=tea.pk).variants.get().price) == "8.900"


def test_an_outdated_editor_does_not_approve_and_a_fresh_one_does(elif_, mona, person, tea, signed_in):
    submit(signed_in(elif_), tea)
    client = signed_in(mona)
    stale = open_edit(client, tea)
    other = open_edit(signed_in(person("maria", "Moderators")), tea)
    other.write("de", name="Anders")
    other.post()

    stale.fields |= {"action-workflow-action": "true", "workflow-action-name": "approve"}
    stale.post()
    assert Product.objects.get(pk=tea.pk).translations.get(language_code="de").name == "Sencha de"

    fresh = open_edit(client, tea)
    fresh.fields |= {"action-workflow-action": "true", "workflow-action-name": "approve"}
    fresh.post()
    assert Product.objects.get(pk=tea.pk).translations.get(language_code="de").name == "Anders"


def test_pages_have_the_same_mails_and_sentences(elif_, mona, signed_in):
    home = HomePage.objects.get(locale__language_code="en")
    home.title = "Another window"
    home.save_revision(user=elif_)
    home.get_workflow().start(home, elif_)
    state = home.current_workflow_task_state

    outbox.send_due()
    assert "[+Another window+]" in mail.outbox[0].body

    url = reverse("wagtailadmin_pages:workflow_action", args=[home.pk, "approve", state.pk])
    html = signed_in(mona).post(url, follow=True).content.decode()
    assert "Published now." in html


def test_a_long_text_is_cut_and_stays_text():
    html = _styled(f'<span class="addition">&lt;script&gt;alert(1)&lt;/script&gt; {"long " * 400}</span>')

    assert html.startswith("&lt;script&gt;") and html.endswith(" …")
