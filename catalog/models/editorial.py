"""Draft, review, publish, lock and preview: what products and categories share."""

from __future__ import annotations

from wagtail.models import DraftStateMixin, LockableMixin, PreviewableMixin, RevisionMixin, WorkflowMixin
from wagtail.search import index


class EditorialModel(WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, PreviewableMixin, index.Indexed):
    """Wagtail's mixins for draft, review, publish, lock and preview, in the order that works."""

    class Meta:
        abstract = True

    @property
    def approved_schedule(self) -> bool:
        known = self.__dict__.get("_approved_schedule")  # annotated by lists, as Wagtail does for pages
        return super().approved_schedule if known is None else known
