import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from commerce.checks import payment_settings, shop_currency

ROOT = Path(__file__).resolve().parents[2]
DEMO = {"STORE_DEMO": True, "DEBUG": False, "STRIPE_API_BASE": "http://127.0.0.1:9", "STRIPE_WEBHOOK_SECRETS": ["s"]}
LIVE = {"STORE_DEMO": False, "DEBUG": False, "STRIPE_API_BASE": "", "STRIPE_SECRET_KEY": "sk_live_1"}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({**DEMO, "STRIPE_SECRET_KEY": "sk_test_1"}, []),
        ({**DEMO, "STRIPE_SECRET_KEY": "sk_live_1"}, ["commerce.E001"]),
        ({**DEMO, "STRIPE_SECRET_KEY": "rk_live_1"}, ["commerce.E001"]),
        ({**DEMO, "STRIPE_SECRET_KEY": "sk_test_1", "STORE_DEMO": False}, ["commerce.E002"]),
        ({**DEMO, "STRIPE_SECRET_KEY": "sk_test_1", "STORE_DEMO": False, "DEBUG": True}, []),
        ({**DEMO, "STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRETS": []}, ["commerce.E003"]),
        ({**LIVE, "STRIPE_WEBHOOK_SECRETS": ["whsec_1"]}, []),
        ({**LIVE, "STRIPE_WEBHOOK_SECRETS": []}, ["commerce.E003"]),
        ({**LIVE, "STRIPE_WEBHOOK_SECRETS": [""]}, ["commerce.E003"]),
        ({**LIVE, "STRIPE_SECRET_KEY": "", "STRIPE_WEBHOOK_SECRETS": []}, ["commerce.W004"]),
    ],
)
def test_it_works(settings, values, found):
    for name, value in values.items():
        setattr(settings, name, value)

    assert [message.id for message in payment_settings()] == found


def test_a_live_key_with_a_stand_in_stops_the_start(db, settings):
    settings.STRIPE_SECRET_KEY = "sk_live_1"

    with pytest.raises(CommandError, match="A live Stripe key would be sent to STRIPE_API_BASE"):
        call_command("check")


@pytest.mark.parametrize(
    ("currency", "found"), [("EUR", []), ("JPY", []), ("EURO", ["commerce.E005"]), ("", ["commerce.E005"])]
)
def test_the_currency_must_be_one(settings, currency, found):
    settings.SHOP_CURRENCY = currency

    assert [message.id for message in shop_currency()] == found


def test_the_currency_may_be_written_small():
    """In a process of its own, because settings are read once."""
    show = "from config.settings import SHOP_CURRENCY; print(SHOP_CURRENCY)"
    environment = {**os.environ, "SHOP_CURRENCY": " eur ", "PYTHONPATH": "site"}

    answer = subprocess.run(
        [sys.executable, "-c", show], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "EUR"


def test_an_unknown_currency_stops_the_start(settings):
    settings.SHOP_CURRENCY = "EURO"

    with pytest.raises(CommandError, match="SHOP_CURRENCY is 'EURO', which is no currency"):
        call_command("check")
