"""The translators' panel on the admin's home: how much there is in their languages, and where to go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from wagtail.admin.ui.components import Component

from core.permissions import languages_to_translate
from translation import overview

SHOWN = 8


class TranslatorPanel(Component):
    name = "translations"
    template_name = "translation/panel.html"
    order = 50

    class Media:
        css = {"all": ["translation/desk.css"]}

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        user = (parent_context or {})["request"].user
        codes = languages_to_translate(user)
        found = overview.entries(codes) if codes else []
        to_do = [entry for entry in found if entry.is_to_do]
        return {
            "codes": codes,
            "sums": overview.sums(found, codes),
            "to_do": to_do[:SHOWN],
            "more": max(len(to_do) - SHOWN, 0),
            "now": timezone.now(),
        }
