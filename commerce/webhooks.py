"""Messages from the payment provider: signature first, then stored once, then only a reason to ask the provider.

Refunds and disputes are stored and not yet acted on.
"""

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
from commerce.payments.base import BadSignature, NotConfigured, Notice, Unreachable

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
    try:
        if notice.session_id:
            fulfil(notice.session_id)
    except Unreachable as error:
        WebhookEvent.objects.filter(pk=event.pk).update(error=str(error)[:500])
        return answer("try again", 503)
    WebhookEvent.objects.filter(pk=event.pk, processed_at=None).update(processed_at=timezone.now(), error="")
    return answer("ok")


def answer(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(text + "\n", status=status, content_type="text/plain")
