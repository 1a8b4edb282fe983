"""Answers that several apps give."""

from django.http import HttpResponse, HttpResponseRedirect


def see_other(url: str) -> HttpResponse:
    """After a POST: the browser gets `url` (303), and a reload does not send the form again."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response
