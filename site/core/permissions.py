"""Who may do what, as plain predicates."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User


def may_translate_into(user: User | AnonymousUser, code: str) -> bool:
    """The permission of this language's team; given by `make_translators`. Superusers have all."""
    return user.is_active and code in dict(settings.LANGUAGES) and user.has_perm(f"translation.translate_{code}")


def languages_to_translate(user: User | AnonymousUser) -> list[str]:
    """The codes of the languages this person may translate into. The default language is written, not translated."""
    codes = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    return [code for code in codes if may_translate_into(user, code)]


def may_translate_interface(user: User | AnonymousUser) -> bool:
    """Rosetta is for translators and superusers; being staff is not enough. It offers their own languages only."""
    return user.is_active and (bool(languages_to_translate(user)) or user.has_perm("translation.open_desk"))
