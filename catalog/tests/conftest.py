"""The cast of the admin tests, and parler's cache on and off."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from parler import appsettings

users = itertools.count(1)


@pytest.fixture(params=[False, True], ids=["parler-cache-off", "parler-cache-on"])
def parler_cache(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, settings: Any) -> bool:
    """Every case must hold with and without parler's cache; the cache is this test's own."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(id(request))}
    }
    monkeypatch.setattr(appsettings, "PARLER_ENABLE_CACHING", request.param)
    return request.param


@pytest.fixture
def member(db: None) -> Callable[[str], User]:
    """A new member of a group."""

    def make(group: str) -> User:
        user = User.objects.create_user(f"user-{next(users)}", f"user-{next(users)}@example.com", "secret-for-tests")
        user.groups.add(Group.objects.get(name=group))
        return user

    return make


@pytest.fixture
def client_of(member: Callable[[str], User]) -> Callable[[str], Client]:
    """A client signed in as a new member of a group."""

    def make(group: str) -> Client:
        client = Client()
        client.force_login(member(group))
        return client

    return make


@pytest.fixture
def editor(client_of: Callable[[str], Client]) -> Client:
    return client_of("Editors")


@pytest.fixture
def moderator(client_of: Callable[[str], Client]) -> Client:
    return client_of("Moderators")


@pytest.fixture
def manager(client_of: Callable[[str], Client]) -> Client:
    return client_of("Shop managers")
