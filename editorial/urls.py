"""Addresses of the editorial desk, below the admin's."""

from django.urls import path

from editorial import views

urlpatterns = [
    path("calendar/", views.calendar_month, name="calendar"),
    path("problems/", views.problem_list, name="problems"),
]
