"""An outdated translation stands in the editors' list of problems, with the way to its tab."""

import pytest

from catalog.models import Product
from catalog.tests.factories import make_product
from editorial.problems import problems
from translation import standing
from translation.pieces import held, row_in

pytestmark = pytest.mark.django_db


def test_it_is_listed_until_it_is_put_right(admin_user):
    tea = make_product("Sencha", languages=["en", "de", "ar"])
    standing.catch_up()
    draft = held(tea.get_latest_revision_as_object())
    row_in(draft, "en").name = "Sencha of May"
    draft.save_revision()
    standing.catch_up()

    told = [problem for problem in problems(admin_user) if "outdated" in problem.text]
    assert {problem.text for problem in told} == {
        "The translation into German is outdated.",
        "The translation into Arabic is outdated.",
    }
    assert {problem.url.partition("#")[2] for problem in told} == {"tab-german", "tab-arabic"}

    draft = held(Product.objects.get(pk=tea.pk).get_latest_revision_as_object())
    row_in(draft, "de").name, row_in(draft, "ar").name = "Neu", "جديد"
    draft.save_revision()
    standing.catch_up()
    assert [problem for problem in problems(admin_user) if "outdated" in problem.text] == []
