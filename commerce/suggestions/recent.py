"""What a visitor has looked at: ids in the session, the last one first.

Reading the shop begins no session and so sets no cookie: only in one that has begun (something was put in the cart,
somebody signed in) is anything noted, unless settings.RECENT_FROM_THE_START says otherwise.
"""

from __future__ import annotations

from django.conf import settings

from core.sessions import SessionStore

RECENT = "recent"  # [product id]
KEPT = 12


def seen(session: SessionStore) -> list[int]:
    if not session.session_key:
        return []
    return [pk for pk in session.get(RECENT, []) if isinstance(pk, int)][:KEPT]


def note(session: SessionStore, product_id: int) -> None:
    if seen(session)[:1] == [product_id] or not may_note(session):
        return
    with session.alone():
        if may_note(session):  # it may have ended meanwhile
            before = [pk for pk in session.get(RECENT, []) if pk != product_id]
            session[RECENT] = [product_id, *before][:KEPT]


def may_note(session: SessionStore) -> bool:
    return bool(settings.RECENT_FROM_THE_START or session.session_key)


def forget(session: SessionStore) -> None:
    if RECENT in session:
        with session.alone():
            session.pop(RECENT, None)
