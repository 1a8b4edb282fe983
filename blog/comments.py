"""What happens to comments: written by visitors, decided by moderators. When they are forgotten: retention.py."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from blog.models import BlogPostPage, Comment, CommentSettings, CommentState

SHOWN = 200  # the newest
SAME = timedelta(minutes=10)  # the same words again within this time are a second click


def switched_on() -> bool:
    """May visitors comment? What was approved before stays in any case."""
    return CommentSettings.objects.filter(switched_on=True).exists()


def shown_below(post: BlogPostPage) -> list[Comment]:
    """Approved ones, oldest first, by one query."""
    return list(Comment.objects.filter(post=post).approved().order_by("-created_at", "-pk")[:SHOWN])[::-1]


def write(post: BlogPostPage, name: str, email: str, text: str, *, is_spam: bool) -> None:
    """Stored for the moderators; what robots write is stored apart, in case it was a person after all."""
    recent = Comment.objects.filter(post=post, created_at__gt=timezone.now() - SAME)
    if recent.filter(name=name, text=text).exists():
        return
    Comment.objects.create(
        post=post,
        language=post.locale.language_code,
        name=name,
        email=email,
        text=text,
        state=CommentState.SPAM if is_spam else CommentState.WAITING,
    )


def decide(comment_ids: Iterable[int], state: CommentState, by: Any) -> int:
    """Approves, refuses, or calls it spam. Returns how many were something else before."""
    others = Comment.objects.filter(pk__in=comment_ids).exclude(state=state)
    return others.update(state=state, decided_at=timezone.now(), decided_by=by)


def counts() -> dict[str, int]:
    """How many there are in each state, by one query."""
    rows = Comment.objects.order_by().values_list("state").annotate(number=Count("pk"))
    return {**dict.fromkeys(CommentState.values, 0), **dict(rows)}


def in_state(state: str) -> QuerySet[Comment]:
    """For moderators, the oldest that wait first, else the newest."""
    found = Comment.objects.filter(state=state).select_related("post__locale", "decided_by")
    return found.order_by("created_at", "pk") if state == CommentState.WAITING else found.order_by("-created_at", "-pk")
