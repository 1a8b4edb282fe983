"""Who may do what, as plain predicates."""

from django.contrib.auth.models import AnonymousUser, User


def may_translate_interface(user: User | AnonymousUser) -> bool:
    """Rosetta is for the translators group and superusers; being staff is not enough."""
    return user.is_active and (user.is_superuser or user.groups.filter(name="Translators").exists())
