"""The attributes of a product in its editor: one typed input per attribute of the chosen type.

The inputs of all attributes are in the page, those of other types hidden, so that choosing a type shows its
attributes at once. The server keeps only what the chosen type has.
"""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.forms import BaseChildFormSet
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import InlinePanel, Panel

from catalog.models import Attribute, AttributeChoice, AttributeValue

INPUTS = {
    Attribute.Kind.TEXT: "text",
    Attribute.Kind.NUMBER: "number",
    Attribute.Kind.CHOICE: "choice",
    Attribute.Kind.YES_NO: "yes_no",
}


class AttributeValueForm(WagtailAdminModelForm):
    """One attribute: only the input of its kind is there. Blank means: the product has no such value."""

    class Meta:
        model = AttributeValue
        fields = ["attribute", "text", "number", "choice", "yes_no"]
        widgets = {"attribute": forms.HiddenInput()}

    yes_no = forms.NullBooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:  # after an autosave Wagtail counts a blank row as an initial one
            self.empty_permitted, self.use_required_attribute = True, False

    def ask_for(self, attribute: Attribute) -> None:
        """Keeps the input of the attribute's kind and names it."""
        self.attribute = attribute
        self.input_name = INPUTS[Attribute.Kind(attribute.kind)]
        for name in set(INPUTS.values()) - {self.input_name}:
            del self.fields[name]
        field = self.fields[self.input_name]
        field.label = f"{attribute} ({attribute.unit})" if attribute.unit else str(attribute)
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = AttributeChoice.objects.filter(attribute=attribute)
            field.choices = [("", "–"), *((choice.pk, str(choice.label)) for choice in attribute.choices.all())]

    @property
    def input(self) -> forms.BoundField:
        return self[self.input_name]

    @property
    def is_blank(self) -> bool:
        return self.input_name not in self.errors and self.cleaned_data.get(self.input_name) in (None, "", {})

    def has_changed(self) -> bool:
        return bool(set(self.changed_data) - {"attribute"})


class AttributeValueFormSet(BaseChildFormSet):
    """One form per attribute that any type has, whether the product has a value for it or not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {row.attribute_id: row for row in self.get_queryset()}
        self.initial_extra = [{"attribute": pk} for pk in self.attributes if pk not in self.rows]
        self.extra = len(self.initial_extra)

    @cached_property
    def attributes(self) -> dict[int, Attribute]:
        return {attribute.pk: attribute for attribute in Attribute.objects.prefetch_related("choices", "types")}

    @cached_property
    def live_rows(self) -> dict[int, AttributeValue]:
        rows = AttributeValue.objects.filter(product=self.instance.pk) if self.instance.pk else []
        return {row.attribute_id: row for row in rows}

    def _construct_form(self, i: int, **kwargs: Any) -> forms.ModelForm:
        form = cast(AttributeValueForm, super()._construct_form(i, **kwargs))
        pk = self.attribute_of(form)
        if self.is_bound and form.instance.pk is None:
            # An autosave has saved it meanwhile, or this draft had removed it: it is the same row.
            form.instance = self.rows.get(pk) or self.live_rows.get(pk) or form.instance
        form.ask_for(self.attributes.get(pk) or Attribute(kind=Attribute.Kind.TEXT))
        return form

    def attribute_of(self, form: forms.ModelForm) -> int:
        posted = form.data.get(form.add_prefix("attribute"), "") if self.is_bound else ""
        if posted.isdecimal():
            return int(posted)
        return form.instance.attribute_id or form.initial.get("attribute") or 0

    def _should_delete_form(self, form: forms.ModelForm) -> bool:
        form = cast(AttributeValueForm, form)
        wanted = {kind.pk for kind in form.attribute.types.all()} if form.attribute.pk else set()
        return form.is_blank or self.instance.product_type_id not in wanted


class AttributePanel(InlinePanel):
    """The inputs of all attributes; a script shows those of the chosen type."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"heading": _("Attributes"), **kwargs, "relation_name": "attribute_values"})

    def clone_kwargs(self) -> dict[str, Any]:
        kwargs = super().clone_kwargs()
        return {name: kwargs[name] for name in ("heading", "classname", "help_text") if name in kwargs}

    def get_form_options(self) -> dict[str, Any]:
        options = super().get_form_options()
        options["formsets"][self.relation_name].update(
            form=AttributeValueForm,
            formset=AttributeValueFormSet,
            fields=AttributeValueForm.Meta.fields,
            widgets=AttributeValueForm.Meta.widgets,
            can_order=False,
        )
        return options

    class BoundPanel(Panel.BoundPanel):
        template_name = "catalog/admin/attributes.html"

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if self.form is None:
                return
            self.formset = self.form.formsets[self.panel.relation_name]
            self.rows = sorted(self.formset.forms, key=lambda form: (form.attribute.position, form.attribute.pk or 0))
            for form in self.rows:
                form.fields["DELETE"].widget = forms.HiddenInput()
                form.type_pks = " ".join(str(kind.pk) for kind in form.attribute.types.all())

        @property
        def media(self) -> forms.Media:
            return forms.Media(js=["catalog/attributes.js"])
