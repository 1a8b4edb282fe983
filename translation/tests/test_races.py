"""Two people save at the very same moment, with real commits."""

from functools import partial

import pytest
from django.contrib.auth.models import Group, User

from catalog.models import Product
from catalog.tests.factories import make_product
from tests.together import at_once
from translation import desk as work
from translation import interface
from translation.models import Message
from translation.pieces import row_in
from translation.tests.test_interface import CART, SHIPPED, entry_of


@pytest.fixture
def translators(committed_db):
    group = Group.objects.get(name="Translators: German")
    users = [User.objects.create_user(f"tarek-{number}") for number in range(4)]
    group.user_set.add(*users)
    return users


def test_different_texts_are_all_kept(translators):
    tea = make_product("Sencha")
    texts = [("name", "Grüner Tee"), ("seo_title", "Titel"), ("search_description", "Satz"), ("slug", "gruen")]

    def save(user, path, text):
        return work.save(work.open_desk(user, "catalog.product", tea.pk, "en", "de"), user, 0, {path: text})

    outcomes = at_once([partial(save, user, *text) for user, text in zip(translators, texts, strict=True)])

    assert [outcome.saved for outcome in outcomes] == [True] * 4
    row = row_in(Product.objects.get(pk=tea.pk).get_latest_revision_as_object(), "de")
    assert [getattr(row, path) for path, _text in texts] == [text for _path, text in texts]


def test_of_the_same_text_one_is_kept_and_the_others_are_told(translators):
    tea = make_product("Sencha")

    def save(user):
        desk = work.open_desk(user, "catalog.product", tea.pk, "en", "de")
        return work.save(desk, user, 0, {"name": user.username})

    outcomes = at_once([partial(save, user) for user in translators])

    won = [user for user, outcome in zip(translators, outcomes, strict=True) if outcome.saved]
    assert len(won) == 1
    assert [outcome.conflicts for outcome in outcomes if not outcome.saved] == [{"name": won[0].username}] * 3
    assert Product.objects.get(pk=tea.pk).revisions.count() == 1


def test_of_the_same_interface_text_one_is_kept(translators):
    written = [interface.Written(entry_of(CART), [user.username], [SHIPPED], False) for user in translators]

    outcomes = at_once(
        [partial(interface.save, user, "de", [text]) for user, text in zip(translators, written, strict=True)]
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict"] * 3 + ["int"]
    assert Message.objects.count() == 1
