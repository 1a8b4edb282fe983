"""What is asked before an import and an export, and what an upload may be."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from catalog.exchange import pictures
from catalog.exchange.plan import StockRule
from catalog.exchange.read import MAX_BYTES, FileProblem, read

MAX_ARCHIVE = 100 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_FILES = 2000
PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif")


class ImportForm(forms.Form):
    """A file and what to do with it. What somebody may not do is not asked, and not done when posted all the same."""

    file = forms.FileField(
        label=_("File"),
        max_length=200,
        help_text=_("CSV or XLSX with the columns of a Shopify export, or a file exported here."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )
    pictures = forms.FileField(
        label=_("Pictures"),
        required=False,
        max_length=200,
        help_text=_("A ZIP file, when the column Image Src has file names. Web addresses are fetched."),
        widget=forms.FileInput(attrs={"accept": ".zip"}),
    )
    publish = forms.BooleanField(
        label=_("Publish at once"),
        required=False,
        help_text=_("What the file calls published goes live. Otherwise everything becomes a draft."),
    )
    overwrite_drafts = forms.BooleanField(
        label=_("Change drafts that somebody is working on, too"),
        required=False,
        help_text=_("Their earlier version stays in the history. Otherwise these products are left alone."),
    )
    stock = forms.ChoiceField(
        label=_("Stock"), choices=StockRule.choices, initial=StockRule.NEW, required=False, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.has_perm("catalog.publish_product"):
            del self.fields["publish"]
        if not user.has_perm("catalog.change_stock"):
            del self.fields["stock"]

    def clean_file(self) -> UploadedFile:
        """Refuses at once what cannot be read at all; its rows are read by the worker."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(_("The file is larger than %(limit)s."), params={"limit": filesizeformat(MAX_BYTES)})
        try:
            read(file.read())
        except FileProblem as problem:
            raise ValidationError(str(problem)) from problem
        file.seek(0)
        return file

    def clean_pictures(self) -> UploadedFile | None:
        file = self.cleaned_data["pictures"]
        if file:
            check_archive(file)
        return file

    def clean_stock(self) -> str:
        return self.cleaned_data["stock"] or StockRule.LEAVE

    @property
    def choices(self) -> dict[str, Any]:
        """The answers as fields of Import."""
        return {
            name: self.cleaned_data[name] for name in ("publish", "overwrite_drafts", "stock") if name in self.fields
        }


def check_archive(file: UploadedFile) -> None:
    """Raises ValidationError for what is no ZIP file, or too much of one. zipfile unpacks no more than is declared."""
    if file.size and file.size > MAX_ARCHIVE:
        raise ValidationError(_("The file is larger than %(limit)s."), params={"limit": filesizeformat(MAX_ARCHIVE)})
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ValidationError(_("This is no ZIP file.")) from error
    if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise ValidationError(
            _("At most %(files)s pictures of together %(limit)s."),
            params={"files": MAX_FILES, "limit": filesizeformat(MAX_UNPACKED)},
        )


def unpacked(file: UploadedFile | None) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of the pictures in an archive, one at a time. A file that is too large or broken is left out: the
    report then says of its product that it is missing."""
    if not file:
        return
    with zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            is_picture = entry.filename.lower().endswith(PICTURE_SUFFIXES) and "\0" not in entry.filename
            if is_picture and not entry.is_dir() and entry.file_size <= pictures.MAX_BYTES:
                try:
                    yield entry.filename, archive.read(entry)
                except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError, OSError):
                    continue


class ExportForm(forms.Form):
    """Which products, which columns, which file."""

    FORMATS = [("csv", "CSV"), ("xlsx", "XLSX")]
    COLUMNS = [
        ("all", _("All columns: can be imported again without loss")),
        ("shopify", _("Shopify’s columns only, with the prices of this moment")),
    ]
    VERSIONS = [("latest", _("The latest version, drafts included")), ("published", _("Only what is published"))]

    format = forms.ChoiceField(label=_("File"), choices=FORMATS, initial="csv", widget=forms.RadioSelect)
    columns = forms.ChoiceField(label=_("Columns"), choices=COLUMNS, initial="all", widget=forms.RadioSelect)
    version = forms.ChoiceField(label=_("Version"), choices=VERSIONS, initial="latest", widget=forms.RadioSelect)
