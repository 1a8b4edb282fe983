"""Messages from the payment provider: signature first, then stored once, then only a reason to ask the provider."""

from __future__ import annotations

import logging

from django.db import DatabaseError, DataError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from commerce.models import WebhookEvent
from commerce.orders import fulfil
from commerce.payments import provider
from commerce.payments.base import BadSignature, NotConfigured, Notice, Refused, Unreachable
from commerce.refunds import follow_dispute, follow_payment

log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """400: not from Stripe. 503: try again. 200: known, whether or not there was anything to do."""
    try:
        notice = provider().notice(request.body, request.headers.get("Stripe-Signature", ""))
    except BadSignature as error:
        log.warning("a webhook was refused: %s", error)
        return answer("not accepted", 400)
    except NotConfigured as error:
        log.error("a webhook cannot be checked: %s", error)
        return answer("not configured", 503)
    try:
        return act_on(notice)
    except DataError:
        return answer("not storable", 400)
    except DatabaseError:
        log.exception("event %s could not be stored", notice.id)
        return answer("try again", 503)


def act_on(notice: Notice) -> HttpResponse:
    """Stores the event once and lets the order follow its payment page. Raises DatabaseError."""
    event, _is_new = WebhookEvent.objects.get_or_create(
        pk=notice.id, defaults={"type": notice.type, "created": notice.created, "payload": notice.payload}
    )
    if event.processed_at:
        return answer("known")
    return answer("ok") if carry_out(event, notice) else answer("try again", 503)


def carry_out(event: WebhookEvent, notice: Notice) -> bool:
    """Looks up at the provider what the event is about. False: the provider does not answer. Raises DatabaseError."""
    mine = WebhookEvent.objects.filter(pk=event.pk)
    error = ""
    try:
        if notice.session_id:
            fulfil(notice.session_id)
        if notice.payment_id:
            follow_payment(notice.payment_id)
        if notice.dispute_id:
            follow_dispute(notice.dispute_id)
    except Unreachable as problem:
        mine.update(error=str(problem)[:500])
        return False
    except Refused as refusal:  # it does not know the thing it spoke of; asking again changes nothing
        log.warning("event %s is about something unknown: %s", event.pk, refusal)
        error = str(refusal)[:500]
    mine.update(processed_at=timezone.now(), error=error)
    return True


def replay(event: WebhookEvent) -> bool:
    """Acts on a stored event once more, as often as wanted: what is known already changes nothing. False: the provider
    does not answer. Raises BadSignature when the event tells nothing, DatabaseError.
    """
    return carry_out(event, provider().read(event.payload))


def answer(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(text + "\n", status=status, content_type="text/plain")
