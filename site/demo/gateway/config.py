"""Settings of the gateway process, read from the environment; a wrong one stops the start with a sentence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


class ConfigError(Exception):
    """A setting is missing or wrong; the text says which and what to set."""


@dataclass(frozen=True)
class Config:
    """What one gateway process needs to know.

    `public_base` is the address the browser uses, without a trailing slash. `webhook_url` is empty when nothing is
    to be delivered. `settle_seconds` of None means that delayed payments wait for a click on the page.
    """

    secret_key: str
    host: str = "127.0.0.1"
    port: int = 8001
    database: Path = Path("var/gateway.sqlite3")
    public_base: str = "http://localhost:8001"
    webhook_url: str = ""
    webhook_secret: str = ""
    settle_seconds: float | None = None
    shop_name: str = "Vitrine"


def from_environment(env: Mapping[str, str]) -> Config:
    """Read GATEWAY_* and STRIPE_* settings. Raises ConfigError."""
    port = _number(env, "GATEWAY_PORT", 8001)
    settle = env.get("GATEWAY_SETTLE_SECONDS", "")
    secrets = re.split(r"[,\s]+", env.get("STRIPE_WEBHOOK_SECRETS", "").strip())
    config = Config(
        secret_key=env.get("STRIPE_SECRET_KEY", ""),
        host=env.get("GATEWAY_HOST") or "127.0.0.1",
        port=int(port),
        database=Path(env.get("GATEWAY_DB") or "var/gateway.sqlite3"),
        public_base=(env.get("GATEWAY_PUBLIC_BASE") or f"http://localhost:{int(port)}").rstrip("/"),
        webhook_url=env.get("GATEWAY_WEBHOOK_URL", ""),
        webhook_secret=secrets[0],
        settle_seconds=_number(env, "GATEWAY_SETTLE_SECONDS", 0) if settle else None,
        shop_name=env.get("GATEWAY_SHOP_NAME") or "Vitrine",
    )
    _check(config)
    return config


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    try:
        value = float(env.get(name) or default)
    except ValueError:
        raise ConfigError(f"{name} must be a number, not {env[name]!r}.") from None
    if value < 0:
        raise ConfigError(f"{name} must not be negative.")
    return value


def _check(config: Config) -> None:
    if not config.secret_key:
        raise ConfigError("Set STRIPE_SECRET_KEY to the key the shop uses, for example sk_test_demo.")
    if config.secret_key.startswith(("sk_live_", "rk_live_")):
        raise ConfigError("STRIPE_SECRET_KEY is a live key. The demo gateway only takes a test key (sk_test_...).")
    for name, url in (("GATEWAY_PUBLIC_BASE", config.public_base), ("GATEWAY_WEBHOOK_URL", config.webhook_url)):
        if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
            raise ConfigError(f"{name} must be an address such as http://localhost:8000/, not {url!r}.")
    if config.webhook_url and not config.webhook_secret:
        raise ConfigError("GATEWAY_WEBHOOK_URL needs STRIPE_WEBHOOK_SECRETS: the first one signs the events.")
