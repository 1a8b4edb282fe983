"""The blog's pages: the index of one language, its posts, and the topics that posts share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import ItemBase, TagBase
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField, TranslatableField

from blog.posts import languages_with, posts_of, related_to, topics_of, with_all_a_card_shows
from core.about import About, Shared, shared_picture
from core.blocks import PAGE_BLOCKS
from core.feeds import feeds_of
from core.localized import LocalizedTextField
from core.models import ShopPage
from core.pages import Alternate, alternates

PER_PAGE = 12
TOPICS = 12

TEXTS = [TranslatableField(name) for name in ("title", "slug", "seo_title", "search_description")]


class Topic(TagBase):
    """What a post is about. Tags of all languages are one: its label says it in each of them."""

    label = LocalizedTextField(_("Label"), blank=True, help_text=_("Empty: the tag as it was typed."))

    free_tagging = True

    class Meta:
        verbose_name = _("blog tag")
        verbose_name_plural = _("blog tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name  # the tag field of the editor finds tags by this

    @property
    def title(self) -> str:
        """What readers see, in the active language."""
        return str(self.label) or self.name


class PostTag(ItemBase):
    content_object = ParentalKey("blog.BlogPostPage", related_name="tagged_items", on_delete=models.CASCADE)
    tag = models.ForeignKey(Topic, related_name="items", on_delete=models.CASCADE)


class BlogIndexPage(RoutablePageMixin, ShopPage):
    """The blog of one language: its posts page by page, all or those with one tag."""

    intro = models.TextField(_("Introduction"), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    parent_page_types = ["core.HomePage"]
    subpage_types = ["blog.BlogPostPage"]
    max_count_per_parent = 1
    translatable_fields = [*TEXTS, TranslatableField("intro"), SynchronizedField("show_in_menus")]
    template = "blog/index.html"

    class Meta:
        verbose_name = _("blog")
        verbose_name_plural = _("blogs")

    @path(format_lazy("{}/<str:slug>/", pgettext_lazy("url", "tag")), name="tag")
    def posts_with_tag(self, request: HttpRequest, slug: str) -> HttpResponse:
        topic = get_object_or_404(topics_of(self), slug=slug)
        return self.render(request, topic=topic)

    @path("feed/", name="feed")
    @path("feed/<str:kind>/", name="feed_of_kind")
    @path(format_lazy("{}/<str:slug>/feed/", pgettext_lazy("url", "tag")), name="tag_feed")
    @path(format_lazy("{}/<str:slug>/feed/<str:kind>/", pgettext_lazy("url", "tag")), name="tag_feed_of_kind")
    def feed(self, request: HttpRequest, slug: str = "", kind: str = "rss") -> HttpResponseBase:
        from blog.feeds import blog_feed  # it reads what is stored here

        topic = get_object_or_404(topics_of(self), slug=slug) if slug else None
        return blog_feed(request, self, kind, topic)

    def get_context(
        self, request: HttpRequest, *args: Any, topic: Topic | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """`topic`: only its posts. An odd or too large page number gives the nearest page."""
        context = super().get_context(request, *args, **kwargs)
        title = f"{topic.title} · {self.title}" if topic else context["about"].title
        address = self.url + (self.reverse_subpage("tag", args=[topic.slug]) if topic else "")
        context["about"] = replace(context["about"], title=title, feeds=feeds_of(title, f"{address}feed/"))
        posts = posts_of(self).filter(tagged_items__tag=topic) if topic else posts_of(self)
        return {
            **context,
            "topic": topic,
            "topics": topics_of(self)[:TOPICS],
            "page_obj": Paginator(with_all_a_card_shows(posts), PER_PAGE).get_page(request.GET.get("page")),
            "alternates": self.tag_alternates(context["alternates"], topic) if topic else context["alternates"],
        }

    def tag_alternates(self, blogs: list[Alternate], topic: Topic) -> list[Alternate]:
        """Where other languages list this tag; their blog where they have no post with it."""
        written = languages_with(topic)
        urls = {
            blog.code: blog.url + (self.tag_path(blog.code, topic) if blog.code in written else "") for blog in blogs
        }
        return alternates(urls.__getitem__, existing=written)

    def tag_path(self, code: str, topic: Topic) -> str:
        with translation.override(code):
            return self.reverse_subpage("tag", args=[topic.slug])


class BlogPostPage(ShopPage):
    """A post. Its words are translated; date, picture, tags and authors are the same in all languages."""

    date = models.DateField(
        _("Date"), default=timezone.localdate, help_text=_("A later day than today: nobody can read it before.")
    )
    summary = models.TextField(_("Summary"), max_length=300, blank=True, help_text=_("Shown in lists and by search."))
    cover = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("Cover picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    cover_alt = models.CharField(
        _("Alt text of the cover"),
        max_length=200,
        blank=True,
        help_text=_("What the picture shows, for those who cannot see it."),
    )
    body = StreamField(PAGE_BLOCKS, blank=True, verbose_name=_("Body"))
    tags = ClusterTaggableManager(through=PostTag, blank=True, verbose_name=_("Tags"))

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        MultiFieldPanel([FieldPanel("cover"), FieldPanel("cover_alt")], heading=_("Cover picture")),
        FieldPanel("body"),
        FieldPanel("date"),
        InlinePanel("post_authors", heading=_("Authors"), label=_("Author")),
        FieldPanel("tags"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]
    parent_page_types = ["blog.BlogIndexPage"]
    subpage_types: list[str] = []
    translatable_fields = [
        *TEXTS,
        TranslatableField("summary"),
        TranslatableField("cover_alt"),
        TranslatableField("body"),
        SynchronizedField("date", overridable=False),
        SynchronizedField("cover"),
        SynchronizedField("tagged_items", overridable=False),
        SynchronizedField("post_authors", overridable=False),
    ]
    template = "blog/post.html"

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Nobody reads it before its day, wherever he has the address from."""
        if self.date > timezone.localdate() and not getattr(request, "is_preview", False):
            raise Http404
        return super().serve(request, *args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        topics = list(self.tags.all())
        return {
            **super().get_context(request, *args, **kwargs),
            "index": self.get_parent().specific,
            "topics": topics,
            "related": related_to(self, topics),
            **comments_below(self),
        }

    def about(self) -> About:
        picture = shared_picture(self.cover, self.cover_alt)
        return replace(super().about(), picture=picture, kind="article", data=[self.article(picture)])

    def descriptions(self) -> list[str]:
        return [self.summary]

    def article(self, picture: Shared | None) -> dict[str, Any]:
        """schema.org, with what the page shows: developers.google.com/search/docs/appearance/structured-data/article"""
        told = {
            "@type": "BlogPosting",
            "headline": self.title,
            "description": self.summary,
            "inLanguage": self.locale.language_code,
            "datePublished": self.date.isoformat(),
            "dateModified": self.last_published_at.isoformat() if self.last_published_at else None,
            "author": [{"@type": "Person", "name": str(author.name)} for author in self.authors],
            "image": picture.url if picture else None,
            "url": self.full_url,
        }
        return {name: value for name, value in told.items() if value}

    @property
    def topics(self) -> list[Topic]:
        """Its tags as a list has loaded them."""
        return [row.tag for row in self.tagged_items.all()]

    @property
    def authors(self) -> list[Any]:
        """Published authors, in the editor's order."""
        return [row.author for row in self.post_authors.all() if row.author.live]


def comments_below(post: BlogPostPage) -> dict[str, Any]:
    """What the page needs to show comments; `comment_form` is None while visitors may not comment."""
    from blog.comments import shown_below, switched_on  # they ask these models
    from blog.forms import CommentForm

    return {
        "comments": shown_below(post) if post.pk else [],
        "comment_form": CommentForm(auto_id="comment-%s") if switched_on() else None,
    }


class PostAuthor(Orderable):
    page = ParentalKey(BlogPostPage, related_name="post_authors", on_delete=models.CASCADE)
    author = models.ForeignKey("blog.Author", verbose_name=_("Author"), related_name="+", on_delete=models.CASCADE)

    class Meta(Orderable.Meta):
        constraints = [models.UniqueConstraint(fields=["page", "author"], name="post_author")]
