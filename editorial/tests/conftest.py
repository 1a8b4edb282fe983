"""The cast of the admin: a user of each group, and a client signed in as one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from wagtail.users.models import UserProfile


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """person("elif", "Editors", language="de"): a member of a group who reads the admin in a language."""

    def make(name: str, *groups: str, language: str = "en", **fields: Any) -> User:
        user = User.objects.create_user(name, f"{name}@example.com", "secret-for-tests", **fields)
        user.groups.set(Group.objects.filter(name__in=groups))
        UserProfile.objects.create(user=user, preferred_language=language)
        return user

    return make


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
