"""The category tree stays a tree, whoever publishes what and when."""

import pytest

from catalog.models import Category
from catalog.tests.admin_forms import errors_by_tab, open_add, open_edit
from catalog.tests.factories import make_category
from catalog.tree import indented_names
from tests.together import done_at_once


def parent_of(category):
    return Category.objects.get(pk=category.pk).parent_id


@pytest.mark.django_db
def test_a_new_category_below_another(moderator):
    tea = make_category("Tea")
    form = open_add(moderator, Category)
    form.write("en", name="Green tea")
    form.write("de", name="Grüner Tee")
    form.fields["parent"] = str(tea.pk)

    assert form.post("publish").status_code == 302

    green = Category.objects.get(parent=tea)
    assert green.live
    assert {row.slug for row in green.translations.all()} == {"green-tea", "grüner-tee"}
    assert indented_names() == [(tea.pk, "Tea"), (green.pk, "\u2003Green tea")]


@pytest.mark.django_db
def test_the_form_offers_no_parent_below_itself_and_refuses_one(moderator):
    top = make_category("Top")
    below = make_category("Below", parent=top)
    form = open_edit(moderator, top)
    assert f'<option value="{below.pk}">' not in form.html
    form.fields["parent"] = str(below.pk)

    response = form.post()

    assert response.status_code == 200
    assert "cannot be below itself" in errors_by_tab(response)["tab-shop"]


@pytest.mark.django_db
def test_an_approved_draft_that_would_make_a_cycle_keeps_the_live_parent(moderator):
    first, second = make_category("First"), make_category("Second")
    first.save_revision().publish()
    form = open_edit(moderator, first)
    form.fields["parent"] = str(second.pk)
    form.write("de", name="Erste")
    form.post()
    Category.objects.filter(pk=second.pk).update(parent=first)

    Category.objects.get(pk=first.pk).latest_revision.publish()

    assert parent_of(first) is None
    assert parent_of(second) == first.pk
    assert Category.objects.get(pk=first.pk).text_in("de").name == "Erste"


def test_two_publishes_at_once_do_not_make_a_cycle(committed_db):
    first, second = make_category("First"), make_category("Second")
    for category, parent in ((first, second), (second, first)):
        category.parent = parent
        category.revision = category.save_revision()

    done_at_once([first.revision.publish, second.revision.publish])

    assert [parent_of(first), parent_of(second)].count(None) == 1


@pytest.mark.django_db
def test_the_tree_of_the_select_is_two_queries(django_assert_num_queries):
    for number in range(5):
        make_category(f"Tea {number}", parent=make_category(f"Top {number}"))

    with django_assert_num_queries(2):
        assert len(indented_names()) == 10
