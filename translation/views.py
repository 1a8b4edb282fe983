"""The translators' screens in the Wagtail admin: one object side by side, the overview, labels and pages to begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin import messages

from core.permissions import languages_to_translate, may_translate_interface, may_translate_into
from translation import desk as work
from translation import labels as short
from translation import overview as everything
from translation import pages
from translation.differences import Word, words_changed
from translation.forms import DeskForm, LabelsForm, field_name
from translation.models import Standing
from translation.pieces import Piece, source_languages

PER_PAGE = 50


class StaffRequest(HttpRequest):
    """What a view gets behind the admin's login."""

    user: User


@dataclass(frozen=True)
class Line:
    """One text of the screen: its source, its field, and what there is to know about it."""

    piece: Piece
    field: BoundField
    name: str
    change: list[Word]
    correct: BoundField | None
    theirs: str | None


@require_http_methods(["GET", "HEAD", "POST"])
def side_by_side(request: StaffRequest, label: str, pk: int, code: str) -> HttpResponse:
    """Source beside target, field by field. POST saves a draft; with `submit`, sends it to review, too."""
    desk = work.open_desk(request.user, label, pk, _source(request, code), code)
    locked = work.why_locked(desk, request.user)
    form = DeskForm(desk, request.POST or None, locked=bool(locked))
    outcome = work.Outcome()
    if "copy" in request.POST:
        form = form.with_source_in(request.POST["copy"])
    elif locked and request.method == "POST":
        messages.error(request, gettext("Not saved. %(reason)s") % {"reason": locked})
    elif form.is_valid():
        seen = form.cleaned_data["revision"]
        outcome = work.save(desk, request.user, seen, form.texts, form.confirmed)
        if not outcome.conflicts:
            return _saved(request, desk, outcome)
        desk = work.reopened(request.user, desk)
        form = DeskForm(desk, initial={field_name(path): text for path, text in outcome.typed.items()})
        messages.error(
            request, gettext("Not saved yet: somebody else has changed the same text. Both are shown below.")
        )
    elif request.method == "POST":
        messages.error(request, gettext("Not saved yet. Look at the marked texts; what you typed is still there."))
    return render(request, "translation/side_by_side.html", _screen(request, desk, form, locked, outcome))


@require_safe
def overview(request: StaffRequest) -> HttpResponse:
    """Objects × languages, filtered by `language`, `state`, `kind` and `q`, page by page."""
    mine = _languages_of(request.user)
    asked = request.GET.get("language", "")
    codes = [asked] if asked in mine else mine
    found = everything.entries(codes) if codes else []
    wanted = {name: request.GET.get(name, "").strip() for name in ("state", "kind", "q")}
    chosen = [entry for entry in found if _is_wanted(entry, **wanted)]
    rows = everything.rows(chosen, codes)
    context = {
        "mine": [(code, name) for code, name in settings.LANGUAGES if code in mine],
        "languages": [(code, name) for code, name in settings.LANGUAGES if code in codes],
        "asked": asked,
        "wanted": wanted,
        "states": Standing.State.choices,
        "kinds": everything.kinds(),
        "sums": everything.sums(found, codes),
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "query": urlencode({"language": asked, **wanted}),
        "all_done": bool(found) and not any(entry.is_to_do for entry in found),
        "now": timezone.now(),
    }
    return render(request, "translation/overview.html", context)


@require_safe
def next_one(request: StaffRequest) -> HttpResponse:
    """Leads to what is to be done next in `language`; `after`: the object where the person is now."""
    mine = _languages_of(request.user)
    asked = request.GET.get("language", "")
    if asked and asked not in mine:
        raise PermissionDenied
    entry = everything.next_entry(everything.entries([asked] if asked else mine), request.GET.get("after", ""))
    if entry is None:
        messages.success(request, gettext("Nothing is left to do."))
        return redirect("translation:overview")
    return redirect(entry.url)


