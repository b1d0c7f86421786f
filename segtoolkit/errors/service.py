"""What goes wrong between us and the service: answers that are errors, and answers that never came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segtoolkit.errors.base import SegtoolkitError


class APIError(SegtoolkitError):
    """The service answered with an error.

    Attributes:
        message: what the service said.
        status_code: the HTTP status.
        code: the service's own code (``UPAPI-113430-404``, ``401013``); None if it gave none.
        request_id: what to quote to support; None if unknown.
        body: the answer as it came, at most 10,000 characters.
        retry_after: seconds the service asks to wait; None if it did not.
        remedy: what to do about it; None if that depends on the case.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        code: str | None = None,
        request_id: str | None = None,
        body: str = "",
        retry_after: float | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code
        self.code = code
        self.request_id = request_id
        self.body = body[:10_000]
        self.retry_after = retry_after
        self.remedy = remedy

    def __str__(self) -> str:
        about = [f"HTTP {self.status_code}"]
        about += [f"code {self.code}"] if self.code else []
        about += [f"request {self.request_id}"] if self.request_id else []
        said = "; ".join(filter(None, (self.message, self.remedy)))
        # A caret that points at something ends its line.
        gap = "\n" if "\n" in said else " "
        return f"{said}{gap}[{', '.join(about)}]"

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild_api_error, (type(self), self.message, self.__dict__.copy()))


def _rebuild_api_error(
    kind: type[APIError], message: str, state: Mapping[str, Any]
) -> APIError:
    error = kind(message, status_code=state["status_code"])
    error.__dict__.update(state)
    return error


class BadRequest(APIError):
    """400, 405, 415 or 422: the request itself is wrong; sending it again will not help."""


class Unauthenticated(APIError):
    """401: no token, or one that is not valid."""


class PermissionDenied(APIError):
    """403: the credential may not do this, or a required header is missing."""


class NotFound(APIError):
    """404 or 410: no such job, definition or estimate in this sandbox."""


class Conflict(APIError):
    """409: it contradicts the present state."""


class RateLimited(APIError):
    """429: too many calls, or (on a job's POST) too many jobs running."""


class ServerError(APIError):
    """5xx: the service failed."""


class TransportError(SegtoolkitError, ConnectionError):
    """No answer came, or one that is not the protocol.

    Attributes:
        was_sent: False if nothing can have reached the service, so that asking again cannot do
            anything twice; True if it answered; None if nobody knows.
        request_id: what was sent as the request's id, to quote to support; None if unknown.
    """

    def __init__(
        self,
        message: str,
        *,
        was_sent: bool | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.was_sent = was_sent
        self.request_id = request_id

    def __str__(self) -> str:
        told = super().__str__()
        return f"{told} [request {self.request_id}]" if self.request_id else told
