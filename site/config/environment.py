"""What the processes of `make run` find in their environment: the operator's values, and the demo's for the rest."""

import multiprocessing
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import environ
import psutil

from config.embedded import ServiceError

EVERYWHERE = {"0.0.0.0", "::"}
HERE = {"127.0.0.1", "localhost", "::1"}
# A number that passes every check and belongs to nobody: the one that banks print in their examples.
DEMO_ACCOUNT = {
    "BANK_TRANSFER_HOLDER": "Leaf & Kiln (demo)",
    "BANK_TRANSFER_IBAN": "DE89370400440532013000",
    "BANK_TRANSFER_BANK": "Musterbank",
}


@dataclass(frozen=True)
class Address:
    """Where the shop listens. `host` as the operator named it; `bind` is its IP address."""

    host: str
    bind: str
    port: int

    @property
    def local(self) -> str:
        """The host in a URL by which this machine's processes reach what listens here."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)
        return f"[{host}]" if ":" in host else host

    @property
    def public(self) -> str:
        """The host in a URL for the browser of whoever started the shop."""
        if self.host in HERE | EVERYWHERE:
            return "localhost"
        return f"[{self.host}]" if ":" in self.host else self.host


def given_values(root: Path) -> dict[str, str]:
    """The operator's values: the environment's, then .env's. An empty one counts as not given."""
    environ.Env.read_env(root / ".env")
    return {name: value for name, value in os.environ.items() if value}


def read_values(path: Path) -> dict[str, str]:
    """The values of a file that `write_values` wrote; none when it is missing."""
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines if "=" in line)


def write_values(path: Path, values: Mapping[str, str]) -> None:
    """Writes the values for settings.py to read, so that manage.py finds the services. Only the owner may read them."""
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in sorted(values.items()))


def shop_address(given: Mapping[str, str]) -> Address:
    """HOST and PORT, checked. Raises ServiceError with the variable's name."""
    host, port = given.get("HOST", "127.0.0.1"), given.get("PORT", "8000")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise ServiceError(f"PORT must be a number from 1 to 65535, not {port!r}.")
    try:
        bind = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0][4][0]
    except OSError:
        raise ServiceError(f"HOST={host} is not an address of this machine; try 127.0.0.1 or 0.0.0.0.") from None
    return Address(host, str(bind), int(port))


def port_problem(bind: str, port: int) -> str | None:
    """Why nothing of ours can listen there, as a sentence; None when it can."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
            return None
        except PermissionError:
            return f"Only root may use port {port}; choose one above 1023: make run PORT=8000"
        except OSError as error:
            reason = f"is used by {port_user(port)}" if port_user(port) else f"cannot be used ({error.strerror})"
            return f"Port {port} {reason}. Choose another: make run PORT={port + 10}"


def port_user(port: int) -> str | None:
    """Name and number of the process that listens on the port, as far as we may know."""
    try:
        listeners = [c.pid for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr.port == port]
    except psutil.AccessDenied:  # macOS shows them to root only
        return None
    for pid in filter(None, listeners):
        return f"{psutil.Process(pid).name()} (process {pid})"
    return "another program" if listeners else None


def shared_memory_problem() -> str | None:
    """Why our processes cannot share locks, as a sentence; None when they can. A bare chroot often has no /dev/shm."""
    try:
        multiprocessing.Lock()
        return None
    except OSError as error:
        return (
            f"The process manager needs shared memory, but /dev/shm cannot be written ({error.strerror}).\n"
            "As root: mkdir -p /dev/shm && mount -t tmpfs -o mode=1777 tmpfs /dev/shm"
        )


def free_port(bind: str, wanted: list[int]) -> int:
    """The first of the wanted ports that is free, else any."""
    for port in wanted:
        if port_problem(bind, port) is None:
            return port
    with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET) as probe:
        probe.bind((bind, 0))
        return int(probe.getsockname()[1])


def demo_values(root: Path, given: Mapping[str, str], earlier: Mapping[str, str], debug: bool) -> dict[str, str]:
    """Everything the shop needs that the operator has not given, without the services' addresses.

    `earlier` are the values of the last start: its secrets and the gateway's port are kept.
    """
    address = shop_address(given)
    base = given.get("BASE_URL", f"http://{address.public}:{address.port}").rstrip("/")
    values = {
        "STORE_DEMO": "1",
        "DEBUG": str(int(debug)),
        "HOST": address.host,
        "PORT": str(address.port),
        "BIND_HOST": address.bind,
        "BASE_URL": base,
        "ALLOWED_HOSTS": ",".join(answered_hosts(address, base)),
        "SECRET_KEY": earlier.get("SECRET_KEY") or secrets.token_urlsafe(50),
        "EMAIL_URL": f"filemail:///{quote(str(root / 'var' / 'mail'))}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    demo = environ.Env.parse_value(given.get("STORE_DEMO", "1"), bool)
    if demo and "BANK_TRANSFER_IBAN" not in given:
        values |= DEMO_ACCOUNT
    if demo and "STRIPE_SECRET_KEY" not in given and "STRIPE_API_BASE" not in given:
        values |= gateway_values(address, base, given, earlier)
    return {name: value for name, value in values.items() if name not in given}


def gateway_values(address: Address, base: str, given: Mapping[str, str], earlier: Mapping[str, str]) -> dict[str, str]:
    """The demo payment gateway beside the shop, in place of Stripe."""
    wanted = [int(port) for port in (given.get("GATEWAY_PORT"), earlier.get("GATEWAY_PORT")) if port]
    wanted = [port for port in (*wanted, address.port + 1) if port != address.port]
    port = free_port(address.bind, wanted)
    seen_by_browser = urlsplit(base)._replace(scheme="http", netloc=f"{urlsplit(base).hostname}:{port}", path="")
    return {
        "GATEWAY_HOST": address.bind,
        "GATEWAY_PORT": str(port),
        "GATEWAY_DB": "var/gateway.sqlite3",
        "GATEWAY_SHOP_NAME": "Leaf & Kiln",
        "GATEWAY_PUBLIC_BASE": seen_by_browser.geturl(),
        "GATEWAY_WEBHOOK_URL": f"http://{address.local}:{address.port}/webhooks/stripe/",
        "STRIPE_SECRET_KEY": "sk_test_demo",
        "STRIPE_API_BASE": f"http://{address.local}:{port}",
        "STRIPE_WEBHOOK_SECRETS": earlier.get("STRIPE_WEBHOOK_SECRETS") or f"whsec_{secrets.token_hex(24)}",
    }


def answered_hosts(address: Address, base: str) -> list[str]:
    """The host names that the shop answers to: its own, and this machine's when it listens everywhere."""
    hosts = {"localhost", "127.0.0.1", "[::1]", address.public, urlsplit(base).hostname or "localhost"}
    if address.bind in EVERYWHERE:
        addresses = [entry.address for entries in psutil.net_if_addrs().values() for entry in entries]
        hosts |= {socket.gethostname().lower(), *(name for name in addresses if name.count(".") == 3)}
    return sorted(hosts)
