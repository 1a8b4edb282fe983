"""What the shop window does when Wagtail has published something: it forgets what it remembered of menus and names."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.dispatch import receiver
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move, published, unpublished

from core.cache import renew_window


@receiver([published, unpublished, page_published, page_unpublished, page_slug_changed, post_page_move])
def forget_the_window(**kwargs: Any) -> None:
    transaction.on_commit(renew_window)
