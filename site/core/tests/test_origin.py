import pytest
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.test import RequestFactory

from core.origin import same_origin_required


@same_origin_required
def view(request):
    return HttpResponse("done")


def answer(method="post", cookies=None, data=None, **headers):
    """The status of the guarded view behind Django's middleware."""
    request = getattr(RequestFactory(headers=headers), method)("/", data or {})
    request.COOKIES.update(cookies or {})
    request._dont_enforce_csrf_checks = False
    try:
        middleware = CsrfViewMiddleware(view)
        middleware.process_request(request)
        return (middleware.process_view(request, view, (), {}) or view(request)).status_code
    except Exception as error:
        return type(error).__name__


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, "PermissionDenied"),
        ({"Sec-Fetch-Site": "cross-site"}, "PermissionDenied"),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, "PermissionDenied"),
        ({"Origin": "http://testserver"}, 200),
        ({"Origin": "http://TestServer"}, 200),
        ({"Origin": "http://testserver.evil.example"}, "PermissionDenied"),
        ({"Origin": "http://evil.example"}, "PermissionDenied"),
        ({"Origin": "http://testserver:81"}, "PermissionDenied"),
        ({"Origin": "null"}, "PermissionDenied"),
        ({"Origin": "http://["}, "PermissionDenied"),
        ({"Origin": "http://evil.example", "Referer": "http://testserver/"}, "PermissionDenied"),
        ({"Referer": "http://testserver/en/"}, 200),
        ({"Referer": "http://evil.example/testserver"}, "PermissionDenied"),
        ({"Referer": "testserver"}, "PermissionDenied"),
        ({}, "PermissionDenied"),
    ],
)
def test_it_works(headers, expected):
    assert answer(**headers) == expected


def test_who_says_nothing_may_show_django_s_token():
    request = RequestFactory().get("/")
    token = get_token(request)
    cookies = {"csrf": request.META["CSRF_COOKIE"]}

    assert answer(cookies=cookies, data={"csrfmiddlewaretoken": token}) == 200
    assert answer(cookies=cookies, data={"csrfmiddlewaretoken": token[::-1]}) == "PermissionDenied"
    assert answer(data={"csrfmiddlewaretoken": token}) == "PermissionDenied"


def test_a_token_does_not_help_a_foreign_page():
    request = RequestFactory().get("/")
    token = get_token(request)
    cookies = {"csrf": request.META["CSRF_COOKIE"]}

    foreign = {"Origin": "http://evil.example"}
    assert answer(cookies=cookies, data={"csrfmiddlewaretoken": token}, **foreign) == "PermissionDenied"


def test_reading_is_free():
    assert answer("get") == 200
