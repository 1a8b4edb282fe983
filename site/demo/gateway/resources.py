"""Stripe's objects as the API shows them: every field of the published samples that the shop could look at.

These functions only lay out; who may create or change an object is in `sessions.py`, `payments.py`,
`refunds.py`, `disputes.py`. All amounts are minor units.
"""

from typing import Any

from demo.gateway.store import new_id, now

Body = dict[str, Any]


def _nulls(names: str) -> Body:
    """Fields that are there and empty: parts of Stripe the shop does not use, or that are filled in later."""
    return dict.fromkeys(names.split())


SESSION_NULLS = _nulls(
    "after_expiration billing_address_collection client_secret collected_information consent "
    "consent_collection currency_conversion customer customer_account integration_identifier invoice "
    "origin_context payment_intent payment_link payment_method_configuration_details permissions "
    "recovered_from saved_payment_method_options setup_intent shipping_address_collection subscription "
    "wallet_options"
)
INTENT_NULLS = _nulls(
    "application application_fee_amount automatic_payment_methods canceled_at cancellation_reason customer "
    "customer_account excluded_payment_method_types last_payment_error latest_charge next_action on_behalf_of "
    "payment_method payment_method_configuration_details processing review setup_future_usage shipping source "
    "transfer_data transfer_group"
)
CHARGE_NULLS = _nulls(
    "application application_fee application_fee_amount calculated_statement_descriptor customer "
    "failure_balance_transaction failure_code failure_message on_behalf_of outcome receipt_number receipt_url "
    "review shipping source_transfer transfer_data transfer_group"
)
EVIDENCE_NULLS = _nulls(
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal "
    "customer_communication customer_email_address customer_name customer_purchase_ip customer_signature "
    "duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt "
    "refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number "
    "uncategorized_file uncategorized_text"
)


def session(params: Body, items: list[Body], totals: Body, *, url_base: str, methods: list[str]) -> Body:
    """A new open Checkout Session."""
    identifier = new_id("cs_test_a1", 58)
    address = params.get("customer_email")
    allowed = params.get("allowed_payment_method_types")
    return {
        "id": identifier,
        "object": "checkout.session",
        **SESSION_NULLS,
        "adaptive_pricing": {"enabled": params.get("adaptive_pricing", {}).get("enabled", True)},
        "allow_promotion_codes": params.get("allow_promotion_codes"),
        "allowed_payment_method_types": allowed,
        "amount_subtotal": totals["subtotal"],
        "amount_total": totals["total"],
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": now(),
        "currency": items[0]["currency"],
        "custom_fields": [],
        "custom_text": _nulls("after_submit shipping_address submit terms_of_service_acceptance"),
        "customer_creation": "if_required",
        "customer_details": customer_details(address) if address else None,
        "customer_email": address,
        "discounts": [{"coupon": entry["coupon"], "promotion_code": None} for entry in params.get("discounts", [])],
        "expires_at": params["expires_at"],
        "invoice_creation": {
            "enabled": False,
            "invoice_data": _nulls(
                "account_tax_ids custom_fields description footer issuer metadata rendering_options"
            ),
        },
        "livemode": False,
        "locale": params.get("locale"),
        "managed_payments": {"enabled": False},
        "metadata": params.get("metadata", {}),
        "mode": "payment",
        "payment_method_collection": "if_required",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": methods,
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_cost": totals["shipping_cost"],
        "shipping_options": totals["shipping_options"],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "success_url": params["success_url"],
        "total_details": {
            "amount_discount": totals["discount"],
            "amount_shipping": totals["shipping"],
            "amount_tax": 0,
        },
        "ui_mode": params.get("ui_mode", "hosted_page"),
        "url": f"{url_base}/pay/{identifier}",
    }


def customer_details(email: str | None) -> Body:
    """What the page knows about the payer: nothing but the address the shop sent."""
    nulls = _nulls("address business_name individual_name name phone tax_ids")
    return {**nulls, "email": email, "tax_exempt": "none"}


