"""One order's screen in the admin: what it tells, and who may do what when."""

from decimal import Decimal

import pytest
import requests
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from catalog.tests.factories import make_product, make_variant
from commerce import desk, orders
from commerce.models import DeliveryMethod, DeliveryRate, Order, OrderEvent, Status
from commerce.payments.stripe import StripeProvider
from commerce.pricing import explain
from commerce.tests.factories import make_delivery, make_order, stock_of
from core import outbox
from core.models import Outbox


def at(order, step=""):
    return reverse("orders:order", args=[order.pk]) + step


def member(group):
    user = User.objects.create_user(group.replace(" ", ""), password="secret", first_name="Mara", last_name="Hand")
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def manager(client, db):
    client.force_login(member("Shop managers"))
    return client


def paid_order(**wish):
    order = make_order(**wish)
    orders.pay(order)
    return order


def test_it_works(manager):
    order = paid_order()

    page = manager.get(at(order)).content.decode()

    for part in (order.number, "mina@example.org", "20457 Hamburg", "Sencha", "€13.80", "TEST", "the shop itself"):
        assert part in page
    assert "Confirmation" in page and "waits to be sent" in page


@pytest.mark.parametrize("step", ["ship", "refund"])
def test_every_step_says_that_no_money_moves(manager, step):
    page = manager.get(f"{at(paid_order())}{step}/").content.decode()

    assert '<span class="order-test">TEST</span>' in page


def test_what_was_bought_in_another_language_is_readable(manager):
    variant = make_product("Sencha", languages=["en", "de"], variants=[{}]).variants.get()
    order = make_order({variant.pk: 1}, language="de")
    order.lines.update(name="Grüner Tee")

    page = manager.get(at(order)).content.decode()

    assert '<strong lang="de"><bdi>Grüner Tee</bdi></strong>' in page
    assert "today: Sencha" in page


def test_every_cent_is_explained(manager):
    order = make_order()
    order.lines.update(tax_rate=19, tax="1.42")

    page = manager.get(at(order)).content.decode()

    assert "1 × €8.90 = €8.90" in page
    assert "€8.90 × 19 / (100 + 19) = €1.42" in page


def test_the_price_of_delivery_is_explained_as_it_was_that_day(manager):
    method = make_delivery("4.90", most_grams=31_500, free_from=20)
    method.rates = [DeliveryRate(over_grams=2000, price=Decimal("6.90"))]
    method.save()
    variant = make_variant(price="8.90", weight_grams=1001)
    paid, free = make_order({variant.pk: 2}, method=method), make_order({variant.pk: 3}, method=method)
    method.rates.all().delete()
    DeliveryMethod.objects.update(price=1, free_from=None, most_grams=None)

    at_price, for_nothing = (" ".join(manager.get(at(order)).content.decode().split()) for order in (paid, free))

    assert "The goods weigh 2002 g; above 2000 g, up to 31500 g it costs €6.90." in at_price
    assert "Free from €20.00 of goods, but €17.80 is paid for them." in at_price
    assert "The goods weigh 3003 g; above 2000 g, up to 31500 g it costs €6.90." in for_nothing
    assert "Free from €20.00 of goods, and €26.70 is paid for them." in for_nothing
    for order, page in ((paid, at_price), (free, for_nothing)):
        kept = Order.objects.get(pk=order.pk).totals
        steps = list(explain(kept))
        assert sum(step.amount.amount for step in steps if not step.is_tax) == order.total
        assert sum(step.amount.amount for step in steps if step.is_tax) == order.tax_total
        assert all(str(step.amount * (-1 if step.amount.amount < 0 else 1)) in page for step in steps)


def test_an_order_from_before_tariffs_is_explained_without_a_weight(manager):
    order = make_order()
    Order.objects.update(delivery_basis={})

    page = manager.get(at(order))

    assert page.status_code == 200 and "The goods weigh" not in page.content.decode()


def test_a_mail_that_failed_is_seen(manager):
    order = paid_order()
    Outbox.objects.update(tries=3, error="SMTPServerDisconnected: gone")

    page = manager.get(at(order)).content.decode()

    assert "failed 3 times" in page and "SMTPServerDisconnected: gone" in page


def test_a_constant_number_of_queries(manager, django_assert_max_num_queries):
    few = make_order()
    products = [make_product(f"Tea {n}", variants=[{"sku": f"T-{n}"}]) for n in range(6)]
    many = make_order({product.variants.get().pk: 2 for product in products})
    for _note in range(5):
        orders.note(many, "called", User.objects.first())
    manager.get(at(few))

    with django_assert_max_num_queries(100) as first:
        manager.get(at(few))
    with django_assert_max_num_queries(100) as second:
        manager.get(at(many))

    assert len(first.captured_queries) == len(second.captured_queries)


@pytest.mark.parametrize("group", ["Editors", "Moderators", "Translators"])
@pytest.mark.parametrize("step", ["", "note/", "cancel/"])
def test_others_neither_see_nor_act(client, db, group, step):
    order = make_order()
    client.force_login(member(group))

    for answer in (client.get(at(order, step)), client.post(at(order, step), {"text": "x", "seen": 1})):
        assert answer.status_code in (302, 403, 405)
        assert order.number not in answer.content.decode()
    assert order.events.count() == 1


