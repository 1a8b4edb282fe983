"""Short labels kept in all languages side by side (option names, alt texts); longer texts use translated models."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.db import models
from django.utils.translation import get_language, pgettext


class LocalizedText(dict[str, str]):
    """Language code -> text. As a string: the active language, else the default language, else any."""

    def __str__(self) -> str:
        return self.in_language(get_language() or settings.LANGUAGE_CODE)[0]

    def in_language(self, code: str) -> tuple[str, str]:
        """The text for a language and the language it is really in. ("", code) when nothing is filled."""
        for candidate in (code, settings.LANGUAGE_CODE, *self):
            if self.get(candidate):
                return self[candidate], candidate
        return "", code


def listed(words: Iterable[object]) -> str:
    """The words with the active language's separator between them: "Sand, 0.6 l"."""
    return pgettext("between listed words", ", ").join(str(word) for word in words)


class LocalizedWidget(forms.MultiWidget):
    """One labelled input per language."""

    template_name = "core/localized_widget.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        names = dict(settings.LANGUAGES)
        super().__init__(
            {code: forms.TextInput({"lang": code, "dir": "auto", "aria-label": names[code]}) for code in names},
            attrs,
        )

    def decompress(self, value: dict[str, str] | None) -> list[str]:
        return [(value or {}).get(code, "") for code, _name in settings.LANGUAGES]


class LocalizedFormField(forms.MultiValueField):
    """Required means: the default language is filled."""

    widget = LocalizedWidget

    def __init__(self, *, max_length: int = 200, **kwargs: Any) -> None:
        kwargs.pop("encoder", None)
        kwargs.pop("decoder", None)
        fields = [
            forms.CharField(
                max_length=max_length,
                required=kwargs.get("required", True) and code == settings.LANGUAGE_CODE,
            )
            for code, _name in settings.LANGUAGES
        ]
        super().__init__(fields, require_all_fields=False, **kwargs)

    def compress(self, data_list: Sequence[str]) -> LocalizedText:
        codes = [code for code, _name in settings.LANGUAGES]
        return LocalizedText({code: text for code, text in zip(codes, data_list, strict=False) if text})


class LocalizedTextField(models.JSONField):
    """JSON column {language code: text}, read as LocalizedText."""

    def __init__(self, *args: Any, max_length: int = 200, **kwargs: Any) -> None:
        self.text_length = max_length
        kwargs.setdefault("default", LocalizedText)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> LocalizedText:
        return LocalizedText(super().from_db_value(value, expression, connection) or {})

    def to_python(self, value: Any) -> LocalizedText:
        return LocalizedText(super().to_python(value) or {})

    def formfield(self, **kwargs: Any) -> Any:
        return LocalizedFormField(
            max_length=self.text_length,
            required=not self.blank,
            label=kwargs.get("label", self.verbose_name),
            help_text=self.help_text,
        )
