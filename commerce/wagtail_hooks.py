"""Commerce in the Wagtail admin: its menu, and its permissions in the form of a group."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from wagtail import hooks
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from commerce.coupon_admin import CouponViewSet, keep_what_was_used
from commerce.models import Difference, Document, Order, WebhookEvent
from commerce.order_admin import SUBMENU, ReadOnlyPolicy, SalesGroup
from commerce.overview import views as overview
from commerce.suggestions.admin import PairingViewSet

register_permission_policy(Order, ReadOnlyPolicy(Order))
register_permission_policy(Document, ReadOnlyPolicy(Document))
register_permission_policy(Difference, ReadOnlyPolicy(Difference))
register_permission_policy(WebhookEvent, ReadOnlyPolicy(WebhookEvent))
register_snippet(CouponViewSet)
register_snippet(PairingViewSet)
hooks.register("before_delete_snippet", keep_what_was_used)
hooks.register("register_admin_urls", overview.admin_urls)
hooks.register(SUBMENU, overview.menu_item)


@hooks.register("register_admin_viewset")
def sales() -> SalesGroup:
    return SalesGroup()


@hooks.register("register_permissions")
def permissions() -> QuerySet[Permission]:
    """Offered when a group is edited."""
    names = "order document coupon deliverymethod taxrate webhookevent transfer pairing difference"
    models = names.split()
    return Permission.objects.filter(content_type__app_label="commerce", content_type__model__in=models)
