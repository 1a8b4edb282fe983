"""The end of a review. Wagtail imports this while it loads its own models, so nothing is imported on top."""

from __future__ import annotations

from typing import Any


def publish_approved(review: Any, user: Any = None) -> None:
    """WAGTAIL_FINISH_WORKFLOW_ACTION. Raises NotReady, which takes the approval back."""
    from editorial.pages import check_approval  # see above

    check_approval(review)
    review.content_object.get_latest_revision().publish(user=user)
