"""Where suggestions are shown, what a visitor has looked at, what is popular, and rules of staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Popularity, Product
from catalog.tests.factories import make_image, make_product
from commerce.models import Order, Pairing, Status
from commerce.suggestions import looks, recent, together
from commerce.tests.suggestions import (
    BESIDE,
    BROWSER,
    buy,
    empty_redis,
    in_german,
    names,
    redis_is_gone,
    seen_by,
)
from commerce.tests.visits import FROM_HERE, browser, put
from core import scores
from core.sessions import SessionStore

__all__ = ["empty_redis", "redis_is_gone"]  # fixtures


@pytest.fixture
def client_of(db: None) -> Callable[[str], Client]:
    """A client signed in as a member of a group."""

    def make(group: str) -> Client:
        user = User.objects.create_user(f"of {group}", password="secret-for-tests")
        user.groups.add(Group.objects.get(name=group))
        client = Client()
        client.force_login(user)
        return client

    return make


class TestPages:
    def test_the_product_page_is_the_same_for_all_and_asks_for_them_later(self, client, db):
        tea = make_product("Tea")
        buy(tea, make_product("Pot"))
        together.rebuild()

        page = client.get("/en/product/tea/")

        assert f'data-product="{tea.pk}"' in page.content.decode()
        assert "Pot" not in page.content.decode()
        assert not page.cookies

    def test_a_fragment_with_cards(self, visitor):
        tea = make_product("Tea")
        buy(tea, make_product("Pot", languages=["en", "de", "ar"]))
        together.rebuild()

        page = visitor.post(BESIDE, {"product": tea.pk})
        german = visitor.post(in_german(), {"product": tea.pk})

        assert names(page.context["found"].beside) == ["Pot"]
        assert "Often bought together" in page.content.decode()
        assert "no-store" in page.headers["Cache-Control"]
        assert not page.cookies
        assert names(german.context["found"].beside) == ["Pot de"]

    @pytest.mark.parametrize("asked", ["", "product=0", "product=x", "product=-3", "product=99999999999999999999"])
    def test_nonsense_shows_nothing(self, client, db, asked):
        assert client.get(f"{BESIDE}?{asked}").content.strip() == b""

    def test_a_draft_tells_nothing_about_itself(self, visitor):
        draft = make_product("Draft", tags=["green"], live=False)
        make_product("Tea", tags=["green"])

        assert visitor.post(BESIDE, {"product": draft.pk}).content.strip() == b""
        assert looks.counted() == {}

    def test_the_cart_suggests_what_goes_with_it(self, visitor):
        tea, pot = make_product("Tea"), make_product("Pot")
        buy(tea, pot)
        together.rebuild()
        put(visitor, tea.variants.get())

        page = visitor.get("/en/cart/")

        assert names(page.context["found"].beside) == ["Pot"]
        assert "Goes with what is in your cart" in page.content.decode()

    def test_an_empty_cart_shows_what_is_popular(self, client, db):
        make_product("Tea")
        buy(make_product("Pot"))
        looks.refresh()

        assert names(client.get("/en/cart/").context["found"].popular) == ["Pot", "Tea"]

    def test_a_paid_order_suggests_more_and_one_that_waits_does_not(self, client, db):
        tea, pot = make_product("Tea"), make_product("Pot")
        buy(tea, pot)
        together.rebuild()
        order = buy(tea)

        assert names(client.get(order.get_absolute_url()).context["found"].beside) == ["Pot"]
        Order.objects.filter(pk=order.pk).update(status=Status.PENDING)
        assert client.get(order.get_absolute_url()).context["found"] is None

    def test_pages_open_without_redis(self, visitor, redis_is_gone):
        tea = make_product("Tea", tags=["green"])
        make_product("Pot", tags=["green"])
        put(visitor, tea.variants.get())

        assert names(visitor.get("/en/cart/").context["found"].beside) == ["Pot"]
        assert names(seen_by(visitor, tea).context["found"].beside) == ["Pot"]

    def test_a_page_that_does_not_exist_asks_for_what_is_popular(self, client, db):
        make_product("Tea")

        assert "data-popular" in client.get("/en/nowhere/").content.decode()
        assert names(client.get(f"{BESIDE}?popular=1").context["found"].popular) == ["Tea"]


class TestRecentlyViewed:
    @pytest.fixture
    def shopper(self, visitor: Client) -> Client:
        """Somebody with a cart, and so with a session."""
        put(visitor, make_product("In the cart").variants.get())
        return visitor

    def recently(self, client: Client) -> list[str]:
        return names(client.get(BESIDE).context["found"].recent)

    def test_it_works(self, shopper):
        for name in ("Tea", "Pot", "Tea 2"):
            seen_by(shopper, make_product(name))
        seen_by(shopper, Product.objects.get(translations__name="Tea"))

        assert self.recently(shopper) == ["Tea", "Tea 2", "Pot"]
        assert "Clear this list" in shopper.get("/en/cart/").content.decode()

    def test_reading_begins_no_session(self, visitor):
        response = seen_by(visitor, make_product("Tea"))

        assert not response.cookies
        assert self.recently(visitor) == []

    def test_from_the_start_where_the_shop_wants_it(self, visitor, settings):
        settings.RECENT_FROM_THE_START = True
        assert not visitor.get("/en/").cookies

        assert "session" in seen_by(visitor, make_product("Tea")).cookies
        assert self.recently(visitor) == ["Tea"]

    def test_the_page_itself_is_not_in_its_own_list(self, shopper):
        tea, pot = make_product("Tea"), make_product("Pot")
        seen_by(shopper, pot)

        assert names(seen_by(shopper, tea).context["found"].recent) == ["Pot"]
        assert names(seen_by(shopper, tea).context["found"].recent) == ["Pot"]

    def test_the_last_twelve(self, shopper):
        for number in range(15):
            seen_by(shopper, make_product(f"Tea {number}"))

        assert len(recent.seen(shopper.session)) == recent.KEPT

    def test_hidden_ones_are_not_shown_and_others_in_the_language(self, shopper):
        tea, gone = make_product("Tea"), make_product("Gone")
        seen_by(shopper, tea)
        seen_by(shopper, gone)
        Product.objects.filter(pk=gone.pk).update(live=False)

        assert self.recently(shopper) == ["Tea"]
        assert names(shopper.get(in_german()).context["found"].recent) == ["Tea de"]

    def test_clear(self, shopper):
        seen_by(shopper, make_product("Tea"))

        answer = shopper.post(f"{BESIDE}forget/", headers={"Referer": "http://testserver/en/cart/"})

        assert (answer.status_code, answer.headers["Location"]) == (303, "http://testserver/en/cart/")
        assert self.recently(shopper) == []
        assert shopper.session["cart"]

    def test_clear_leads_nowhere_else(self, shopper):
        answer = shopper.post(f"{BESIDE}forget/", headers={"Referer": "https://evil.example/"})

        assert answer.headers["Location"] == "/en/shop/"

    def test_others_cannot_clear_or_note(self, shopper):
        tea = make_product("Tea")
        seen_by(shopper, tea)
        elsewhere = {"Sec-Fetch-Site": "cross-site"}

        assert shopper.post(f"{BESIDE}forget/", headers=elsewhere).status_code == 403
        assert seen_by(shopper, make_product("Pot"), **elsewhere).status_code == 403
        assert self.recently(shopper) == ["Tea"]
        assert shopper.get(f"{BESIDE}forget/").status_code == 405

    def test_a_session_that_ended_is_not_begun_again(self, shopper):
        SessionStore(shopper.cookies["session"].value).delete()

        response = seen_by(shopper, make_product("Tea"))

        assert response.status_code == 200
        assert self.recently(shopper) == []

    def test_nothing_else_in_the_session_is_undone(self, shopper):
        early = SessionStore(shopper.cookies["session"].value)
        assert early.get("cart")  # read before the other tab puts something in
        put(shopper, make_product("Other tab").variants.get())

        recent.note(early, 5)
        early.save()

        assert len(shopper.session["cart"]) == 2
        assert recent.seen(shopper.session) == [5]


class TestPopular:
    def test_it_works(self, db):
        tea, pot, cup = make_product("Tea"), make_product("Pot"), make_product("Cup")
        buy(tea, units=3)
        buy(pot)
        scores.client().zadd(looks.VIEWS, {str(cup.pk): 4})

        assert looks.refresh() == 3

        rows = {row.product_id: (row.sold, row.views) for row in Popularity.objects.all()}
        assert rows == {tea.pk: (3, 0), pot.pk: (1, 0), cup.pk: (0, 4)}
        assert Popularity.objects.get(pk=tea.pk).score == 1

    def test_without_redis_the_looks_of_before_stay(self, db, redis_is_gone):
        tea = make_product("Tea")
        Popularity.objects.create(product=tea, views=7, score=1)

        looks.hourly()

        assert Popularity.objects.get(pk=tea.pk).views == 7

    def test_old_sales_and_unpaid_ones_do_not_count(self, db, settings):
        buy(make_product("Tea"), days=settings.BEST_SELLER_DAYS + 1)
        buy(make_product("Pot"), status=Status.EXPIRED)
        Popularity.objects.create(product=make_product("Cup"), sold=9, score=1)

        assert looks.refresh() == 0
        assert not Popularity.objects.exists()

    def test_a_look_counts_once_per_network_and_half_hour(self, visitor):
        tea = make_product("Tea")
        for _time in range(3):
            seen_by(visitor, tea)
        seen_by(browser(REMOTE_ADDR="203.0.113.9"), tea)

        assert looks.counted() == {tea.pk: 2}

    @pytest.mark.parametrize(
        "agent",
        [
            "",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "python-requests/2.32",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/140.0 Safari/537.36",
        ],
    )
    def test_bots_do_not_count(self, visitor, agent):
        tea = make_product("Tea")
        visitor.post(BESIDE, {"product": tea.pk}, headers={"User-Agent": agent, **FROM_HERE})
        visitor.get(f"{BESIDE}?product={tea.pk}", headers={"User-Agent": BROWSER})

        assert looks.counted() == {}

    def test_nights_make_looks_fade(self, db):
        scores.client().zadd(looks.VIEWS, {"1": 10, "2": 0.05})

        looks.nightly()

        assert looks.counted() == {1: pytest.approx(9)}


class TestRules:
    def form(self, product: Product, partner: Product, kind: str = "ban") -> dict[str, Any]:
        return {"product": product.pk, "partner": partner.pk, "kind": kind, "position": 0}

    @pytest.mark.parametrize("group", ["Editors", "Shop managers"])
    def test_staff_keep_them(self, client_of, group):
        tea, pot = make_product("Tea"), make_product("Pot")
        staff = client_of(group)

        answer = staff.post("/admin/snippets/commerce/pairing/add/", self.form(tea, pot))

        assert answer.status_code == 302
        assert Pairing.objects.get().kind == Pairing.Kind.BAN
        assert "Tea" in staff.get("/admin/snippets/commerce/pairing/").content.decode()

    def test_translators_do_not(self, client_of):
        tea, pot = make_product("Tea"), make_product("Pot")

        client_of("Translators").post("/admin/snippets/commerce/pairing/add/", self.form(tea, pot))

        assert not Pairing.objects.exists()

    def test_not_with_itself_and_not_twice(self, client_of):
        tea, pot = make_product("Tea"), make_product("Pot")
        staff = client_of("Editors")
        staff.post("/admin/snippets/commerce/pairing/add/", self.form(tea, pot))

        for form, words in ((self.form(tea, tea), "two different products"), (self.form(tea, pot), "a rule for these")):
            answer = staff.post("/admin/snippets/commerce/pairing/add/", form)
            assert words in answer.content.decode()
        assert Pairing.objects.count() == 1


@pytest.mark.parametrize("number", [1, 8])
def test_what_the_fetch_costs(visitor, number):
    tea = make_product("Tea", tags=["green"], images=[make_image()])
    put(visitor, make_product("In the cart").variants.get())
    for place in range(number):
        seen_by(visitor, make_product(f"Seen {place}", images=[make_image()]))
        buy(tea, make_product(f"Pot {place}", tags=["green"], images=[make_image()]))
    together.rebuild()
    other = browser()
    seen_by(visitor, tea)
    seen_by(visitor, Product.objects.get(translations__name="Seen 0"))

    with CaptureQueriesContext(connection) as of_a_stranger:
        seen_by(other, tea)
    with CaptureQueriesContext(connection) as of_a_shopper:
        seen_by(visitor, tea)

    enough = number == 8  # then nothing like it is looked for
    assert len(of_a_stranger) == (9 if enough else 10)
    assert len(of_a_shopper) == len(of_a_stranger) + 7  # its session is read, and written alone
