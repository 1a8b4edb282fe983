"""Who gets the newsletter. Personal data: it never goes into logs, and one person's can be exported and erased."""

from __future__ import annotations

import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


def new_key() -> str:
    """192 bits that nobody guesses."""
    return secrets.token_urlsafe(24)


class SubscriberState(models.TextChoices):
    PENDING = "pending", _("Not confirmed yet")  # asked, and has not answered the confirm mail
    CONFIRMED = "confirmed", _("Subscribed")  # gets issues
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")  # gets nothing; may ask again
    BOUNCED = "bounced", _("Mail refused")  # the mail server said for good that there is no such mailbox


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def confirmed(self) -> Self:
        return self.filter(state=SubscriberState.CONFIRMED)


class Subscriber(models.Model):
    """One e-mail address. Written by `blog/subscribers.py`; set to bounced by `blog/postman.py`."""

    email = models.EmailField(_("E-mail"))
    language = models.CharField(_("Language"), max_length=15, choices=settings.LANGUAGES)
    state = models.CharField(_("State"), max_length=20, choices=SubscriberState, default=SubscriberState.PENDING)
    source = models.CharField(_("Where from"), max_length=200, blank=True)  # path of the page with the form
    key = models.CharField(max_length=40, unique=True, default=new_key)  # of the unsubscribe address, for ever
    confirm_token = models.CharField(max_length=40, unique=True, default=new_key)  # of one wish, until it is answered
    wished_language = models.CharField(max_length=15, blank=True)  # becomes `language` when confirmed
    asked_at = models.DateTimeField(_("Asked"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("Consent"), null=True, blank=True)
    unsubscribed_at = models.DateTimeField(_("Unsubscribed"), null=True, blank=True)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        constraints = [models.UniqueConstraint(Lower("email"), name="subscriber_email")]
        indexes = [models.Index(fields=["state", "language"], name="subscriber_state")]

    def __str__(self) -> str:
        """Not the whole address: Wagtail's log keeps this after somebody has been forgotten."""
        name, _at, domain = self.email.partition("@")
        return f"{name[:1]}…@{domain}"
