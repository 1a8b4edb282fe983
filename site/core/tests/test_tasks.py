from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from wagtail.models import Revision

from core import tasks
from core.models import ContentPage, HomePage


@pytest.mark.django_db
def test_a_page_goes_live_and_comes_down_on_time():
    page = HomePage.objects.first().add_child(instance=ContentPage(title="Tea week", slug="tea-week", live=False))
    page.go_live_at = timezone.now() + timedelta(hours=1)
    page.expire_at = timezone.now() + timedelta(hours=2)
    revision = page.save_revision()
    revision.publish()
    tasks.publish_due()
    assert not ContentPage.objects.get(pk=page.pk).live

    past = timezone.now() - timedelta(minutes=1)
    Revision.objects.filter(pk=revision.pk).update(
        approved_go_live_at=past, content={**revision.content, "go_live_at": past.isoformat()}
    )
    tasks.publish_due()
    assert ContentPage.objects.get(pk=page.pk).live

    ContentPage.objects.filter(pk=page.pk).update(expire_at=past)
    tasks.publish_due()
    assert not ContentPage.objects.get(pk=page.pk).live


@pytest.mark.django_db
def test_only_sessions_past_their_time_are_cleared():
    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(days=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(days=1))

    tasks.forget()

    assert [session.session_key for session in Session.objects.all()] == ["new"]
