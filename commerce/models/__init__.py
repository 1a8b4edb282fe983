"""What is stored of buying. What can happen to it: orders.py, delivery.py, sweeper.py, webhooks.py."""

from commerce.models.delivery import DeliveryMethod, TaxRate
from commerce.models.order import TRANSITIONS, Order, OrderEvent, OrderLine, Status, new_number, new_token
from commerce.models.payment import PaymentAttempt, WebhookEvent

__all__ = [
    "TRANSITIONS",
    "DeliveryMethod",
    "Order",
    "OrderEvent",
    "OrderLine",
    "PaymentAttempt",
    "Status",
    "TaxRate",
    "WebhookEvent",
    "new_number",
    "new_token",
]
