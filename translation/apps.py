from typing import Any

from celery.signals import task_prerun
from django.apps import AppConfig


class TranslationConfig(AppConfig):
    name = "translation"
    label = "translation"

    def ready(self) -> None:
        task_prerun.connect(refresh_worker, dispatch_uid="translation.overlay")


def refresh_worker(**kwargs: Any) -> None:
    """Mails are written in the worker."""
    from translation import overlay  # models are ready only now

    overlay.refresh()
