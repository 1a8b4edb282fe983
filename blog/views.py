"""Forms of newsletter and comments, and pages behind links in mails. What they mean: subscribers.py, comments.py."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from blog import comments, subscribers
from blog.forms import CommentForm, SubscribeForm
from blog.models import BlogPostPage, Subscriber, SubscriberState
from blog.posts import published
from core import limits
from core.answers import see_other
from core.origin import same_origin_required
from core.pages import page_alternates, view_alternates


def secret(response: HttpResponse) -> HttpResponse:
    """A page whose address is a key: kept nowhere, found by nobody, told to no other site."""
    add_never_cache_headers(response)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@same_origin_required
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """The form on a page of its own; and the answer to every form, which is the same for a known address."""
    form = SubscribeForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        if not form.is_valid():
            status = 422
        elif not limits.allowed("newsletter-ip", limits.client_of(request)):
            form.add_error(None, _("That was often in a short time. Please try again in an hour."))
            status = 429
        else:
            ask(request, form)
            return see_other(reverse("blog:subscribe_asked"))
    context = {"form": form, "alternates": view_alternates("blog:subscribe")}
    return render(request, "blog/subscribe.html", context, status=status)


def ask(request: HttpRequest, form: SubscribeForm) -> None:
    """Nothing for a robot, and no more than a few mails to one mailbox; neither of them is told."""
    email = form.cleaned_data["email"].lower()
    if limits.allowed("newsletter-address", email) and not form.cleaned_data["website"]:
        source = urlsplit(request.headers.get("Referer", "")).path
        subscribers.ask(email, get_language() or "", source)


@require_safe
def subscribe_asked(request: HttpRequest) -> HttpResponse:
    return render(request, "blog/subscribe_asked.html", {"alternates": view_alternates("blog:subscribe_asked")})


@csrf_exempt  # who knows the token has the mailbox
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A button, because mail programs follow links by themselves; pressing it confirms."""
    if request.method == "POST" and subscribers.confirm(token):
        return secret(see_other(reverse("blog:confirm", args=[token])))
    subscriber = Subscriber.objects.filter(confirm_token=token).first()
    state = "unknown"
    if subscriber is not None and subscribers.is_open(subscriber):
        state = "open"
    elif subscriber is not None and subscriber.state == SubscriberState.CONFIRMED and not subscriber.wished_language:
        state = "done"
    context = {"state": state, "alternates": view_alternates("blog:confirm", token)}
    if state == "unknown":  # no secret any more; the form on this page has to say where it comes from
        return render(request, "blog/confirm.html", context, status=404)
    return secret(render(request, "blog/confirm.html", context))


@csrf_exempt  # RFC 8058: the mail program posts by itself, without any cookie
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, key: str) -> HttpResponse:
    """GET asks, POST acts; to press twice, or long after, is no mistake."""
    if request.method == "POST":
        subscribers.unsubscribe(key)
        if request.POST.get("List-Unsubscribe") == "One-Click":
            return secret(HttpResponse())
        return secret(see_other(reverse("blog:unsubscribe", args=[key])))
    subscriber = Subscriber.objects.filter(key=key).first()
    subscribed = subscriber is not None and subscriber.state != SubscriberState.UNSUBSCRIBED
    context = {"subscribed": subscribed, "alternates": view_alternates("blog:unsubscribe", key)}
    return secret(render(request, "blog/unsubscribe.html", context))


def post_or_404(post_id: int) -> BlogPostPage:
    """A published post of the active language."""
    return get_object_or_404(published().select_related("locale"), pk=post_id, locale__language_code=get_language())


@same_origin_required
@require_http_methods(["GET", "HEAD", "POST"])
def comment(request: HttpRequest, post_id: int) -> HttpResponse:
    """Takes a comment to the moderators. What is wrong with it is said on an own page, with all that was typed."""
    post = post_or_404(post_id)
    if request.method != "POST":
        return redirect(f"{post.url}#comments")
    if not comments.switched_on():
        raise Http404
    form = CommentForm(request.POST)
    status = 422
    if form.is_valid():
        if limits.allowed("comment-ip", limits.client_of(request)):
            typed = form.cleaned_data
            is_spam = bool(typed["website"])
            comments.write(post, typed["name"], typed["email"], typed["text"], is_spam=is_spam)
            return see_other(reverse("blog:comment_thanks", args=[post.pk]))
        form.add_error(None, _("That was often in a short time. Please try again in an hour."))
        status = 429
    context = {"form": form, "post": post, "alternates": page_alternates(post, request)}
    return render(request, "blog/comment.html", context, status=status)


@require_safe
def comment_thanks(request: HttpRequest, post_id: int) -> HttpResponse:
    post = post_or_404(post_id)
    return render(request, "blog/comment_thanks.html", {"post": post, "alternates": page_alternates(post, request)})
