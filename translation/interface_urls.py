"""Rosetta's addresses, each behind our own checks."""

from django.urls import path

from translation import interface_views as views

FILE = "files/<slug:po_filter>/<slug:lang_id>/<int:idx>/"

urlpatterns = [
    path("", views.home, name="rosetta-old-home-redirect"),
    path("files/", views.home, name="rosetta-file-list-redirect"),
    path("files/<slug:po_filter>/", views.home, name="rosetta-file-list"),
    path(FILE, views.InterfaceTexts.as_view(), name="rosetta-form"),
    path(f"{FILE}download/", views.InterfaceDownload.as_view(), name="rosetta-download-file"),
    path("bundle/", views.bundle, name="interface-bundle"),
    path("translate/", views.no_machine, name="rosetta.translate_text"),
]
