"""What is stored of buying. What can happen to it: orders.py, refunds.py, coupons.py and so on."""

from commerce.models.coupon import Coupon, CouponProduct, CouponUse, Scope
from commerce.models.delivery import DeliveryMethod, DeliveryRate, TaxRate
from commerce.models.difference import Difference
from commerce.models.document import Document, DocumentCounter, DocumentFile, Kind
from commerce.models.export import OrderExport, OrderExportFile
from commerce.models.order import TRANSITIONS, UNSOLD, Order, OrderEvent, OrderLine, Status, new_number, new_token
from commerce.models.payment import PaymentAttempt, WebhookEvent
from commerce.models.refund import RANK, Dispute, Refund, RefundLine
from commerce.models.shipment import Shipment, ShipmentLine
from commerce.models.suggestion import Pairing
from commerce.models.transfer import Receipt, Transfer, TransferBack
from commerce.models.visits import DailyCount

__all__ = [
    "RANK",
    "TRANSITIONS",
    "UNSOLD",
    "Coupon",
    "CouponProduct",
    "CouponUse",
    "DailyCount",
    "DeliveryMethod",
    "DeliveryRate",
    "Difference",
    "Dispute",
    "Document",
    "DocumentCounter",
    "DocumentFile",
    "Kind",
    "Order",
    "OrderEvent",
    "OrderExport",
    "OrderExportFile",
    "OrderLine",
    "Pairing",
    "PaymentAttempt",
    "Receipt",
    "Refund",
    "RefundLine",
    "Shipment",
    "ShipmentLine",
    "Scope",
    "Status",
    "TaxRate",
    "Transfer",
    "TransferBack",
    "WebhookEvent",
    "new_number",
    "new_token",
]
