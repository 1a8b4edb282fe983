"""Addresses of the search, below the language prefix."""

from django.urls import path
from django.utils.text import format_lazy
from django.utils.translation import pgettext_lazy

from search import views

SEARCH = pgettext_lazy("url", "search")

app_name = "search"
urlpatterns = [
    path(format_lazy("{}/", SEARCH), views.found, name="results"),
    path(format_lazy("{}/suggest/", SEARCH), views.suggestions, name="suggest"),
]
