"""Addresses that payment providers call; no language prefix."""

from django.urls import path

from commerce import webhooks

urlpatterns = [path("stripe/", webhooks.stripe, name="stripe_webhook")]
