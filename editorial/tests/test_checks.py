"""Checks before publishing: what is missing, its weight by the rules, and that no way round is left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, Revision

from catalog.models import Product, ProductImage
from catalog.publishing import advice, missing
from catalog.tests.admin_forms import open_edit, read_fields
from catalog.tests.factories import make_category, make_image, make_product
from core.models import ContentPage, HomePage
from editorial.models import PublishRules, Weight
from editorial.problems import problems

pytestmark = pytest.mark.django_db
ALL = ["en", "de", "ar"]


def set_rules(**weights):
    PublishRules.objects.update_or_create(pk=PublishRules.load().pk, defaults=weights)


def without_alt(**fields):
    tea = make_product("Sencha", images=[make_image()], **fields)
    ProductImage.objects.filter(product=tea).update(alt={"en": "Leaves"})
    return Product.objects.get(pk=tea.pk)


def test_it_works(person, signed_in):
    tea = without_alt(live=False)

    response = open_edit(signed_in(person("mona", "Moderators")), tea).post("publish")

    html = signed_in_again(response).content.decode()
    assert "Write the alt text of every picture in German." in html
    assert f'href="/admin/snippets/catalog/product/edit/{tea.pk}/#tab-pictures"' in html
    assert not Product.objects.get(pk=tea.pk).live


def signed_in_again(response):
    return response.client.get(response.url)


def test_weights_are_rules():
    tea = without_alt()

    assert [lack.text for lack in missing(tea)] == ["Write the alt text of every picture in German."]
    assert [lack.tab for lack in advice(tea)] == ["tab-arabic", "tab-english", "tab-german"]

    set_rules(alt_text=Weight.OFF, languages=Weight.BLOCK, search_texts=Weight.OFF)

    assert [lack.text for lack in missing(tea)] == ["There is no text in Arabic."]
    assert advice(tea) == []


def test_a_category_is_checked_too():
    set_rules(languages=Weight.BLOCK)

    assert [lack.tab for lack in missing(make_category("Tea"))] == ["tab-arabic"]


def test_the_rules_are_for_moderators(person, signed_in):
    url = reverse("wagtailsettings:edit", args=["editorial", "publishrules", PublishRules.load().pk])
    rules = {"alt_text": "off", "languages": "off", "picture": "off", "search_texts": "off"}

    signed_in(person("elif", "Editors")).post(url, rules)
    assert PublishRules.load().alt_text == Weight.BLOCK

    signed_in(person("mona", "Moderators")).post(url, rules, follow=True)
    assert PublishRules.objects.get().alt_text == Weight.OFF


def test_what_lacks_something_when_its_time_comes_waits_and_is_a_problem(person):
    mona = person("mona", "Moderators")
    tea = make_product("Sencha", languages=ALL, live=False)
    tea.go_live_at = timezone.now() + timedelta(days=1)
    tea.save_revision().publish()
    revision = Product.objects.get(pk=tea.pk).scheduled_revision
    past = timezone.now() - timedelta(minutes=10)
    content = {**revision.content, "go_live_at": past.isoformat()}
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=past, content=content)
    set_rules(picture=Weight.BLOCK)

    call_command("publish_due")

    assert not Product.objects.get(pk=tea.pk).live
    assert "Did not go live on time, because something is missing." in [each.text for each in problems(mona)]

    set_rules(picture=Weight.OFF)
    call_command("publish_due")

    assert Product.objects.get(pk=tea.pk).live


@pytest.fixture
def page():
    set_rules(search_texts=Weight.BLOCK, languages=Weight.OFF)
    home = HomePage.objects.get(locale__language_code="en")
    made = home.add_child(
        instance=ContentPage(title="About", slug="about-us", live=False, has_unpublished_changes=True)
    )
    made.save_revision()
    return made


def fields_of(client, page):
    response = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    return read_fields(response.content.decode())


def post(client, page, **action):
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    return client.post(url, {**fields_of(client, page), **action}, follow=True).content.decode()


def test_a_page_is_not_published_submitted_or_approved_before_it_is_ready(person, signed_in, page):
    mona, elif_ = signed_in(person("mona", "Moderators")), signed_in(person("elif", "Editors"))
    sentence = "Write a description for search engines."

    assert sentence in post(mona, page, **{"action-publish": "on"})
    assert sentence in post(elif_, page, **{"action-submit": "on"})
    assert Page.objects.get(pk=page.pk).current_workflow_state is None

    set_rules(search_texts=Weight.OFF)
    post(elif_, page, **{"action-submit": "on"})
    set_rules(search_texts=Weight.BLOCK)
    state = ContentPage.objects.get(pk=page.pk).current_workflow_task_state
    url = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk])
    assert sentence in mona.post(url, follow=True).content.decode()

    state.refresh_from_db()
    assert state.status == "in_progress"
    assert not Page.objects.get(pk=page.pk).live


def test_a_page_sent_back_and_submitted_again_unready_stays_sent_back(person, signed_in, page):
    elif_ = person("elif", "Editors")
    set_rules(search_texts=Weight.OFF)
    page.get_workflow().start(page, elif_)
    page.current_workflow_task_state.reject(user=person("mona", "Moderators"), comment="No.")
    set_rules(search_texts=Weight.BLOCK)

    post(signed_in(elif_), page, **{"action-submit": "on"})

    state = ContentPage.objects.get(pk=page.pk).current_workflow_state
    assert (state.status, state.current_task_state.status) == ("needs_changes", "rejected")


def test_a_bulk_publish_stops_at_what_is_not_ready(person, signed_in, page):
    mona = signed_in(person("mona", "Moderators"))
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])

    html = mona.post(f"{url}?id={page.pk}&next=/admin/", follow=True).content.decode()

    assert "Write a description for search engines." in html
    assert not Page.objects.get(pk=page.pk).live
