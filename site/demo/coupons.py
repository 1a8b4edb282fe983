"""The demo's coupons, written by the editor and published by the moderator."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from commerce.models import Coupon, Scope
from demo.sources import Progress, category_of, content


def seed_coupons() -> Progress:
    """Coupons."""
    entries = content("coupons")["coupon"]
    for number, entry in enumerate(entries, start=1):
        if not Coupon.objects.filter(code=entry["code"]).exists():
            seed_coupon(entry)
        yield number, len(entries)


def seed_coupon(entry: dict[str, Any]) -> None:
    now = timezone.now()
    coupon = Coupon(
        code=entry["code"],
        note=entry["note"],
        gives=entry["gives"],
        value=Decimal(entry["value"]),
        minimum=Decimal(entry["minimum"]),
        scope=Scope.CHOSEN if entry["categories"] else Scope.ALL,
        max_uses=entry.get("max_uses"),
        max_uses_each=entry.get("max_uses_each"),
        starts_at=now if "days" in entry else None,
        ends_at=now + timedelta(days=entry["days"]) if "days" in entry else None,
        live=False,
    )
    coupon.categories = [category for key in entry["categories"] if (category := category_of(key))]
    coupon.save()
    revision = coupon.save_revision(user=User.objects.get(username="editor"))
    revision.publish(user=User.objects.get(username="moderator"))
