from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from commerce.models import Order


def run():
    out = StringIO()
    call_command("stripe_smoke", stdout=out)
    return out.getvalue()


def test_it_works(db, gateway, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_demo"

    text = run()

    assert "no test of Stripe" in text  # the gateway answers here
    assert "A payment page was opened: cs_test_" in text
    assert "It was closed, and stays closed." in text
    assert "The list of events can be read; the newest: checkout.session.expired evt_" in text
    assert gateway.sessions()[0]["status"] == "expired"
    assert not Order.objects.exists()


@pytest.mark.parametrize("key", ["sk_live_1", "rk_live_1", "whsec_1", "pk_test_1"])
def test_other_keys_are_not_sent(settings, gateway_process, key):
    settings.STRIPE_SECRET_KEY = key
    settings.STRIPE_API_BASE = gateway_process.base
    before = len(gateway_process.sessions())

    with pytest.raises(CommandError, match="no test key"):
        run()

    assert len(gateway_process.sessions()) == before


def test_without_a_key_it_says_that_nothing_is_known_of_stripe(settings):
    settings.STRIPE_SECRET_KEY = ""

    with pytest.raises(CommandError, match="never against Stripe"):
        run()


def test_a_wrong_key_and_no_answer_are_told(settings, gateway_process):
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"
    settings.STRIPE_API_BASE = gateway_process.base
    with pytest.raises(CommandError, match="Invalid API Key"):
        run()

    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(CommandError, match="does not answer"):
        run()
