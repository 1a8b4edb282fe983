"""Forms of the admin that differ from Wagtail's own."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from wagtail.admin.forms import auth
from wagtail.users.models import UserProfile


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