@require_http_methods(["GET", "HEAD", "POST"])
def labels(request: StaffRequest, code: str) -> HttpResponse:
    """All short labels of a language beside the default one's. What is saved is live."""
    if not may_translate_into(request.user, code) or code == settings.LANGUAGE_CODE:
        raise PermissionDenied
    found = short.labels(code)
    form = LabelsForm(found, code, request.POST or None)
    conflicts: dict[str, str] = {}
    if form.is_valid():
        conflicts = short.save(request.user, code, form.seen, form.written)
        if not conflicts:
            messages.success(request, gettext("Saved. It is live now."))
            return redirect("translation:labels", code=code)
        form = form.after(conflicts)
        messages.error(
            request, gettext("Somebody else has changed the same text. Both are shown below; the rest is saved.")
        )
    context = {
        "code": code,
        "language": dict(settings.LANGUAGES)[code],
        "source": settings.LANGUAGE_CODE,
        "form": form,
        "lines": [(label, form[label.key], conflicts.get(label.key)) for label in found],
    }
    return render(request, "translation/labels.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def start_page(request: StaffRequest, pk: int, code: str) -> HttpResponse:
    """Asks whether to begin a page in a language; POST begins it, as a draft, and opens it."""
    if request.method == "POST":
        try:
            pages.begin(request.user, pk, code)
        except pages.ParentMissing:
            messages.error(request, gettext("Begin the page above it first: without that one it has no place."))
            return redirect("translation:overview")
        return redirect("translation:side-by-side", work.PAGE, pk, code)
    source = pages.source_page(request.user, pk, code)
    context = {"source": source, "language": dict(settings.LANGUAGES)[code], "code": code}
    return render(request, "translation/start_page.html", context)


def _languages_of(user: User) -> list[str]:
    """Raises PermissionDenied for whoever is no translator; a translator may be without a language yet."""
    if not may_translate_interface(user):
        raise PermissionDenied
    return languages_to_translate(user)


def _is_wanted(entry: everything.Entry, state: str, kind: str, q: str) -> bool:
    return state in ("", entry.state) and kind in ("", entry.kind) and q.casefold() in entry.name.casefold()


def _saved(request: StaffRequest, desk: work.Desk, outcome: work.Outcome) -> HttpResponse:
    here = f"{reverse('translation:side-by-side', args=desk.address)}?from={desk.source}"
    if "submit" not in request.POST:
        said = gettext("Saved as a draft.") if outcome.saved else gettext("There was nothing new to save.")
        messages.success(request, said)
        return redirect(here)
    fresh = work.reopened(request.user, desk)
    lacks = work.lacking(fresh)
    if lacks:
        reason = gettext("Saved as a draft, but not ready for review yet: %(reasons)s")
        messages.warning(request, reason % {"reasons": " ".join(lacks)})
    elif work.submit(fresh, request.user):
        messages.success(request, gettext("Saved and sent to review."))
    else:
        messages.warning(request, gettext("Saved as a draft. No review is set up for this; tell a moderator."))
    return redirect(here)


def _screen(
    request: StaffRequest, desk: work.Desk, form: DeskForm, locked: str, outcome: work.Outcome
) -> dict[str, Any]:
    names = dict(settings.LANGUAGES)
    return {
        "desk": desk,
        "form": form,
        "lines": [_line(desk, form, piece, outcome) for piece in desk.pieces],
        "locked": locked,
        "changes_of": work.changes_of_others(desk, request.user),
        "sent_back": work.sent_back(desk),
        "others": work.others_here(desk, request.user),
        "source_name": names[desk.source],
        "target_name": names[desk.target],
        "sources": source_languages(desk.target),
        "key": "{}:{}".format(*desk.address),
        "kind": desk.instance._meta.verbose_name,
        "live_url": desk.live_url,
    }


def _line(desk: work.Desk, form: DeskForm, piece: Piece, outcome: work.Outcome) -> Line:
    name, change = field_name(piece.path), desk.outdated.get(piece.path)
    return Line(
        piece=piece,
        field=form[name],
        name=name,
        change=words_changed(change.before, change.after) if change else [],
        correct=form[f"{name}-correct"] if change else None,
        theirs=outcome.conflicts.get(piece.path),
    )


def _source(request: HttpRequest, code: str) -> str:
    """The language that is translated from: `?from=`, else the shop's default one."""
    asked = request.GET.get("from", settings.LANGUAGE_CODE)
    return asked if asked in dict(settings.LANGUAGES) and asked != code else settings.LANGUAGE_CODE
