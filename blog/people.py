"""What newsletter and comments keep of a person."""

from __future__ import annotations

from blog.models import Comment, Subscriber
from core.people import Part, Told, register


def tell(email: str) -> Told:
    subscriptions = Subscriber.objects.filter(email__iexact=email).prefetch_related("deliveries__sending")
    return {
        "newsletter": [subscription(row) for row in subscriptions],
        "comments": [
            {
                "name": row.name,
                "text": row.text,
                "language": row.language,
                "state": row.state,
                "written_at": row.created_at,
                "post": row.post.title,
            }
            for row in Comment.objects.filter(email__iexact=email).select_related("post")
        ],
    }


def subscription(row: Subscriber) -> Told:
    return {
        "state": row.state,
        "language": row.language,
        "source": row.source,
        "asked_at": row.asked_at,
        "confirmed_at": row.confirmed_at,
        "unsubscribed_at": row.unsubscribed_at,
        "issues": [
            {"subject": sent.sending.subject, "state": sent.state, "sent_at": sent.sent_at}
            for sent in row.deliveries.all()
        ],
    }


def erase(email: str) -> dict[str, int]:
    """Deleted as a whole: no law asks to keep any of it."""
    subscribers = Subscriber.objects.filter(email__iexact=email)
    comments = Comment.objects.filter(email__iexact=email)
    done = {"newsletter": subscribers.count(), "comments": comments.count()}
    subscribers.delete()
    comments.delete()
    return done


register(Part(tell, erase))
