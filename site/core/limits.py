"""How often somebody may do something: counted in PostgreSQL, so that limits hold while Redis is gone.

The numbers stand in settings.RATE_LIMITS. Who it was is kept as a keyed digest only, until the window ends.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

# One statement, so that attempts at the same moment are counted one after the other.
COUNT = """
    INSERT INTO core_ratecount AS counted (key, count, ends_at)
    VALUES (%(key)s, %(times)s, now() + make_interval(secs => %(seconds)s))
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN counted.ends_at <= now() THEN 0 ELSE least(counted.count, 1000000) END + excluded.count,
        ends_at = CASE WHEN counted.ends_at <= now() THEN excluded.ends_at ELSE counted.ends_at END
    RETURNING count
"""


def allowed(name: str, who: str, times: int = 1) -> bool:
    """Counts `times` more of `name` by `who` (an address, an IP); False once there are too many in this window.

    A name without a number in settings.RATE_LIMITS is not limited.
    """
    limit = settings.RATE_LIMITS.get(name)
    if limit is None:
        return True
    most, seconds = limit
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"key": key_of(name, who), "times": times, "seconds": seconds})
        return bool(cursor.fetchone()[0] <= most)


def forget(name: str, who: str) -> None:
    """Starts counting anew: the attempt was a good one."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_ratecount WHERE key = %s", [key_of(name, who)])


def key_of(name: str, who: str) -> str:
    return f"{name}:{salted_hmac('core.limits', who).hexdigest()}"


def client_of(request: HttpRequest) -> str:
    """Who asks, as far as a network can tell: the IPv4 address, or the /64 that an IPv6 customer gets as a whole."""
    written = request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(written)
    except ValueError:  # a Unix socket has none
        return written
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return str(address)
