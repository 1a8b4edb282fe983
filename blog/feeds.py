"""The blog as a feed: all posts of one language, or those with one tag, with their whole text."""

from __future__ import annotations

from datetime import UTC, datetime, time

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from blog.letters import rendered_blocks
from blog.models import BlogIndexPage, BlogPostPage, Topic
from blog.posts import posts_of, with_all_a_card_shows
from catalog.blocks import Shelf, load_shelf, product_blocks
from core.about import described, first_words, shared_picture
from core.feeds import KINDS, MOST, Entry, feed_response, with_whole_addresses


def blog_feed(request: HttpRequest, index: BlogIndexPage, kind: str, topic: Topic | None) -> HttpResponseBase:
    if kind not in KINDS:
        raise Http404
    posts = posts_of(index).filter(tagged_items__tag=topic) if topic else posts_of(index)
    title = f"{topic.title} · {index.title}" if topic else index.title
    page = index.url + (index.reverse_subpage("tag", args=[topic.slug]) if topic else "")
    newest = list(with_all_a_card_shows(posts)[:MOST])
    shelf = load_shelf(block for post in newest for block in product_blocks(post.body))
    entries = [entry_of(post, shelf) for post in newest]
    return feed_response(request, kind, title, index.search_description or index.intro, page, entries)


def entry_of(post: BlogPostPage, shelf: Shelf) -> Entry:
    published = timezone.make_aware(datetime.combine(post.date, time()))
    return Entry(
        key=f"post/{post.pk}",
        title=post.title,
        url=post.url,
        summary=described(post.summary, first_words(post.body)),
        html=with_whole_addresses(rendered_blocks(post.body, shelf)),
        published=published,
        changed=post.last_published_at or published.astimezone(UTC),
        picture=shared_picture(post.cover, post.cover_alt),
        authors=tuple(str(author.name) for author in post.authors),
        tags=tuple(topic.title for topic in post.topics),
    )
