"""Addresses of the translators' screens, below the admin's."""

from django.urls import path

from translation import views

urlpatterns = [
    path("", views.overview, name="overview"),
    path("next/", views.next_one, name="next"),
    path("labels/<slug:code>/", views.labels, name="labels"),
    path("pages/<int:pk>/<slug:code>/start/", views.start_page, name="start-page"),
    path("<str:label>/<int:pk>/<slug:code>/", views.side_by_side, name="side-by-side"),
]
