"""Commerce in the Wagtail admin: its menu, and its permissions in the form of a group."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from wagtail import hooks
from wagtail.permissions import register_permission_policy

from commerce.models import Document, Order
from commerce.order_admin import ReadOnlyPolicy, SalesGroup

register_permission_policy(Order, ReadOnlyPolicy(Order))
register_permission_policy(Document, ReadOnlyPolicy(Document))


@hooks.register("register_admin_viewset")
def sales() -> SalesGroup:
    return SalesGroup()


@hooks.register("register_permissions")
def permissions() -> QuerySet[Permission]:
    """Offered when a group is edited."""
    models = ["order", "document", "deliverymethod", "taxrate"]
    return Permission.objects.filter(content_type__app_label="commerce", content_type__model__in=models)
