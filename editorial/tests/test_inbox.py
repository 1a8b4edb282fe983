"""The inbox on the admin's home: what each person finds there, and at what cost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog import comments
from blog.models import Comment
from blog.tests.factories import make_post
from catalog.models import Category, Product
from catalog.tests.factories import make_category, make_image, make_product
from core.tasks import send_outbox
from editorial import inbox

pytestmark = pytest.mark.django_db


def names(entries):
    return [entry.name for entry in entries]


def submit(product, user):
    product.save_revision(user=user)
    product.get_workflow().start(product, user)
    return product.current_workflow_state


def test_it_works(person, signed_in):
    elif_ = person("elif", "Editors")
    tea = make_product("Sencha", languages=["en", "de", "ar"])
    tea.position = 3
    tea.save_revision(user=elif_)

    html = signed_in(elif_).get("/admin/").content.decode()

    assert "My drafts" in html
    assert f"/admin/snippets/catalog/product/edit/{tea.pk}/" in html
    assert "Your pages and snippets in a workflow" not in html
    assert names(inbox.drafts_of(elif_)) == ["Sencha"]
    assert inbox.drafts_of(person("other", "Editors")) == []


def test_a_review_waits_for_moderators_and_comes_back_with_the_note(person):
    elif_, mona = person("elif", "Editors"), person("mona", "Moderators")
    tea = make_product("Sencha", languages=["en", "de", "ar"])
    state = submit(tea, elif_)

    waiting = inbox.waiting_for(mona)
    assert names(waiting) == ["Sencha"]
    assert f"/revisions/compare/live...{tea.latest_revision_id}/" in waiting[0].changes
    assert inbox.waiting_for(elif_) == []
    assert inbox.drafts_of(elif_) == []

    state.current_task_state.reject(user=mona, comment="Shorter, please.")

    assert inbox.waiting_for(mona) == []
    assert [(entry.name, entry.text) for entry in inbox.sent_back_to(elif_)] == [("Sencha", "Shorter, please.")]


def test_scheduled_in_the_next_days_only(person):
    mona = person("mona", "Moderators")
    for name, days in (("Soon", 2), ("Later", 20)):
        tea = make_product(name, languages=["en", "de", "ar"], live=False)
        tea.go_live_at = timezone.now() + timedelta(days=days)
        tea.save_revision().publish()

    assert names(inbox.scheduled_for(mona)) == ["Soon"]
    assert inbox.scheduled_for(person("max", "Shop managers")) == []


def test_an_empty_shop_offers_where_to_begin(person, signed_in):
    from wagtail.models import Page

    for page in Page.objects.filter(depth__gt=2):
        page.delete()
    ada = person("ada", is_superuser=True)

    assert len(inbox.first_steps(ada)) == 3
    assert "Add the first product" in signed_in(ada).get("/admin/").content.decode()

    make_product()
    assert inbox.first_steps(ada) == []


def test_the_number_of_queries_does_not_grow(person, signed_in):
    elif_, mona = person("elif", "Editors"), person("mona", "Moderators")
    client = signed_in(mona)

    def fill(number):
        for index in range(number):
            submit(make_product(f"In review {index}", images=[make_image()], featured=True, variants=[]), elif_)
            draft = make_product(f"Draft {index}")
            draft.save_revision(user=mona)
            make_category(f"Category {index}").save_revision(user=mona)
            scheduled = make_product(f"Scheduled {index}", live=False)
            scheduled.go_live_at = timezone.now() + timedelta(days=1)
            scheduled.save_revision().publish()

    def queries():
        client.get("/admin/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/admin/").status_code == 200
        return len(captured)

    fill(1)
    few = queries()
    fill(5)

    assert (Product.objects.count(), Category.objects.count()) == (18, 6)
    assert queries() == few
    assert few <= 75


def test_a_stopped_scheduler_is_told(person, signed_in):
    client = signed_in(person("elif", "Editors"))
    assert "The scheduler is not running" in client.get("/admin/").content.decode()

    send_outbox()

    assert "The scheduler is not running" not in client.get("/admin/").content.decode()


def test_comments_wait_for_who_may_decide(person):
    post = make_post("On pots")
    elif_, mona = person("elif", "Editors"), person("mona", "Moderators")
    assert inbox.comments_for(mona) == []

    for number in range(12):
        Comment.objects.create(post=post, language="en", name=f"Mina {number}", text="A fine pot.")
    inbox.comments_for(mona)
    with CaptureQueriesContext(connection) as captured:
        (section,) = inbox.comments_for(mona)

    assert section.shown[0].name == "Mina 0: A fine pot."
    assert section.shown[0].text == "On pots"
    assert (len(section.entries), section.more) == (12, 2)
    assert len(captured) == 1
    assert inbox.comments_for(elif_) == []
    comments.decide(Comment.objects.values_list("pk", flat=True), "refused", mona)
    assert inbox.comments_for(mona) == []
