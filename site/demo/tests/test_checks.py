import pytest

from demo.checks import no_real_money


@pytest.mark.parametrize(
    ("key", "errors"), [("sk_live_1", ["demo.E001"]), ("rk_live_1", ["demo.E001"]), ("sk_test_1", [])]
)
def test_the_demo_refuses_a_live_key(settings, key, errors):
    settings.STRIPE_SECRET_KEY = key

    assert [error.id for error in no_real_money(None)] == errors
