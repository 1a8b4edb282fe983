"""Comments in the admin: read, approved, refused, deleted. What they mean: comments.py."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet

from blog import comments
from blog.models import Comment, CommentState

PER_PAGE = 30
DELETE = "delete"
MAY = {DELETE: "blog.delete_comment"}  # every other decision: change


@permission_required("blog.view_comment", raise_exception=True)
@require_safe
def comment_list(request: HttpRequest) -> HttpResponse:
    """Those in one state (`?state=`), at first those that wait."""
    state = request.GET.get("state", "")
    if state not in CommentState.values:
        state = CommentState.WAITING
    counts = comments.counts()
    context = {
        "state": state,
        "states": [(value, label, counts[value]) for value, label in CommentState.choices],
        "page_obj": Paginator(comments.in_state(state), PER_PAGE).get_page(request.GET.get("p")),
        "decisions": [(value, label) for value, label in decisions() if value != state and may(request, value)],
        "switched_on": comments.switched_on(),
    }
    return render(request, "blog/admin/comments.html", context)


def decisions() -> list[tuple[str, object]]:
    return [
        (CommentState.APPROVED, _("Approve")),
        (CommentState.REFUSED, _("Refuse")),
        (CommentState.SPAM, _("Spam")),
        (DELETE, _("Delete")),
    ]


def may(request: HttpRequest, decision: str) -> bool:
    return request.user.has_perm(MAY.get(decision, "blog.change_comment"))


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """`decision` for the ticked comments; "approved 12" for number 12 alone."""
    decision, _space, single = request.POST.get("decision", "").partition(" ")
    chosen = [single] if single else request.POST.getlist("comment")
    if decision not in dict(decisions()) or not all(pk.isdecimal() and len(pk) < 19 for pk in chosen):
        return HttpResponseBadRequest()
    if not may(request, decision):
        raise PermissionDenied
    pks = [int(pk) for pk in chosen]
    if decision == DELETE:
        number = Comment.objects.filter(pk__in=pks).delete()[0]
    else:
        number = comments.decide(pks, CommentState(decision), request.user)
    done = ngettext("%(number)s comment done.", "%(number)s comments done.", number) % {"number": number}
    messages.success(request, done)
    state = request.POST.get("state", "")
    query = f"?state={state}" if state in CommentState.values else ""
    return redirect(reverse("comments:index") + query)


class CommentMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("blog.view_comment")


class CommentViewSet(ViewSet):
    name = "comments"
    icon = "comment"
    menu_label = _("Comments")
    menu_name = "comments"
    menu_order = 1  # below the posts
    menu_hook = "register_blog_menu_item"

    @cached_property
    def menu_item_class(self) -> type[MenuItem]:
        return CommentMenuItem

    def get_urlpatterns(self) -> list[URLPattern]:
        return [path("", comment_list, name="index"), path("decide/", decide, name="decide")]