def line_item(params: Body, discount: int) -> Body:
    """One line, its share of the discount taken off."""
    price = params["price_data"]
    subtotal = price["unit_amount"] * params["quantity"]
    return {
        "id": new_id("li_"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": discount,
        "amount_subtotal": subtotal,
        "amount_tax": 0,
        "amount_total": subtotal - discount,
        "currency": price["currency"],
        "description": price["product_data"]["name"],
        "metadata": params.get("metadata", {}),
        "price": {
            "id": new_id("price_"),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": now(),
            "currency": price["currency"],
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": new_id("prod_", 14),
            "recurring": None,
            "tax_behavior": price.get("tax_behavior", "unspecified"),
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time",
            "unit_amount": price["unit_amount"],
            "unit_amount_decimal": str(price["unit_amount"]),
        },
        "quantity": params["quantity"],
    }


def payment_intent(session_body: Body, data: Body) -> Body:
    """The intent behind a session, made at the first attempt to pay; `data` is ``payment_intent_data``."""
    identifier = new_id("pi_")
    return {
        "id": identifier,
        "object": "payment_intent",
        **INTENT_NULLS,
        "amount": session_body["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic",
        "client_secret": f"{identifier}_secret_{new_id('', 25)}",
        "confirmation_method": "automatic",
        "created": now(),
        "currency": session_body["currency"],
        "description": data.get("description"),
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": data.get("metadata", {}),
        "payment_method_options": {},
        "payment_method_types": session_body["payment_method_types"],
        "receipt_email": data.get("receipt_email"),
        "statement_descriptor": data.get("statement_descriptor"),
        "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
    }


def charge(intent: Body, *, status: str, details: Body, email: str | None) -> Body:
    """One attempt to take the money: ``succeeded``, ``pending`` or ``failed``."""
    taken = status == "succeeded"
    address = _nulls("city country line1 line2 postal_code state")
    return {
        "id": new_id("ch_"),
        "object": "charge",
        **CHARGE_NULLS,
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if taken else 0,
        "amount_refunded": 0,
        "balance_transaction": new_id("txn_") if taken else None,
        "billing_details": {"address": address, "email": email, "name": None, "phone": None, "tax_id": None},
        "captured": taken,
        "created": now(),
        "currency": intent["currency"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "paid": taken,
        "payment_intent": intent["id"],
        "payment_method": new_id("pm_"),
        "payment_method_details": details,
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": status,
    }


def card(number: str, *, challenged: bool = False) -> Body:
    """``payment_method_details`` of a test card."""
    secure = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }
    return {
        "type": "card",
        "card": {
            "brand": "visa",
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "exp_month": 12,
            "exp_year": 2034,
            "funding": "credit",
            "last4": number[-4:],
            "network": "visa",
            "three_d_secure": secure if challenged else None,
            "wallet": None,
        },
    }


def refund(charge_body: Body, amount: int, params: Body, *, slow: bool = False) -> Body:
    """Money on its way back; a slow one has not arrived yet."""
    kind = charge_body["payment_method_details"]["type"]
    return {
        "id": new_id("re_"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": new_id("txn_"),
        "charge": charge_body["id"],
        "created": now(),
        "currency": charge_body["currency"],
        "customer": None,
        "customer_account": None,
        "destination_details": {"type": kind, kind: {"type": "refund"} if kind == "card" else {}},
        "metadata": params.get("metadata", {}),
        "payment_intent": charge_body["payment_intent"],
        "payment_method": charge_body["payment_method"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if slow else "succeeded",
        "transfer_reversal": None,
    }


def dispute(charge_body: Body) -> Body:
    """A charge that the buyer's bank asks back, to be answered within a week."""
    kind = charge_body["payment_method_details"]["type"]
    card = {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "13.1"}
    return {
        "id": new_id("dp_"),
        "object": "dispute",
        "amount": charge_body["amount_captured"],
        "balance_transactions": [],
        "charge": charge_body["id"],
        "created": now(),
        "currency": charge_body["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**EVIDENCE_NULLS, "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now() + 7 * 24 * 60 * 60,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge_body["payment_intent"],
        "payment_method_details": {"type": kind, kind: card if kind == "card" else {}},
        "reason": "product_not_received",
        "status": "needs_response",
    }


def coupon(params: Body) -> Body:
    """A rule for one discount."""
    return {
        "id": params.get("id") or new_id("", 8),
        "object": "coupon",
        "amount_off": params.get("amount_off"),
        "created": now(),
        "currency": params.get("currency") if "amount_off" in params else None,
        "duration": params.get("duration", "once"),
        "duration_in_months": None,
        "livemode": False,
        "max_redemptions": params.get("max_redemptions"),
        "metadata": params.get("metadata", {}),
        "name": params.get("name"),
        "percent_off": params.get("percent_off"),
        "redeem_by": params.get("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
    }
