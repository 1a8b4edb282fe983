"""Every answer has the interface texts of this moment, give or take a few seconds."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from translation import overlay


class InterfaceTextsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != "/healthz":  # which asks for the process, not for the database
            overlay.refresh()
        return self.get_response(request)
