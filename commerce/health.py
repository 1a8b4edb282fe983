"""What commerce adds to `/readyz`."""

from django.db.models import Min

from commerce.models import WebhookEvent
from core.health import age, reports


@reports("webhook_oldest_seconds")
def webhook_lag() -> int:
    """How long the oldest message of the payment provider has waited to be acted on."""
    return age(WebhookEvent.objects.filter(processed_at=None).aggregate(oldest=Min("received_at"))["oldest"])
