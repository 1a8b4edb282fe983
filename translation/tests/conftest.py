"""The cast: translators of one language, and somebody whom nobody gave a language."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from wagtail.models import Locale, Page
from wagtail_localize.models import Translation, TranslationSource

from translation import overlay

users = itertools.count(1)


@pytest.fixture(autouse=True)
def as_shipped() -> Iterator[None]:
    """Interface texts that a test saved leave the database by its end; they are forgotten in this process, too."""
    yield
    overlay._lay({})
    overlay._version = None


@pytest.fixture
def member(db: None) -> Callable[..., User]:
    """A new member of groups."""

    def make(*groups: str) -> User:
        user = User.objects.create_user(f"desk-{next(users)}", password="secret-for-tests")
        user.groups.set(Group.objects.filter(name__in=groups))
        return user

    return make


def in_localize(page: Page, code: str, user: User) -> Translation:
    """Hands a page to wagtail-localize, as "Translate this page" does."""
    source, _created = TranslationSource.update_or_create_from_instance(page)
    locale = Locale.objects.get(language_code=code)
    translation, _created = Translation.objects.get_or_create(source=source, target_locale=locale)
    translation.save_target(user=user, publish=False)
    return translation


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def german(member: Callable[..., User]) -> Client:
    return signed_in(member("Translators: German"))


@pytest.fixture
def arabic(member: Callable[..., User]) -> Client:
    return signed_in(member("Translators: Arabic"))


@pytest.fixture
def nobody_yet(member: Callable[..., User]) -> Client:
    return signed_in(member("Translators"))


@pytest.fixture
def editor(member: Callable[..., User]) -> Client:
    return signed_in(member("Editors"))


@pytest.fixture
def moderator(member: Callable[..., User]) -> User:
    return member("Moderators")
