import re
from html import unescape

import pytest

from catalog.tests.factories import make_product
from commerce.delivery import create_starting_rates
from commerce.models import Order
from commerce.orders import fulfil, payment_page
from commerce.tests.factories import BUYER, make_delivery, make_order
from core import outbox
from core.models import Outbox


def paid(gateway, **wish):
    order = make_order(**wish)
    payment_page(order)
    session_id = order.attempts.get().session_id
    gateway.pay(session_id)
    fulfil(session_id)
    return order


def test_it_works(db, gateway, mailoutbox, settings):
    create_starting_rates()
    variant = make_product("Sencha", variants=[{"price": "11.90"}]).variants.get()
    order = paid(gateway, units={variant.pk: 2}, method=make_delivery("4.90"))

    assert outbox.send_due() == 3  # the invoice, its PDF, the mail

    (mail,) = mailoutbox
    assert mail.to == ["mina@example.org"]
    assert mail.from_email == "shop@testserver"
    assert mail.subject == f"Your order {order.number} at {settings.WAGTAIL_SITE_NAME}"
    for text in (mail.body, mail.alternatives[0].content):
        assert order.number in text
        assert "Sencha" in text
        assert "€28.70" in text
        assert "€4.58" in text  # the tax contained
        assert "19 % VAT" in text
        assert "20457 Hamburg" in text
        assert f"http://testserver/en/orders/{order.token}/" in text


def test_one_mail_whoever_asks(db, gateway, mailoutbox):
    order = paid(gateway)

    fulfil(order.attempts.get().session_id)
    outbox.send_due()
    outbox.send_due()

    assert len(mailoutbox) == 1


def test_a_mail_sent_twice_has_one_identity(db, gateway, mailoutbox):
    paid(gateway)
    outbox.send_due()
    Outbox.objects.update(sent_at=None)  # as if the worker had died before its commit

    outbox.send_due()

    first, second = mailoutbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert re.fullmatch(r"<order_confirmation\.\d+@testserver>", first.extra_headers["Message-ID"])


@pytest.mark.parametrize(("language", "direction", "total"), [("de", "ltr", "13,80\xa0€"), ("ar", "rtl", "13.80")])
def test_the_mail_speaks_the_order_s_language(db, gateway, mailoutbox, language, direction, total):
    order = paid(gateway, language=language)

    outbox.send_due()

    html = unescape(mailoutbox[0].alternatives[0].content)
    assert f'<html lang="{language}" dir="{direction}">' in html
    assert total in html or language == "ar"
    assert f"http://testserver{order.get_absolute_url()}" in mailoutbox[0].body
    assert order.get_absolute_url().startswith(f"/{language}/")


def test_what_a_buyer_typed_is_shown_never_run(db, gateway, mailoutbox):
    name = "<script>alert(1)</script>"
    buyer = type(BUYER)(**{**vars(BUYER), "name": name})

    paid(gateway, buyer=buyer)
    outbox.send_due()

    assert name in mailoutbox[0].body
    assert name not in mailoutbox[0].alternatives[0].content
    assert "&lt;script&gt;" in mailoutbox[0].alternatives[0].content


def test_an_unpaid_order_gets_no_mail(db, mailoutbox):
    make_order()

    assert outbox.send_due() == 0
    assert mailoutbox == []
    assert Order.objects.get().status == "pending"
