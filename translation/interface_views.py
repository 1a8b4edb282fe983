"""Rosetta's screens with our safeguards: own languages only, checked texts, and no file ever written."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import polib
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language_info, gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from rosetta.views import TranslationFileDownload, TranslationFormView
from wagtail.admin.auth import require_admin_access

from core.permissions import languages_to_translate, may_translate_interface, may_translate_into
from translation import catalogs, interface
from translation.interface import Written
from translation.views import StaffRequest

TYPED = re.compile(r"m_([0-9a-f]{64})(?:_(\d+))?")
PER_PAGE = 10
MELTING = ("untranslated", "fuzzy")  # filters whose list gets shorter with each save


def of_translators(view: Any) -> Any:
    """Signed in, a translator (being staff is not enough), and of this very language. In the admin's own language."""

    @never_cache
    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        code = kwargs.get("lang_id")
        if not may_translate_interface(request.user) or (code and not may_translate_into(request.user, code)):
            raise PermissionDenied
        return require_admin_access(view)(request, *args, **kwargs)

    return guarded


class OwnCatalogue:
    """The shop's own catalogue of one of the person's languages, with the saved texts in it."""

    request: HttpRequest
    kwargs: dict[str, Any]
    po_file_is_writable = False  # by Rosetta

    @cached_property
    def language_id(self) -> str:
        return self.kwargs["lang_id"]

    @cached_property
    def po_file_path(self) -> str:
        if (self.kwargs["po_filter"], self.kwargs["idx"]) != ("project", 0):
            raise Http404
        return str(catalogs.path(self.language_id))

    @cached_property
    def po_file(self) -> polib.POFile:
        if not catalogs.path(self.language_id).exists():
            raise Http404(self.po_file_path)
        file = catalogs.catalogue(self.language_id)
        for entry in file:
            entry.md5hash = entry.digest  # how Rosetta names the fields
        return file


@method_decorator(of_translators, name="dispatch")
class InterfaceTexts(OwnCatalogue, TranslationFormView):
    """Rosetta's list of texts. POST saves those that were changed, all or nothing."""

    refused: dict[str, Written]

    def post(self, request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return self.saved_or_refused(request)
        except interface.Conflict:  # the second time, what the other one saved is known
            del self.__dict__["po_file"]
            return self.saved_or_refused(request)

    def saved_or_refused(self, request: StaffRequest) -> HttpResponse:
        written = self.written()
        self.refused = {each.entry.digest: each for each in written if each.is_new}
        if any(each.theirs for each in self.refused.values()):
            messages.error(request, gettext("Not saved yet: somebody else has changed the same text."))
        elif any(each.problems for each in self.refused.values()):
            messages.error(request, gettext("Not saved yet. Look at the marked texts; what you typed is still there."))
        else:
            count = interface.save(request.user, self.language_id, written)
            messages.success(request, gettext("Saved: %s. Live within seconds.") % count)
            return HttpResponseRedirect(self.next_address())
        return self.render_to_response(self.get_context_data(**self.kwargs))

    def written(self) -> list[Written]:
        """What was posted for texts of this catalogue. What is gone from it since is left alone."""
        typed: dict[str, dict[int, str]] = {}
        for name, text in self.request.POST.items():
            if match := TYPED.fullmatch(name):
                typed.setdefault(match[1], {})[int(match[2] or 0)] = str(text)
        found = []
        for entry in self.po_file:
            now = catalogs.texts(entry)
            if entry.digest in typed and sorted(typed[entry.digest]) == list(range(len(now))):
                forms = [self.fix_nls(entry.msgid, typed[entry.digest][number]) for number in range(len(now))]
                seen = [
                    self.request.POST.get(f"o_{entry.digest}_{number}", text).replace("\r\n", "\n")
                    for number, text in enumerate(now)
                ]
                found.append(Written(entry, forms, seen, f"f_{entry.digest}" in self.request.POST))
        return found

    def get_entries(self) -> list[polib.POEntry]:
        """After a refused save: what was on the screen, so that nothing typed is lost."""
        if self.request.method == "POST" and getattr(self, "refused", None):
            return [each.entry for each in self.written()]
        return super().get_entries()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        with override(self.language_id):
            shop = reverse("wagtail_serve", args=[""])
        return {
            **context,
            "lines": [self._line(entry) for entry in context["rosetta_messages"]],
            "dir": "rtl" if get_language_info(self.language_id)["bidi"] else "ltr",
            "language": dict(settings.LANGUAGES)[self.language_id],
            "shop": shop,
            "filters": [
                ("all", gettext("All")),
                ("untranslated", gettext("Not translated")),
                ("fuzzy", gettext("Needs review")),
                ("translated", gettext("Translated")),
            ],
        }

    def _line(self, entry: polib.POEntry) -> dict[str, Any]:
        """One text of the screen: what stands there, and after a refused save what was typed and why it was refused."""
        typed = getattr(self, "refused", {}).get(entry.digest)
        now = catalogs.texts(entry)
        plural = bool(entry.msgid_plural)
        examples = catalogs.numbers_of_forms(self.po_file) if plural else {}
        return {
            "entry": entry,
            "fields": [
                (
                    f"m_{entry.digest}_{number}" if plural else f"m_{entry.digest}",
                    number,
                    text,
                    old,
                    examples.get(number),
                )
                for number, (text, old) in enumerate(zip(typed.forms if typed else now, now, strict=True))
            ],
            "fuzzy": typed.fuzzy if typed else entry.fuzzy,
            "problems": typed.problems if typed else [],
            "theirs": typed.theirs if typed else [],
            "is_address": entry.msgctxt == "url",
        }

    def next_address(self) -> str:
        """The next block of texts; the same one where what was just saved has left the list."""
        self.__dict__.pop("po_file", None)
        self.refused = {}
        pages = Paginator(super().get_entries(), PER_PAGE).num_pages
        page = int(self.request.GET.get("page", "1")) if self.request.GET.get("page", "1").isdigit() else 1
        page = min(page if self.msg_filter in MELTING else page + 1, pages)
        asked = {"msg_filter": self.msg_filter or "", "query": self.query or "", "page": page}
        return f"{self.request.path}?{urlencode({name: value for name, value in asked.items() if value})}"


@method_decorator(of_translators, name="dispatch")
class InterfaceDownload(OwnCatalogue, TranslationFileDownload):
    """The catalogue of one language, compiled and not."""


@of_translators
@require_safe
def home(request: HttpRequest, po_filter: str = "project") -> HttpResponse:
    """The only catalogue of a person with one language; else all theirs, in the overview."""
    if po_filter != "project":
        raise Http404
    mine = languages_to_translate(request.user)
    if len(mine) == 1:
        return redirect("rosetta-form", "project", mine[0], 0)
    return redirect(f"{reverse('translation:overview')}?kind=interface")


@of_translators
@require_safe
def bundle(request: HttpRequest) -> HttpResponse:
    """The person's catalogues for the repository."""
    headers = {"Content-Disposition": 'attachment; filename="locale.zip"'}
    content = interface.bundle(languages_to_translate(request.user))
    return HttpResponse(content, content_type="application/zip", headers=headers)


@of_translators
def no_machine(request: HttpRequest) -> HttpResponse:
    """Rosetta's machine translation is not used."""
    raise Http404
