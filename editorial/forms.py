"""Forms of the admin that differ from Wagtail's own."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import auth
from wagtail.users.models import UserProfile

from core import limits


class LoginForm(auth.LoginForm):
    """Takes a number of wrong passwords for one name from one network, then none for a while.

    Whoever has the name but another network still gets in: a stranger can lock nobody out.
    """

    def clean(self) -> dict[str, Any]:
        name = str(self.cleaned_data.get("username", "")).casefold()
        who = f"{name} {limits.client_of(self.request)}"
        if not limits.allowed("login", who):
            raise ValidationError(_("Too many attempts. Please wait a quarter of an hour, or ask for a new password."))
        data = super().clean()
        limits.forget("login", who)
        return data


class PasswordResetForm(auth.PasswordResetForm):
    """Writes in the language in which its reader uses the admin, whoever's browser asked for it."""

    def send_mail(
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        from_email: str | None,
        to_email: str,
        html_email_template_name: str | None = None,
    ) -> None:
        with translation.override(UserProfile.get_for_user(context["user"]).get_preferred_language()):
            super().send_mail(
                subject_template_name, email_template_name, context, from_email, to_email, html_email_template_name
            )
