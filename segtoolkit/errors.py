"""Every exception of segtoolkit, in one tree.

::

    SegtoolkitError
    ├── ConfigError                 a setting is missing or contradicts another
    ├── DataError                   an input file or frame is not what it should be
    ├── StoreError                  the local store cannot be opened or used
    ├── PQLError                    an expression is refused; knows its position
    │   ├── PQLSyntaxError          it is not PQL
    │   ├── PQLTypeError            unknown field or function, operand of the wrong type
    │   └── PQLUnsupportedError     it is PQL, and cannot be evaluated here
    ├── APIError                    the service answered with an error
    │   ├── BadRequest              400, 405, 415, 422
    │   ├── Unauthenticated         401
    │   ├── PermissionDenied        403
    │   ├── NotFound                404, 410
    │   ├── Conflict                409
    │   ├── RateLimited             429
    │   └── ServerError             5xx
    ├── TransportError              no answer, or one that is not the protocol
    ├── EstimateError               the service is fine, the estimate is not; carries it
    │   ├── EstimateFailed
    │   └── EstimateTimeout         also a TimeoutError: it was still being refined
    └── JobError                    the service is fine, the job is not; carries the job
        ├── JobFailed
        ├── JobCancelled
        ├── JobTimeout              also a TimeoutError: we stopped waiting, the job lives on
        ├── PollFailed              its state could not be read for too long
        └── SubmitUncertain         the service may or may not have started it
    UserWarning
    ├── PQLWarning                  an expression was taken, and is probably not what was meant
    └── StaleAudienceWarning        members are of other data than what the store holds now
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segtoolkit.jobs import Job
    from segtoolkit.models import Estimate

__all__ = [
    "APIError",
    "BadRequest",
    "ConfigError",
    "Conflict",
    "DataError",
    "EstimateError",
    "EstimateFailed",
    "EstimateTimeout",
    "JobCancelled",
    "JobError",
    "JobFailed",
    "JobTimeout",
    "NotFound",
    "PQLError",
    "PQLSyntaxError",
    "PQLTypeError",
    "PQLUnsupportedError",
    "PQLWarning",
    "PermissionDenied",
    "PollFailed",
    "RateLimited",
    "SegtoolkitError",
    "ServerError",
    "StaleAudienceWarning",
    "StoreError",
    "SubmitUncertain",
    "TransportError",
    "Unauthenticated",
]


class SegtoolkitError(Exception):
    """Base of all; catching it catches everything this package raises on purpose."""


class ConfigError(SegtoolkitError):
    """A setting is missing, malformed, or contradicts another."""


class DataError(SegtoolkitError):
    """An input is not what it should be; nothing of it was loaded.

    Attributes:
        file: path of the file, or a name for an in-memory input; None if unknown.
        line: 1-based line in that file; None if unknown.
        field: dotted path of the field; None if the whole record is meant.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        field: str | None = None,
    ) -> None:
        place = ":".join(str(part) for part in (file, line) if part is not None)
        super().__init__(f"{place}: {message}" if place else message)
        self.file = file
        self.line = line
        self.field = field


class StoreError(SegtoolkitError):
    """The local store cannot be opened or used; the message says who or what is in the way."""


class PQLError(SegtoolkitError):
    """An expression is refused.

    Attributes:
        reason: what is wrong, in one sentence, without the position.
        text: the whole expression; empty when it came as JSON.
        offset: 0-based index into *text* of the offending place.
        line: 1-based.
        column: 1-based, in characters.
    """

    def __init__(self, reason: str, text: str = "", offset: int = 0) -> None:
        self.reason = reason
        self.text = text
        self.offset = min(max(offset, 0), len(text))
        before = text[: self.offset]
        self.line = before.count("\n") + 1
        self.column = self.offset - (before.rfind("\n") + 1) + 1
        super().__init__(reason, text, offset)

    def __str__(self) -> str:
        if not self.text:
            return self.reason
        line = self.text.split("\n")[self.line - 1].rstrip("\r")
        shown, column = _window(line, self.column)
        pad = "".join("\t" if c == "\t" else " " for c in shown[: column - 1])
        return (
            f"{self.reason} (line {self.line}, column {self.column})\n  {shown}\n  {pad}^"
        )


def _window(line: str, column: int, width: int = 100) -> tuple[str, int]:
    """Return at most about *width* characters of *line* around *column*, and the column there."""
    if len(line) <= width:
        return line, column
    start = max(0, column - 1 - width // 2)
    head, tail = ("…" if start else ""), ("…" if start + width < len(line) else "")
    return f"{head}{line[start : start + width]}{tail}", column - start + len(head)


class PQLSyntaxError(PQLError):
    """The text is not PQL."""


class PQLTypeError(PQLError):
    """A field or function is unknown, or an operand has the wrong type."""


class PQLUnsupportedError(PQLError):
    """The expression is PQL, and cannot be evaluated here."""


class PQLWarning(UserWarning):
    """An expression was taken, and is probably not what was meant; the message says what to write."""


class StaleAudienceWarning(UserWarning):
    """The members of an audience are of other data than what the store holds now, or than another's."""


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
        return f"{said} [{', '.join(about)}]"

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


class EstimateError(SegtoolkitError):
    """The service works, the estimate does not.

    Attributes:
        estimate: as it stood when last read; its numbers may still be rough.
    """

    def __init__(self, message: str, estimate: Estimate) -> None:
        super().__init__(message)
        self.estimate = estimate

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (str(self), self.estimate))


class EstimateFailed(EstimateError):
    """The estimate ended FAILED."""


class EstimateTimeout(EstimateError, TimeoutError):
    """We stopped waiting for the estimate."""


class JobError(SegtoolkitError):
    """The service works, the job does not.

    Attributes:
        job: the handle; it can be waited for, cancelled or inspected further.
    """

    def __init__(self, message: str, job: Job) -> None:
        super().__init__(message)
        self.job = job

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (str(self), self.job))


class JobFailed(JobError):
    """The job ended FAILED; ``errors`` says why as far as the service told."""

    @property
    def errors(self) -> tuple[Any, ...]:
        return tuple(self.job.errors)


class JobCancelled(JobError):
    """The job ended CANCELLED."""


class JobTimeout(JobError, TimeoutError):
    """We stopped waiting; the job lives on."""


class PollFailed(JobError):
    """The job's state could not be read for too long; the job may well be running."""


class SubmitUncertain(SegtoolkitError):
    """The service may or may not have started the job.

    Attributes:
        candidates: jobs found afterwards that might be the one.
    """

    def __init__(self, message: str, candidates: tuple[Job, ...] = ()) -> None:
        super().__init__(message)
        self.candidates = candidates
