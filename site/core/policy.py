"""A content policy of its own for one answer; django-csp's decorators are for views that take a request alone."""

from __future__ import annotations

from django.http import HttpResponseBase

Directives = dict[str, list[str]]


def replace_policy(response: HttpResponseBase, directives: Directives) -> None:
    """These directives stand instead of the shop's."""
    vars(response)["_csp_replace"] = directives  # where django-csp's middleware looks


def widen_policy(response: HttpResponseBase, directives: Directives) -> None:
    """These sources are allowed as well."""
    vars(response)["_csp_update"] = directives
