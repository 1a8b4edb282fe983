"""Addresses of the demo, only there with STORE_DEMO."""

from django.urls import path

from demo import views

app_name = "demo"
urlpatterns = [
    path("mail/", views.mail_list, name="mail"),
    path("mail/<str:key>/", views.mail_detail, name="mail_detail"),
    path("mail/<str:key>/html/", views.mail_html, name="mail_html"),
]
