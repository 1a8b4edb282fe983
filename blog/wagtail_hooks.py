"""The blog in the Wagtail admin: authors and tags. Posts live in Wagtail's page explorer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn, UpdatedAtColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views import snippets

from blog.models import Author, Topic


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


class BlogGroup(snippets.SnippetViewSetGroup):
    items = (AuthorViewSet, TopicViewSet)
    menu_label = _("Blog")
    menu_icon = "edit"
    menu_name = "blog"
    menu_order = 160


register_snippet(BlogGroup)
