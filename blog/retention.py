"""What newsletter and comments forget by themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from blog import subscribers
from blog.models import Comment, CommentState
from core.retention import Rule, register


def decided(before: datetime) -> QuerySet[Comment]:
    return Comment.objects.filter(state=CommentState.APPROVED, created_at__lt=before).exclude(email="")


def unwanted(before: datetime) -> QuerySet[Comment]:
    return Comment.objects.filter(state__in=(CommentState.SPAM, CommentState.REFUSED), created_at__lt=before)


def without_address(model: type[Model], pks: list[Any]) -> None:
    Comment.objects.filter(pk__in=pks).update(email="")


register(
    Rule("unconfirmed-subscribers", _("Subscribers who never confirmed"), subscribers.silent),
    Rule("unsubscribed", _("Addresses that left the newsletter, or refuse mail"), subscribers.gone),
    Rule("comment-addresses", _("E-mail addresses of approved comments; the comments stay"), decided, without_address),
    Rule("refused-comments", _("Refused comments and spam"), unwanted),
)
