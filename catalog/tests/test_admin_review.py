"""Review and schedule: editors write, moderators publish, the clock publishes what was approved."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Revision, WorkflowState

from catalog.models import Category, Product, ProductTranslation, Variant
from catalog.tests.admin_forms import errors_by_tab, open_add, open_edit
from catalog.tests.factories import make_category, make_image, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("parler_cache")]


def text(product, code, field="name"):
    found = ProductTranslation.objects.filter(master=product, language_code=code)
    return found.values_list(field, flat=True).first()


def fresh(product):
    return type(product).objects.get(pk=product.pk)


@pytest.fixture
def product():
    made = make_product(variants=[{"sku": "S-50", "price": "8.90"}], images=[make_image()])
    made.save_revision().publish()
    return fresh(made)


def submit_changes(client, product, slug="gruen"):
    """A changed German text, a new Arabic one, a changed price and a removed picture, sent to review."""
    form = open_edit(client, product)
    form.write("de", name="Grün", slug=slug)
    form.write("ar", name="شاي")
    form.change(form.row("variants", sku="S-50"), price="99.00")
    form.remove("images-0")
    response = form.post("submit")
    assert response.status_code == 302


def assert_nothing_changed(product):
    assert text(product, "de") == "Sencha de"
    assert text(product, "ar") is None
    assert Variant.objects.get(sku="S-50").price == Decimal("8.90")
    assert product.images.count() == 1


def review(client, product, action, **data):
    state = fresh(product).current_workflow_task_state
    url = reverse(product.snippet_viewset.get_url_name("workflow_action"), args=[product.pk, action, state.pk])
    return client.post(url, data, follow=True)


def test_an_editor_submits_and_a_moderator_approves(editor, moderator, product):
    submit_changes(editor, product)

    assert_nothing_changed(product)
    state = fresh(product).current_workflow_state
    assert state.status == WorkflowState.STATUS_IN_PROGRESS

    open_edit(moderator, product)  # the moderator can look before
    review(moderator, product, "approve")

    live = fresh(product)
    assert (text(live, "de"), text(live, "ar")) == ("Grün", "شاي")
    assert Variant.objects.get(sku="S-50").price == Decimal("99.00")
    assert not live.images.exists()
    assert not live.has_unpublished_changes
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_APPROVED


def test_an_editor_cannot_publish(editor, product):
    form = open_edit(editor, product)
    assert 'name="action-publish"' not in form.html
    form.write("de", name="Grün")
    form.change(form.row("variants", sku="S-50"), price="99.00")

    form.post("publish")

    assert_nothing_changed(product)


def test_an_editor_cannot_change_what_is_in_review(editor, client_of, product):
    submit_changes(editor, product)
    revision = fresh(product).latest_revision_id

    form = open_edit(client_of("Editors"), product)
    form.write("de", name="Dazwischen")
    response = form.post()

    assert response.status_code == 200
    assert fresh(product).latest_revision_id == revision


def test_what_was_sent_back_is_resubmitted_and_approved(editor, moderator, product):
    submit_changes(editor, product)
    review(moderator, product, "reject", comment="Bitte kürzer.")

    assert_nothing_changed(product)
    assert fresh(product).current_workflow_state.status == WorkflowState.STATUS_NEEDS_CHANGES

    form = open_edit(editor, product)
    form.write("de", name="Kürzer")
    form.post("submit")
    review(moderator, product, "approve")

    assert text(product, "de") == "Kürzer"


def test_a_slug_taken_while_in_review_gets_a_suffix(editor, moderator, product):
    submit_changes(editor, product, slug="gruen")
    make_product("Other", texts={"de": {"name": "Anderer", "slug": "gruen"}})

    assert review(moderator, product, "approve").redirect_chain[0][1] == 302

    assert text(product, "de", "slug") == f"gruen-{product.pk}"


def test_a_sku_in_another_products_draft_is_refused(editor, moderator, product):
    form = open_edit(editor, product)
    form.add_variant("TAKEN")
    form.post()

    other = open_add(moderator, Product)
    other.write("en", name="Other")
    other.add_variant("TAKEN")
    response = other.post()

    assert response.status_code == 200
    assert "already used in a draft of “Sencha”" in errors_by_tab(response)["tab-variants"]
    assert Product.objects.count() == 1


def test_a_sku_that_only_an_old_draft_used_is_free(editor, product):
    form = open_edit(editor, product)
    form.add_variant("FREED")
    form.post()
    form = open_edit(editor, product)
    form.remove(form.row("variants", sku="FREED"))
    form.post()

    other = open_add(editor, Product)
    other.write("en", name="Other")
    other.add_variant("FREED")

    assert other.post().status_code == 302


def test_a_sku_taken_in_the_moment_of_approval_is_a_sentence_and_nothing_changes(editor, moderator, product):
    form = open_edit(editor, product)
    form.write("de", name="Grün")
    form.add_variant("RACE")
    form.post("submit")
    make_product("Other", variants=[{"sku": "RACE"}])

    response = review(moderator, product, "approve")

    assert response.status_code == 200
    assert "taken by another product" in response.content.decode()
    assert_nothing_changed(product)
    assert fresh(product).current_workflow_state.status == WorkflowState.STATUS_IN_PROGRESS


def test_a_draft_that_lost_its_name_in_review_is_not_approved(editor, moderator, product):
    submit_changes(editor, product)
    form = open_edit(moderator, product)
    form.write("de", name="")
    assert form.post().status_code == 302

    response = review(moderator, product, "approve")

    assert "Write a name in German." in response.content.decode()
    assert_nothing_changed(product)


def schedule(client, product, when):
    form = open_edit(client, product)
    form.write("de", name="Später")
    form.write("ar", name="لاحقا")
    form.fields["go_live_at"] = timezone.localtime(when).strftime("%Y-%m-%d %H:%M")
    response = form.post("publish")
    assert response.status_code == 302


def let_time_pass(product):
    """Moves the date of the scheduled revision into the past."""
    revision = fresh(product).scheduled_revision
    past = timezone.now() - timedelta(minutes=1)
    content = {**revision.content, "go_live_at": past.isoformat()}
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=past, content=content)


def test_a_scheduled_change_goes_live_on_time(moderator, product):
    schedule(moderator, product, timezone.now() + timedelta(days=1))

    assert_nothing_changed(product)
    assert fresh(product).approved_schedule
    call_command("publish_due")
    assert_nothing_changed(product)

    let_time_pass(product)
    call_command("publish_due")

    assert (text(product, "de"), text(product, "ar")) == ("Später", "لاحقا")
    assert not fresh(product).approved_schedule


def test_what_has_expired_comes_down(product):
    Product.objects.filter(pk=product.pk).update(expire_at=timezone.now() - timedelta(minutes=1))

    call_command("publish_due")

    assert (fresh(product).live, fresh(product).expired) == (False, True)


def test_one_failing_product_does_not_stop_the_next(moderator, product, caplog):
    failing = make_product("Failing", variants=[{"sku": "F-1"}])
    failing.save_revision().publish()
    form = open_edit(moderator, failing)
    form.add_variant("CLASH")
    form.fields["go_live_at"] = timezone.localtime(timezone.now() + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M")
    form.post("publish")
    let_time_pass(failing)
    Revision.objects.filter(pk=fresh(failing).scheduled_revision.pk).update(
        approved_go_live_at=timezone.now() - timedelta(hours=1)
    )
    make_product("Clash", variants=[{"sku": "CLASH"}])
    schedule(moderator, product, timezone.now() + timedelta(days=1))
    let_time_pass(product)

    call_command("publish_due")

    assert text(product, "de") == "Später"
    assert "cannot publish Failing" in caplog.text
    assert set(fresh(failing).variants.values_list("sku", flat=True)) == {"F-1"}


def test_categories_go_through_the_same_review(editor, moderator):
    category = make_category("Tea")
    category.save_revision().publish()
    form = open_edit(editor, category)
    form.write("de", name="Tee")
    form.post("submit")
    assert str(Category.objects.get().text_in("de").name) == "Tea de"

    review(moderator, category, "approve")

    assert Category.objects.get().text_in("de").name == "Tee"
