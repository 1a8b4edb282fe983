"""Stripe's error objects: what went wrong, as the client library expects to read it."""

from typing import Any


class ApiError(Exception):
    """One refused API call: HTTP status plus the fields of Stripe's ``error`` object."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        status: int = 400,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.status = status
        self.kind = kind

    def body(self) -> dict[str, Any]:
        """The JSON answer."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        return {"error": error}


def missing(param: str) -> ApiError:
    """A required parameter was not sent."""
    return ApiError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(param: str) -> ApiError:
    """A parameter nobody here knows; the second sentence keeps a reader from searching in the wrong place."""
    return ApiError(
        f"Received unknown parameter: {param}. (The demo gateway knows only what the shop sends.)",
        code="parameter_unknown",
        param=param,
    )


def not_found(noun: str, identifier: str, *, param: str = "id", status: int = 404) -> ApiError:
    """No object with that id; 404 when it is in the path, 400 when it is in a parameter."""
    return ApiError(f"No such {noun}: '{identifier}'", code="resource_missing", param=param, status=status)
