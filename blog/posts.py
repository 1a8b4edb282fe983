"""Questions to the blog, in its words: lists, topics, what is alike. Feeds and search ask here, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet
from django.utils import timezone

if TYPE_CHECKING:
    from wagtail.query import PageQuerySet

    from blog.models import BlogIndexPage, BlogPostPage, Topic

RELATED = 3


def published() -> PageQuerySet:
    """Everybody may read them: live, not private, and their day has come."""
    from blog.models import BlogPostPage  # the models import this module

    return BlogPostPage.objects.live().public().filter(date__lte=timezone.localdate())


def not_yet() -> QuerySet[BlogPostPage]:
    """Dated later than today: nobody may read them before, although they may be live."""
    from blog.models import BlogPostPage  # the models import this module

    return BlogPostPage.objects.filter(date__gt=timezone.localdate())


def posts_of(index: BlogIndexPage) -> QuerySet[BlogPostPage]:
    """The published posts of one language's blog, newest first."""
    return published().child_of(index).order_by("-date", "-first_published_at", "-pk")


def with_all_a_card_shows(posts: QuerySet[BlogPostPage]) -> QuerySet[BlogPostPage]:
    """In a constant number of queries."""
    return posts.select_related("cover", "locale").prefetch_related(
        "cover__renditions", "post_authors__author", "tagged_items__tag"
    )


def topics_of(index: BlogIndexPage) -> QuerySet[Topic]:
    """Tags of the published posts, the most used first."""
    from blog.models import Topic  # the models import this module

    used = posts_of(index).order_by().values("pk")
    return (
        Topic.objects.filter(items__content_object__in=used).annotate(posts=Count("items")).order_by("-posts", "name")
    )


def languages_with(topic: Topic) -> set[str]:
    """Codes of the languages whose blog has a published post with this tag."""
    posts = published().filter(tagged_items__tag=topic)
    return set(posts.order_by().values_list("locale__language_code", flat=True).distinct())


def related_to(post: BlogPostPage, topics: Sequence[Topic]) -> QuerySet[BlogPostPage]:
    """Other posts of the same blog that share the most tags with it; `post` may be an unsaved draft."""
    others = published().sibling_of(post).exclude(pk=post.pk)
    alike = others.filter(tagged_items__tag__in=topics).annotate(shared=Count("tagged_items__tag"))
    return with_all_a_card_shows(alike.order_by("-shared", "-date", "-pk"))[:RELATED]
