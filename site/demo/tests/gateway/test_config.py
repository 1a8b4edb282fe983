"""A wrong setting stops the start with a sentence that says what to set."""

from pathlib import Path

import pytest

from demo.gateway.config import ConfigError, from_environment


def test_it_works() -> None:
    config = from_environment({"STRIPE_SECRET_KEY": "sk_test_x", "GATEWAY_PORT": "9001"})

    assert (config.host, config.port, config.public_base) == ("127.0.0.1", 9001, "http://localhost:9001")
    assert config.database == Path("var/gateway.sqlite3")
    assert (config.webhook_url, config.settle_seconds) == ("", None)


def test_the_first_secret_signs() -> None:
    config = from_environment({"STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRETS": "whsec_new, whsec_old"})

    assert config.webhook_secret == "whsec_new"


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({}, "STRIPE_SECRET_KEY"),
        ({"STRIPE_SECRET_KEY": "sk_live_x"}, "STRIPE_SECRET_KEY"),
        ({"STRIPE_SECRET_KEY": "sk_test_x", "GATEWAY_PORT": "http"}, "GATEWAY_PORT"),
        ({"STRIPE_SECRET_KEY": "sk_test_x", "GATEWAY_SETTLE_SECONDS": "-1"}, "GATEWAY_SETTLE_SECONDS"),
        ({"STRIPE_SECRET_KEY": "sk_test_x", "GATEWAY_WEBHOOK_URL": "http://s/hook/"}, "STRIPE_WEBHOOK_SECRETS"),
        (
            {"STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRETS": "w", "GATEWAY_WEBHOOK_URL": "/hook/"},
            "GATEWAY_WEBHOOK_URL",
        ),
    ],
)
def test_wrong_settings_are_named(env: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named) as refused:
        from_environment(env)

    assert "sk_live_x" not in str(refused.value)
