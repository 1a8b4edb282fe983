"""Posts that not everybody may read yet, or at all."""

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import PageViewRestriction

from blog.models import BlogPostPage
from blog.tests.factories import make_post

pytestmark = pytest.mark.django_db


def test_a_post_of_tomorrow_is_for_previews_only(client):
    post = make_post("Tomorrow", date=timezone.localdate() + timedelta(days=1))
    shown = make_post("Shown")

    assert client.get(post.url).status_code == 404
    assert client.get(f"/en/comments/{post.pk}/thanks/").status_code == 404
    assert "Tomorrow" not in client.get(shown.get_parent().url).content.decode()
    assert post.make_preview_request().status_code == 200

    BlogPostPage.objects.filter(pk=post.pk).update(date=timezone.localdate())
    assert client.get(post.url).status_code == 200


def test_a_private_translation_is_no_alternate(client):
    post = make_post("Zebrawood", "de")
    own = make_post("Secret", like=post)
    assert own.url in client.get(post.url).content.decode()

    PageViewRestriction.objects.create(page=own, restriction_type="login")

    assert "secret" not in client.get(post.url).content.decode().lower()
