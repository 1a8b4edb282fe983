"""Addresses of forms and of links in mails, below the language prefix. Pages have their own, made by editors.

The words are the same in every language: a link in a mail must work for years, whatever becomes of a translation.
"""

from django.urls import path

from blog import views

app_name = "blog"
urlpatterns = [
    path("newsletter/subscribe/", views.subscribe, name="subscribe"),
    path("newsletter/subscribe/asked/", views.subscribe_asked, name="subscribe_asked"),
    path("newsletter/confirm/<slug:token>/", views.confirm, name="confirm"),
    path("comments/<int:post_id>/", views.comment, name="comment"),
    path("comments/<int:post_id>/thanks/", views.comment_thanks, name="comment_thanks"),
    path("newsletter/unsubscribe/<slug:key>/", views.unsubscribe, name="unsubscribe"),
]
