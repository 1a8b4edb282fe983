"""Whatever changes a rule makes searches read the rules anew."""

from __future__ import annotations

from django.db.models.signals import post_delete, post_save

from search.desk.models import Placement, QueryRedirect, Synonym
from search.desk.rules import renew

for model in (Synonym, Placement, QueryRedirect):
    post_save.connect(renew, sender=model, dispatch_uid=f"search.desk {model.__name__} saved")
    post_delete.connect(renew, sender=model, dispatch_uid=f"search.desk {model.__name__} deleted")
