"""Blog and newsletter in the Wagtail admin. Posts and issues are written in Wagtail's page explorer."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn, UpdatedAtColumn
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.permissions import page_permission_policy, register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views import snippets

from blog.comment_admin import CommentViewSet
from blog.issue_admin import IssueViewSet
from blog.models import Author, BlogPostPage, Subscriber, Topic
from blog.newsletter_admin import LookAndForget, SubscriberViewSet

PAGE_WORK = {"add", "change", "publish", "lock", "unlock"}

register_permission_policy(Subscriber, LookAndForget(Subscriber))


class IndexView(snippets.IndexView):
    def _get_title_column(self, field_name: str, *args: object, **kwargs: object) -> Column:
        """Named in the reader's language, not in the one of whoever saved the last revision."""
        return super()._get_title_column(field_name, *args, **{**kwargs, "accessor": str})


class AuthorViewSet(snippets.SnippetViewSet):
    model = Author
    icon = "user"
    menu_label = _("Authors")
    index_view_class = IndexView
    list_display = ["__str__", UpdatedAtColumn(), LiveStatusTagColumn()]


class TopicViewSet(snippets.SnippetViewSet):
    model = Topic
    icon = "tag"
    menu_label = _("Tags")
    panels = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("label")]
    list_display = ["name", Column("label", label=_("Label"), accessor="title"), "slug"]
    search_fields = ["name"]


class PostsItem(MenuItem):
    """Shown to those who may change or publish some page."""

    def is_shown(self, request: HttpRequest) -> bool:
        return page_permission_policy.user_has_any_permission(request.user, PAGE_WORK)


class PostViewSet(PageListingViewSet):
    model = BlogPostPage
    icon = "doc-full"
    menu_label = _("Posts")
    menu_item_class = PostsItem


class BlogGroup(snippets.SnippetViewSetGroup):
    items = (PostViewSet("posts"), AuthorViewSet, TopicViewSet)
    menu_label = _("Blog")
    menu_icon = "edit"
    menu_name = "blog"
    menu_order = 160
    submenu_hook = "register_blog_menu_item"  # the comments, which are no snippets


register_snippet(BlogGroup)


class NewsletterGroup(ViewSetGroup):
    menu_label = _("Newsletter")
    menu_icon = "mail"
    menu_name = "newsletter"
    menu_order = 165
    items = (IssueViewSet(), SubscriberViewSet())


@hooks.register("register_admin_viewset")
def newsletter() -> NewsletterGroup:
    return NewsletterGroup()


@hooks.register("register_admin_viewset")
def comments() -> CommentViewSet:
    return CommentViewSet()


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    """Shown in the history of the issue's page."""
    actions.register_action("blog.newsletter.plan", _("Plan sending"), _("Sending planned"))
    actions.register_action("blog.newsletter.cancel", _("Cancel sending"), _("Sending cancelled"))


@hooks.register("register_permissions")
def permissions() -> QuerySet[Permission]:
    """Offered when a group is edited."""
    models = ["subscriber", "sending", "comment"]
    return Permission.objects.filter(content_type__app_label="blog", content_type__model__in=models)
