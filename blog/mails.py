"""Mails to those who ask for the newsletter. Issues are mailed by `blog/sending.py`."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from blog import subscribers
from blog.models import Subscriber, SubscriberState
from blog.subscribers import is_open
from core import outbox
from core.context_processors import shop_name
from core.mail import send
from core.models import Outbox


@outbox.handles("newsletter_wish")
def note_wish(row: Outbox) -> None:
    """Somebody ticked the newsletter elsewhere in the shop (payload: email, language, source): asks back by mail."""
    wish = row.payload
    subscribers.ask(wish["email"], wish["language"], wish["source"])
    kept = {key: value for key, value in wish.items() if key != "email"}
    Outbox.objects.filter(pk=row.pk).update(payload=kept)  # the subscriber's row has the address, and can be erased


@outbox.handles("newsletter_confirm")
def send_confirm(row: Outbox) -> None:
    """Asks back, or tells who is already subscribed. Nothing once the wish is answered or the address forgotten."""
    subscriber = Subscriber.objects.filter(pk=row.payload["subscriber"]).first()
    if subscriber is None or not is_open(subscriber):
        return
    language = subscriber.wished_language
    known = subscriber.state == SubscriberState.CONFIRMED and subscriber.language == language
    with translation.override(language):
        subject = _("The newsletter of %(shop)s: please confirm") % {"shop": shop_name()}
        if known:
            subject = _("You already get the newsletter of %(shop)s") % {"shop": shop_name()}
        context = {
            "known": known,
            "confirm_url": settings.BASE_URL + reverse("blog:confirm", args=[subscriber.confirm_token]),
            "unsubscribe_url": settings.BASE_URL + reverse("blog:unsubscribe", args=[subscriber.key]),
        }
        send(row, subscriber.email, subject, "newsletter_confirm", context)
