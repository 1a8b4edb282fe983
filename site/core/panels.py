"""The admin form of a translated snippet: one tab per language, always there; only the first must be filled.

The forms are an ordinary modelcluster formset. Untouched languages stay without a row, also after an autosave.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import cached_property
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.forms import BaseChildFormSet
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, InlinePanel, ObjectList, Panel, TitleFieldPanel
from wagtail.admin.panels.base import get_form_for_model
from wagtail.admin.widgets.slug import SlugInput
from wagtail.blocks.base import BlockWidget


class TranslationForm(WagtailAdminModelForm):
    """One language. Blank means: this language does not exist; only the default language is wanted at publish."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            # After an autosave Wagtail counts blank forms as initial ones, which are not permitted to be empty.
            self.empty_permitted = self.language != settings.LANGUAGE_CODE
            self.use_required_attribute = False
        for field in self.fields.values():
            if isinstance(field.widget, forms.TextInput | forms.Textarea):
                field.widget.attrs.update(lang=self.language, dir="auto")

    @cached_property
    def language(self) -> str:
        return self.instance.language_code or self.initial.get("language_code") or self._posted_language

    @property
    def _posted_language(self) -> str:
        return (self.data.get(self.add_prefix("language_code")) if self.is_bound else "") or ""

    def has_changed(self) -> bool:
        return bool(set(self.changed_data) - {"language_code"})

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        self.instance.language_code = self.language
        if slug and self.instance.slug_taken(slug):
            free = self.instance.free_slug(slug)
            message = gettext("“%(slug)s” is already taken in this language. “%(free)s” is free.")
            raise forms.ValidationError(message % {"slug": slug, "free": free})
        return slug


class TranslationFormSet(BaseChildFormSet):
    """Exactly one form per site language, whether it has a row or not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.block_widgets: dict[str, BlockWidget] = {}
        self.rows = {row.language_code: row for row in self.get_queryset()}
        self.initial_extra = [{"language_code": code} for code, _name in settings.LANGUAGES if code not in self.rows]
        self.extra = len(self.initial_extra)

    def _construct_form(self, i: int, **kwargs: Any) -> TranslationForm:
        form = super()._construct_form(i, **kwargs)
        for name, field in form.fields.items():
            if isinstance(field.widget, BlockWidget):  # it describes all its blocks: once will do for all languages
                field.widget = self.block_widgets.setdefault(name, field.widget)
        form.instance.master_id = self.instance.pk
        if self.is_bound and form.instance.pk is None:
            # Somebody else added this language meanwhile, or this draft had removed it: it is the same row.
            form.instance = self.rows.get(form.language) or self.live_rows.get(form.language) or form.instance
        return form

    @cached_property
    def live_rows(self) -> dict[str, Any]:
        rows = self.model.objects.filter(master=self.instance.pk) if self.instance.pk else []
        return {row.language_code: row for row in rows}


class LanguagePanel(InlinePanel):
    """The tab of one language. Place one per language into a TabbedInterface, see language_panels()."""

    def __init__(self, code: str, panels: Sequence[Panel], **kwargs: Any) -> None:
        self.code = code
        kwargs = {"heading": _language_name(code), **kwargs, "relation_name": "translations"}
        super().__init__(panels=panels, **kwargs)

    def clone_kwargs(self) -> dict[str, Any]:
        return {**super().clone_kwargs(), "code": self.code}

    @property
    def clean_name(self) -> str:
        """The same in every interface language: links to a tab stay valid."""
        return tab_name(self.code)

    def classes(self) -> list[str]:
        return Panel.classes(self)  # a tab of its own, not indented as inline rows are

    @cached_property
    def child_edit_handler(self) -> Panel:
        return ObjectList(self.panel_definitions).bind_to_model(self.db_field.related_model)

    def get_form_options(self) -> dict[str, Any]:
        options = super().get_form_options()
        child = self.child_edit_handler.get_form_options()
        deferred = child.get("defer_required_on_fields", [])
        options["formsets"][self.relation_name].update(
            formset=TranslationFormSet,
            fields=["language_code", *child["fields"]],
            widgets={"language_code": forms.HiddenInput(), **child.get("widgets", {})},
            max_num=len(settings.LANGUAGES),
            form=get_form_for_model(
                self.db_field.related_model, form_class=TranslationForm, defer_required_on_fields=deferred
            ),
        )
        return options

    class BoundPanel(Panel.BoundPanel):
        template_name = "core/language_panel.html"

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.children: list[Panel.BoundPanel] = []
            if self.form is None:
                return
            self.formset = self.form.formsets[self.panel.relation_name]
            index, subform = next(
                (index, subform)
                for index, subform in enumerate(self.formset.forms)
                if subform.language == self.panel.code
            )
            self.removable = self.panel.code in self.formset.rows
            subform.fields["DELETE"].widget = forms.CheckboxInput() if self.removable else forms.HiddenInput()
            subform.fields["DELETE"].label = _("Remove this language")
            self.child = self.panel.child_edit_handler.get_bound_panel(
                instance=subform.instance, request=self.request, form=subform, prefix=f"{self.prefix}-{index}"
            )
            self.children = [self.child]
            self.is_first = self.panel.code == settings.LANGUAGES[0][0]

        @property
        def visible_children(self) -> list[Panel.BoundPanel]:
            return self.children

        @property
        def media(self) -> forms.Media:
            return self.child.media + forms.Media(css={"all": ["core/language-panel.css"]})

        telepath_adapter_name = "wagtail.panels.PanelGroup"

        def js_opts(self) -> dict[str, Any]:
            return {**super().js_opts(), "children": self.children}

        def get_comparison(self) -> list[Callable[[Any, Any], Any]]:
            """Differences of this language only: otherwise one removed and one added look like a renamed one."""
            fields = self.panel.child_edit_handler.get_bound_panel(request=self.request).get_comparison()
            return [partial(self.compare, field) for field in fields]

        def compare(self, field: Callable[[Any, Any], Any], before: Any, after: Any) -> Any:
            comparison = field(self.row(before), self.row(after))
            label = f"{comparison.field_label()} [{self.panel.code}]"
            comparison.field_label = lambda: label
            return comparison

        def row(self, instance: Any) -> Any:
            rows = getattr(instance, self.panel.relation_name).all()
            blank = self.panel.db_field.related_model(language_code=self.panel.code)
            return next((row for row in rows if row.language_code == self.panel.code), blank)


def language_panels(panels: Callable[[str], Sequence[Panel]]) -> list[LanguagePanel]:
    """A tab per site language; `panels(code)` names the fields of one."""
    return [LanguagePanel(code, panels=panels(code)) for code, _name in settings.LANGUAGES]


def name_and_slug(code: str) -> list[Panel]:
    """The two fields every translation has: the slug follows the name while the object has never been saved."""
    return [TitleFieldPanel("name", placeholder=_("Name*")), FieldPanel("slug", widget=SlugInput(locale=code))]


def tab_name(code: str) -> str:
    return get_language_info(code)["name"].lower()


def tab_id(code: str) -> str:
    """The HTML id of a language's tab."""
    return f"tab-{tab_name(code)}"


def _language_name(code: str) -> Any:
    return dict(settings.LANGUAGES)[code]
