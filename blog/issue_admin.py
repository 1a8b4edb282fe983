"""Newsletter issues in the admin: who gets which language, test mails, the plan, and how far the sending is."""

from __future__ import annotations

import logging
import smtplib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import formats, timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets import AdminDateTimeInput
from wagtail.log_actions import log as note
from wagtail.models import Page
from wagtail.permissions import policy_registry

from blog import sending
from blog.issues import MAIN, Issue, Reach, load_issue, obstacle
from blog.letters import TEST_KEY, Letter, letter_of
from blog.models import Delivery, DeliveryState, NewsletterIndexPage, NewsletterIssuePage, Sending, SendingState
from core import limits

log = logging.getLogger(__name__)

PER_PAGE = 30
SEND = "blog.send_newsletter"


class StaffRequest(HttpRequest):
    """What a view gets behind Wagtail's login."""

    user: User


class TestForm(forms.Form):
    language = forms.ChoiceField(label=gettext_lazy("Language"))
    email = forms.EmailField(label=gettext_lazy("To"), max_length=254)

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict(settings.LANGUAGES)
        choice = cast(forms.ChoiceField, self.fields["language"])
        choice.choices = [(code, names[code]) for code in languages]


class PlanForm(forms.Form):
    send_at = forms.DateTimeField(
        label=gettext_lazy("Send at"),
        required=False,
        widget=AdminDateTimeInput,
    )
    now = forms.BooleanField(
        label=gettext_lazy("Send at once, to everybody"),
        required=False,
        help_text=gettext_lazy("As soon as it is published. What has been sent cannot be called back."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        send_at, now = data.get("send_at"), timezone.now()
        if send_at and send_at <= now:
            self.add_error("send_at", _("This moment is past."))
        if not self.errors and bool(send_at) == data["now"]:
            raise forms.ValidationError(_("Name a moment, or tick that it is sent at once."))
        return {**data, "send_at": send_at or now}


@dataclass(frozen=True)
class Row:
    """A language of an issue, with how many mails are in which state."""

    reach: Reach
    sent: int
    waiting: int
    failed: int
    skipped: int


@dataclass(frozen=True)
class Listed:
    """An issue in the list. `sent` of `total` mails have left or never will."""

    key: UUID
    title: str
    languages: str
    sending: Sending | None
    done: int
    total: int


def editable(user: User) -> QuerySet[NewsletterIssuePage]:
    """Issues whose pages this user may change; all for who may send."""
    pages = NewsletterIssuePage.objects.filter(alias_of=None)
    if user.has_perm(SEND):
        return pages
    allowed = policy_registry.get_by_type(Page).instances_user_has_permission_for(user, "change")
    return pages.filter(pk__in=allowed.values("pk"))


def issue_for(request: StaffRequest, key: UUID) -> Issue:
    """The issue, if it is this user's business."""
    if not editable(request.user).filter(translation_key=key).exists():
        raise PermissionDenied
    issue = load_issue(key)
    if issue is None:
        raise Http404
    return issue


def issue_to_send(request: StaffRequest, key: UUID) -> Issue:
    if not request.user.has_perm(SEND):
        raise PermissionDenied
    return issue_for(request, key)


@require_safe
def issue_list(request: StaffRequest) -> HttpResponse:
    """Newest first."""
    pages = editable(request.user).select_related("locale").order_by("-latest_revision_created_at", "-pk")
    grouped: dict[UUID, list[NewsletterIssuePage]] = {}
    for page in pages:
        grouped.setdefault(page.translation_key, []).append(page)
    page_obj = Paginator(list(grouped), PER_PAGE).get_page(request.GET.get("p"))
    sendings = {row.issue_key: row for row in Sending.objects.filter(issue_key__in=page_obj.object_list)}
    counted = counts([row.pk for row in sendings.values()])
    listed = [as_listed(key, grouped[key], sendings.get(key), counted) for key in page_obj]
    may_send = request.user.has_perm(SEND)
    context = {"issues": listed, "page_obj": page_obj, "may_send": may_send, "add_url": add_url(request)}
    return render(request, "blog/admin/issues.html", context)


def add_url(request: StaffRequest) -> str:
    """Where an issue is written in the shop's main language; empty without a newsletter, or the right to."""
    index = NewsletterIndexPage.objects.filter(locale__language_code=MAIN).first()
    if index is None or not index.permissions_for_user(request.user).can_add_subpage():
        return ""
    return reverse("wagtailadmin_pages:add", args=["blog", "newsletterissuepage", index.pk])


def as_listed(
    key: UUID, pages: list[NewsletterIssuePage], sent: Sending | None, counted: dict[tuple[int, str, str], int]
) -> Listed:
    codes = {page.locale.language_code: page for page in pages}
    own = {state: 0 for state in DeliveryState.values}
    for (sending_id, _language, state), number in counted.items():
        if sent is not None and sending_id == sent.pk:
            own[state] += number
    total = sum(own.values())
    main = codes.get(MAIN) or pages[0]
    live = ", ".join(code.upper() for code, _name in settings.LANGUAGES if code in codes and codes[code].live)
    return Listed(key, main.draft_title, live, sent, total - own[DeliveryState.QUEUED], total)


def counts(sending_ids: list[int]) -> dict[tuple[int, str, str], int]:
    """(sending, language of the subscriber, state) -> number of deliveries, by one query."""
    rows = Delivery.objects.filter(sending__in=sending_ids).order_by()
    return {
        (pk, language, state): number
        for pk, language, state, number in rows.values_list("sending", "language", "state").annotate(Count("pk"))
    }


@require_safe
def issue_page(request: StaffRequest, key: UUID) -> HttpResponse:
    return show(request, issue_for(request, key))


def show(request: StaffRequest, issue: Issue, status: int = 200, **forms_: forms.Form) -> HttpResponse:
    """The issue's page; `test_form` or `plan_form` with its errors."""
    found = Sending.objects.select_related("created_by").filter(issue_key=issue.key).first()
    counted = counts([found.pk]) if found else {}
    rows = [as_row(reach, counted) for reach in issue.reach]
    total = sum(counted.values())
    waiting = sum(row.waiting for row in rows)
    scheduled = found is not None and found.state == SendingState.SCHEDULED
    context = {
        "issue": issue,
        "main": issue.main,
        "rows": rows,
        "sending": found,
        "status": status_of(found, obstacle(issue)),
        "done": total - waiting,
        "total": total,
        "is_running": found is not None and found.state in (SendingState.SCHEDULED, SendingState.SENDING),
        "may_send": request.user.has_perm(SEND),
        "may_plan": found is None or found.state in (SendingState.SCHEDULED, SendingState.CANCELLED),
        "test_form": TestForm(languages=list(issue.pages), initial={"email": request.user.email}),
        "plan_form": PlanForm(initial={"send_at": found.send_at if scheduled and found else None}),
        "zone": timezone.get_current_timezone_name(),
        **forms_,
    }
    return render(request, "blog/admin/issue.html", context, status=status)


def status_of(found: Sending | None, why_not: str) -> tuple[str, str]:
    """How it stands, in a sentence; before it, "info" or "warning"."""
    state = found.state if found else SendingState.CANCELLED
    if found and state == SendingState.SENT:
        return "info", _("Sent, finished on %(when)s.") % {"when": moment(found.finished_at)}
    if found and state == SendingState.SENDING:
        since = _("Being sent since %(when)s.") % {"when": moment(found.started_at)}
        return "info", " ".join([since, _("To hold it up, unpublish its pages.")])
    if found and state == SendingState.SCHEDULED and found.send_at > timezone.now():
        planned = _("Planned for %(when)s.") % {"when": moment(found.send_at)}
        return ("warning", " ".join([planned, _("Until then:"), why_not])) if why_not else ("info", planned)
    if state == SendingState.SCHEDULED and why_not:
        return "warning", " ".join([_("It is due, and waits:"), why_not])
    if state == SendingState.SCHEDULED:
        return "info", _("It begins within a minute.")
    return ("warning", why_not) if why_not else ("info", _("Ready to be sent."))


def moment(when: datetime | None) -> str:
    """28 Nov 2026, 09:00: no format that ends with a full stop, for the ends of sentences."""
    written = pgettext("date format of a moment", "j M Y, H:i")
    return formats.date_format(timezone.localtime(when), written) if when else ""


def as_row(reach: Reach, counted: dict[tuple[int, str, str], int]) -> Row:
    own = {state: number for (_sending, language, state), number in counted.items() if language == reach.code}
    numbers = (own.get(state, 0) for state in ("sent", "queued", "failed", "skipped"))
    return Row(reach, *numbers)


def draft_letter(issue: Issue, code: str) -> Letter:
    """The mail of the latest draft in a language. Raises Http404."""
    if code not in issue.pages:
        raise Http404
    return letter_of(issue.pages[code].get_latest_revision_as_object())


@require_safe
def mail(request: StaffRequest, key: UUID, code: str) -> HttpResponse:
    """The latest draft as it would leave now; `?text`: its plain text."""
    letter = draft_letter(issue_for(request, key), code)
    if "text" in request.GET:
        return HttpResponse(letter.text, content_type="text/plain; charset=utf-8")
    return HttpResponse(letter.html)


@require_POST
def test(request: StaffRequest, key: UUID) -> HttpResponse:
    """Mails the latest draft to one address, at once, so that the editor learns whether it left."""
    issue = issue_for(request, key)
    form = TestForm(request.POST, languages=list(issue.pages))
    if not form.is_valid():
        return show(request, issue, 422, test_form=form)
    if not limits.allowed("newsletter-test", str(request.user.pk)):
        form.add_error(None, _("That was often in a short time. Please try again in an hour."))
        return show(request, issue, 429, test_form=form)
    mail = draft_letter(issue, form.cleaned_data["language"]).to(
        form.cleaned_data["email"], TEST_KEY, f"test.{timezone.now().timestamp()}"
    )
    mail.subject = _("[Test] %(subject)s") % {"subject": mail.subject}
    try:
        mail.send()
    except (OSError, smtplib.SMTPException, ValueError) as error:
        log.warning("a test mail could not be sent: %s", type(error).__name__)
        form.add_error(None, _("The mail server did not take the mail. Please try again, or tell the operator."))
        return show(request, issue, 502, test_form=form)
    messages.success(request, _("The test mail is on its way to %(email)s.") % {"email": form.cleaned_data["email"]})
    return redirect("newsletter_issues:issue", key)


@require_POST
def plan(request: StaffRequest, key: UUID) -> HttpResponse:
    issue = issue_to_send(request, key)
    form = PlanForm(request.POST)
    if not form.is_valid():
        return show(request, issue, 422, plan_form=form)
    send_at = form.cleaned_data["send_at"]
    try:
        sending.plan(key, issue.main.subject, send_at, request.user)
    except sending.TooLate:
        messages.error(request, _("It is too late: the issue is being sent, or has been."))
    else:
        note(issue.main, "blog.newsletter.plan", user=request.user, data={"send_at": send_at.isoformat()})
        at_once = form.cleaned_data["now"]
        planned = _("Planned. Until it begins you may change or cancel it.")
        messages.success(request, _("It begins within a minute.") if at_once else planned)
    return redirect("newsletter_issues:issue", key)


@require_POST
def cancel(request: StaffRequest, key: UUID) -> HttpResponse:
    issue = issue_to_send(request, key)
    get_object_or_404(Sending, issue_key=key)
    try:
        sending.cancel(key)
    except sending.TooLate:
        messages.error(request, _("It is too late: the issue is being sent, or has been."))
    else:
        note(issue.main, "blog.newsletter.cancel", user=request.user)
        messages.success(request, _("Cancelled. Nothing has been sent."))
    return redirect("newsletter_issues:issue", key)


class IssueMenuItem(MenuItem):
    def is_shown(self, request: StaffRequest) -> bool:
        """To whoever edits pages or sends, asked without a query of its own."""
        pages = policy_registry.get_by_type(Page)
        return request.user.has_perm(SEND) or pages.user_has_permission(request.user, "change")


class IssueViewSet(ViewSet):
    name = "newsletter-issues"
    url_namespace = "newsletter_issues"
    icon = "mail"
    menu_label = gettext_lazy("Issues")
    menu_name = "newsletter-issues"

    @cached_property
    def menu_item_class(self) -> type[MenuItem]:
        return IssueMenuItem

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", issue_list, name="index"),
            path("<uuid:key>/", issue_page, name="issue"),
            path("<uuid:key>/mail/<str:code>/", mail, name="mail"),
            path("<uuid:key>/test/", test, name="test"),
            path("<uuid:key>/plan/", plan, name="plan"),
            path("<uuid:key>/cancel/", cancel, name="cancel"),
        ]
