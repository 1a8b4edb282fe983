"""What happens to a subscriber: asks, confirms by mail, leaves, is forgotten. Nobody is subscribed without that mail.

Asking does the same for every address, known or not, so neither the answer nor its time tells who is subscribed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from blog.models import Subscriber, SubscriberState
from blog.models.subscriber import new_key
from core import outbox

CONFIRM_WITHIN = timedelta(days=7)


@transaction.atomic
def ask(email: str, language: str, source: str = "") -> None:
    """Notes the wish and the mail that asks back. `source`: path of the page with the form."""
    subscriber = _row_for(email.strip().lower(), language, source)
    now = timezone.now()
    if not is_open(subscriber):
        subscriber.confirm_token = new_key()
    subscriber.wished_language = language
    subscriber.asked_at = now
    subscriber.save(update_fields=["confirm_token", "wished_language", "asked_at"])
    key = f"newsletter-confirm:{subscriber.pk}:{now.timestamp()}"
    outbox.put("newsletter_confirm", key, {"subscriber": subscriber.pk})


def _row_for(email: str, language: str, source: str) -> Subscriber:
    """The address's row, locked; two who ask at once get the same one."""
    Subscriber.objects.bulk_create(
        [Subscriber(email=email, language=language, source=source[:200])], ignore_conflicts=True
    )
    return Subscriber.objects.annotate(lower=Lower("email")).select_for_update().get(lower=email)


def is_open(subscriber: Subscriber) -> bool:
    """Is there a wish that its link may still confirm?"""
    asked = subscriber.asked_at
    return bool(subscriber.wished_language and asked and asked > timezone.now() - CONFIRM_WITHIN)


def confirm(token: str) -> bool:
    """The wish behind a link of the confirm mail is fulfilled. False when the link is used, too old or unknown."""
    now = timezone.now()
    wishes = Subscriber.objects.filter(confirm_token=token, asked_at__gt=now - CONFIRM_WITHIN)
    consent = Case(When(state=SubscriberState.CONFIRMED, then=F("confirmed_at")), default=now)
    return bool(
        wishes.exclude(wished_language="").update(
            state=SubscriberState.CONFIRMED,
            language=F("wished_language"),
            wished_language="",
            confirmed_at=consent,
            unsubscribed_at=None,
        )
    )


def unsubscribe(key: str) -> bool:
    """Ends the subscription behind the key of a mail, and every open wish. False when there was none."""
    found = Subscriber.objects.filter(key=key).exclude(state=SubscriberState.UNSUBSCRIBED)
    return bool(
        found.update(
            state=SubscriberState.UNSUBSCRIBED,
            unsubscribed_at=timezone.now(),
            wished_language="",
            confirm_token=new_key(),
        )
    )


def silent(before: datetime) -> QuerySet[Subscriber]:
    """Addresses whose owner has never answered, and was last asked before then."""
    never = Subscriber.objects.filter(state=SubscriberState.PENDING)
    return never.filter(Q(asked_at__lte=before) | Q(asked_at=None))


def gone(before: datetime) -> QuerySet[Subscriber]:
    """Who left, or whose mailbox was no more, before then. Until then the row proves what was agreed to."""
    left = Subscriber.objects.filter(state__in=(SubscriberState.UNSUBSCRIBED, SubscriberState.BOUNCED))
    last = Coalesce("unsubscribed_at", "asked_at", "confirmed_at")
    return left.annotate(last=last).filter(Q(last__lte=before) | Q(last=None))
