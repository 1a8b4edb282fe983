import pytest
from django.core.management import CommandError, call_command

from commerce.checks import payment_settings

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
