"""What strangers send: hidden paths, the character NUL, probes by address, pages that are not there."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture
def uploads(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    for name in ("documents/secret.pdf", "images/leaf.webp"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def test_pictures_are_served_and_sandboxed(client, uploads):
    response = client.get("/media/images/leaf.webp")

    assert response.status_code == 200
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    ["documents/secret.pdf", "/documents/secret.pdf", "./documents/secret.pdf", "x/../documents/secret.pdf"]
    + ["x%2f..%2fdocuments/secret.pdf", "images/../documents/secret.pdf", "%2e/documents/secret.pdf", "a%00b"],
)
def test_documents_are_not_served_as_media(client, uploads, path):
    assert client.get(f"/media/{path}").status_code in (400, 404)


@pytest.mark.parametrize("path", ["/en/product/a%00b/", "/en/shop/a%00b/", "/en/?q=%00", "/admin/%00"])
def test_a_nul_in_the_address_is_refused(client, path):
    assert client.get(path).status_code == 400


def test_a_nul_in_a_cookie_is_refused(client):
    client.cookies.load({"session": "x"})

    assert client.get("/en/cart/", headers={"cookie": 'session="\\000aaaaaaaaaa"'}).status_code == 400


@pytest.mark.parametrize("path", ["/rosetta/xyz/", "/en/nothing/", "/nothing"])
def test_what_is_not_there_is_a_page(client, path):
    response = client.get(path)

    assert response.status_code == 404
    assert "site-footer" in response.content.decode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_come_to_an_address_and_without_https(client, settings, path):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["shop.example"], True

    assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code == 200
