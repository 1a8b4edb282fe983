from django import forms
from django.utils.translation import override

from core.localized import LocalizedFormField, LocalizedText


def test_it_works():
    label = LocalizedText(en="Colour", de="Farbe")

    with override("de"):
        assert str(label) == "Farbe"


def test_a_missing_language_falls_back_and_says_so():
    label = LocalizedText(en="Colour")

    assert label.in_language("ar") == ("Colour", "en")
    assert LocalizedText(de="Farbe").in_language("ar") == ("Farbe", "de")
    assert LocalizedText().in_language("ar") == ("", "ar")


class Form(forms.Form):
    label = LocalizedFormField(max_length=10)


def test_the_form_keeps_what_is_filled():
    form = Form({"label_en": "Colour", "label_de": "", "label_ar": "اللون"})

    assert form.is_valid(), form.errors
    assert form.cleaned_data["label"] == {"en": "Colour", "ar": "اللون"}


def test_the_default_language_is_required_and_length_is_limited():
    assert not Form({"label_en": "", "label_de": "Farbe"}).is_valid()
    assert not Form({"label_en": "x" * 11}).is_valid()