def test_who_may_only_look_cannot_act(client, db):
    reader = User.objects.create_user("reader", password="secret")
    grant = Group.objects.create(name="Readers").permissions
    for codename in ("access_admin", "view_order"):
        grant.add(Permission.objects.get(codename=codename))
    reader.groups.add(Group.objects.get(name="Readers"))
    client.force_login(reader)
    order = make_order()

    page = client.get(at(order))
    answer = client.post(at(order, "cancel/"), {"seen": desk.version(order)})

    assert page.status_code == 200 and "Cancel the order" not in page.content.decode()
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    order.refresh_from_db()
    assert order.status == Status.PENDING


def test_a_note_stands_in_the_timeline_with_its_writer(manager):
    order = make_order()

    page = manager.post(at(order, "note/"), {"text": "Ring <b>twice</b>"}, follow=True).content.decode()

    assert "Ring &lt;b&gt;twice&lt;/b&gt;" in page and "Mara Hand" in page
    assert order.events.last().actor.username == "Shopmanagers"


def test_an_empty_note_is_an_error_at_the_field(manager):
    order = make_order()

    page = manager.post(at(order, "note/"), {"text": " "})

    assert page.status_code == 422 and page.context["note_form"].errors
    assert order.events.count() == 1


def test_an_unpaid_order_is_cancelled(manager, gateway):
    variant = make_product("Sencha", variants=[{"stock": 5}]).variants.get()
    order = make_order({variant.pk: 2})
    orders.payment_page(order)
    assert stock_of(variant)[1] == 2
    ask = manager.get(at(order, "cancel/"))
    assert "The payment page is closed" in ask.content.decode()

    manager.post(at(order, "cancel/"), {"seen": ask.context["seen"]})

    order.refresh_from_db()
    assert order.status == Status.CANCELLED
    assert stock_of(variant)[1] == 0
    assert gateway.sessions()[0]["status"] == "expired"
    event = order.events.last()
    assert (event.to_status, event.actor.username) == (Status.CANCELLED, "Shopmanagers")


def test_cancelling_what_was_paid_meanwhile_is_refused(manager, gateway):
    order = make_order()
    orders.payment_page(order)
    seen = desk.version(order)
    gateway.pay(order.attempts.get().session_id)

    page = manager.post(at(order, "cancel/"), {"seen": seen}, follow=True)

    order.refresh_from_db()
    assert order.status == Status.PAID
    assert "cannot be done" in page.content.decode()


def test_when_the_provider_does_not_answer_the_hold_stays(manager, gateway, settings):
    order = make_order()
    orders.payment_page(order)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    page = manager.post(at(order, "cancel/"), {"seen": desk.version(order)}, follow=True)

    order.refresh_from_db()
    assert order.status == Status.PENDING
    assert "does not answer" in page.content.decode()


def test_who_acts_on_an_outdated_screen_is_warned(manager):
    order = make_order()
    seen = manager.get(at(order)).context["seen"]
    orders.note(order, "the other member of staff")

    page = manager.post(at(order, "cancel/"), {"seen": seen}, follow=True)

    order.refresh_from_db()
    assert order.status == Status.PENDING
    assert "has changed since you opened it" in page.content.decode()


@pytest.mark.parametrize("status", [status for status in Status if status != Status.PENDING])
def test_an_illegal_move_by_a_forged_form_is_refused(manager, status):
    order = make_order()
    Order.objects.filter(pk=order.pk).update(status=status)
    events = OrderEvent.objects.count()

    manager.post(at(order, "cancel/"), {"seen": desk.version(order)})

    order.refresh_from_db()
    assert (order.status, OrderEvent.objects.count()) == (status, events)


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 30])
def test_a_form_without_its_version_does_nothing(manager, seen):
    order = make_order()

    assert manager.post(at(order, "cancel/"), {"seen": seen}).status_code == 302

    order.refresh_from_db()
    assert order.status == Status.PENDING


def test_mails_of_other_orders_are_not_shown(manager):
    order, other = paid_order(), paid_order()
    outbox.put("order_confirmation", "again", {"order": other.pk})

    assert len(manager.get(at(order)).context["mails"]) == 1


def test_a_payment_leads_to_its_page_at_the_provider(manager, gateway):
    order = make_order()
    orders.payment_page(order)
    session_id = order.attempts.get().session_id
    gateway.pay(session_id)
    orders.fulfil(session_id)

    page = manager.get(at(order)).content.decode()

    address = f"{gateway.base}/dashboard/{order.attempts.get().payment_id}"
    assert f'href="{address}"' in page and "€13.80 paid" in page
    assert requests.get(address, timeout=5).status_code == 200


@pytest.mark.parametrize(("key", "part"), [("sk_test_1", "test/payments/pi_1"), ("sk_live_1", "com/payments/pi_1")])
def test_at_stripe_it_leads_to_the_dashboard_of_its_mode(key, part):
    assert StripeProvider(key).desk_url("pi_1", "").endswith(part)
