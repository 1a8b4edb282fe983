import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from core.middleware import TrustedProxyMiddleware
from core.models import HomePage


def client_seen(settings, *, peer, forwarded="", proto=""):
    settings.TRUSTED_PROXIES = ["10.0.0.1", "10.0.0.2"]
    request = RequestFactory().get(
        "/", REMOTE_ADDR=peer, headers={"x-forwarded-for": forwarded, "x-forwarded-proto": proto}
    )
    TrustedProxyMiddleware(lambda _request: HttpResponse())(request)
    return request.META["REMOTE_ADDR"], request.META.get("HTTP_X_FORWARDED_PROTO")


def test_it_works(settings):
    assert client_seen(settings, peer="10.0.0.1", forwarded="203.0.113.7", proto="https") == (
        "203.0.113.7",
        "https",
    )


def test_a_stranger_is_not_believed(settings):
    assert client_seen(settings, peer="203.0.113.7", forwarded="1.2.3.4", proto="https") == (
        "203.0.113.7",
        None,
    )


def test_what_the_client_wrote_before_the_first_proxy_is_ignored(settings):
    seen, _proto = client_seen(settings, peer="10.0.0.1", forwarded="1.2.3.4, 203.0.113.7, 10.0.0.2")

    assert seen == "203.0.113.7"


@pytest.mark.django_db
def test_the_address_decides_the_language(client):
    response = client.get("/ar/", headers={"accept-language": "de"})

    assert response["Content-Language"] == "ar"
    assert "Accept-Language" not in response.get("Vary", "")


@pytest.mark.django_db
def test_policies_of_shop_and_admin(client):
    shop, admin = client.get("/de/"), client.get("/admin/login/")

    assert "unsafe-inline" not in shop["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-inline'" in admin["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in shop["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in admin["Content-Security-Policy"]
    assert shop["X-Frame-Options"] == "DENY"
    assert "geolocation=()" in shop["Permissions-Policy"]


def test_a_preview_may_stand_in_a_frame_of_the_admin(admin_client):
    page = HomePage.objects.get(locale__language_code="en")
    request = admin_client.get("/admin/").wsgi_request

    policy = page.make_preview_request(request, "")["Content-Security-Policy"]

    assert "frame-ancestors 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in admin_client.get("/en/")["Content-Security-Policy"]
