"""Import and export in the admin: who may, what is shown, and that a forged request gets no further."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.exchange import run
from catalog.models import Import, Product
from catalog.tests.exchange.helpers import row, table

pytestmark = pytest.mark.django_db


def upload(client, data, **fields):
    file = SimpleUploadedFile("products.csv", data, "text/csv")
    return client.post(reverse("exchange:import"), {"file": file, **fields}, follow=True)


def finish(made):
    while run.advance(made.pk):
        pass
    made.refresh_from_db()
    return made


def test_it_works(moderator):
    response = upload(moderator, table([row(), row("cup", "", "C-1", "x")]))
    made = Import.objects.get()
    assert response.redirect_chain[-1][0] == reverse("exchange:report", args=[made.pk])
    assert "Being read" in response.content.decode()

    finish(made)
    html = moderator.get(reverse("exchange:report", args=[made.pk])).content.decode()
    assert "Nothing has been changed yet." in html and "Import 1 product" in html
    assert "Write a price as a number without currency" in html
    assert not Product.objects.exists()

    moderator.post(reverse("exchange:decide", args=[made.pk]), {"confirm": ""})
    finish(made)
    html = moderator.get(reverse("exchange:report", args=[made.pk])).content.decode()
    assert "Imported" in html and Product.objects.get().text.name == "Sencha"
    assert Product.objects.get().latest_revision.user_id == int(moderator.session["_auth_user_id"])
    assert moderator.get(reverse("exchange:progress", args=[made.pk])).json() == {
        **{"state": "done", "done": 2, "total": 2}
    }
