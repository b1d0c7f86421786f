"""Error answers: status, text and headers to the right `APIError`, and the body of our own.

The service answers in at least seven envelopes; they are told apart by the keys they have.
Where a body contradicts the HTTP status, the status wins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from html import unescape
from http import HTTPStatus
from textwrap import shorten
from typing import Any

from segtoolkit.errors import (
    APIError,
    BadRequest,
    Conflict,
    NotFound,
    PermissionDenied,
    RateLimited,
    ServerError,
    Unauthenticated,
)
from segtoolkit.wire.bodies import child, either, first, integer, number, present, text
from segtoolkit.wire.remedies import remedy

_KINDS: Mapping[int, type[APIError]] = {
    401: Unauthenticated,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    429: RateLimited,
}
_FAMILIES: Mapping[int, type[APIError]] = {4: BadRequest, 5: ServerError}

# Published with a status that its digits contradict.
_STATUS_OF_CODE: Mapping[str, int] = {"403010": 401}

_MESSAGE_KEYS = ("message", "msg", "detail", "error_description", "description", "title")
_CODE_KEYS = ("code", "error_code", "errorCode")
_CODE_IN_TYPE = re.compile(r"[A-Z][A-Z0-9]*(?:-\d+)+$")
_ERROR_TYPES = "https://ns.adobe.com/aep/errors/"
_TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1>", re.DOTALL | re.IGNORECASE)


def error_from_response(
    status_code: int, text: str, headers: Mapping[str, str]
) -> APIError:
    """Return the exception for an answer that is not 2xx; *headers* in any case."""
    return _error(status_code, _envelope(text), text, headers)


def error_in_body(body: object, text: str, headers: Mapping[str, str]) -> APIError | None:
    """Return the exception for a success whose *body* is one of the error envelopes, else None.

    *text* is that body as it came. The status is the one that the envelope names.
    """
    envelope = _mapping(body)
    status_code = _told_status(envelope)
    if status_code is None:
        return None
    return _error(status_code, envelope, text, headers)


def token_refusal_from_response(
    status_code: int, text: str, headers: Mapping[str, str]
) -> APIError:
    """Return the exception for an answer of the token endpoint that gives no token.

    It refuses a credential with 400 as well as with 401, and has been seen to with 200.
    """
    envelope = _envelope(text)
    if status_code in {400, 401, 403} or status_code < 300:
        return _error(status_code, envelope, text, headers, Unauthenticated)
    return _error(status_code, envelope, text, headers)


def is_token_refusal(text: str) -> bool:
    """Tell whether a body is the token endpoint's refusal (RFC 6749, section 5.2)."""
    return isinstance(_envelope(text).get("error"), str)


def _error(
    status_code: int,
    envelope: Mapping[str, Any],
    text: str,
    headers: Mapping[str, str],
    kind: type[APIError] | None = None,
) -> APIError:
    lowered = {name.lower(): value for name, value in headers.items()}
    code = _code(envelope, status_code)
    kind = kind or _KINDS.get(status_code) or _FAMILIES.get(status_code // 100, APIError)
    return kind(
        _message(envelope, status_code) or _unstructured(text, status_code),
        status_code=status_code,
        code=code,
        request_id=_request_id(envelope) or lowered.get("x-request-id"),
        body=text,
        retry_after=_retry_after(envelope, lowered),
        remedy=remedy(code, status_code),
    )


def retry_after(text: str, headers: Mapping[str, str]) -> float | None:
    """Return for how many seconds an answer asks to wait, in its *headers* or its body."""
    lowered = {name.lower(): value for name, value in headers.items()}
    return _retry_after(_envelope(text), lowered)


def _told_status(envelope: Mapping[str, Any]) -> int | None:
    """Return the HTTP status that an error envelope names; None if this is no such envelope."""
    code = text(envelope.get("error_code")) or ""
    told: list[object] = [_STATUS_OF_CODE.get(code, code[:3]), *child(envelope, "errors")]
    told += [envelope.get("status"), envelope.get("statusCode")]
    statuses = [status for status in map(integer, told) if status is not None]
    return next((status for status in statuses if 400 <= status < 600), None)


def _envelope(answer: str) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(answer))
    except (ValueError, RecursionError):
        return {}


def _mapping(body: object) -> Mapping[str, Any]:
    if isinstance(body, list):
        body = body[0] if body else {}
    if isinstance(body, str):
        return {"message": body}
    return body if isinstance(body, Mapping) else {}


def _message(envelope: Mapping[str, Any], status_code: int) -> str | None:
    entries = [_readable(_own_message(entry)) for entry in _entries(envelope, status_code)]
    told = dict.fromkeys(message for message in entries if message)
    if told:
        return "; ".join(told)
    report = text(child(envelope, "report").get("message"))
    return _readable(report or _own_message(envelope) or text(envelope.get("error")))


def _own_message(entry: Mapping[str, Any]) -> str | None:
    return next(filter(None, (text(entry.get(key)) for key in _MESSAGE_KEYS)), None)


def _entries(envelope: Mapping[str, Any], status_code: int) -> Iterator[Mapping[str, Any]]:
    errors = envelope.get("errors")
    if isinstance(errors, Mapping):
        own = errors.get(str(status_code))
        errors = own if isinstance(own, list) else _lists(errors)
    for entry in errors if isinstance(errors, list) else [errors]:
        if isinstance(entry, Mapping):
            yield entry
        elif isinstance(entry, str):
            yield {"message": entry}


def _lists(errors: Mapping[str, Any]) -> list[Any]:
    # One sample has type, title and status among the lists.
    return [
        entry for value in errors.values() if isinstance(value, list) for entry in value
    ]


def _readable(message: str | None) -> str | None:
    """Return *message*, or what is said in the JSON document that some messages are."""
    if message is None or not message.startswith("{"):
        return message
    return _own_message(_envelope(message)) or message


def _code(envelope: Mapping[str, Any], status_code: int) -> str | None:
    candidates = [*_entries(envelope, status_code), envelope]
    codes = [text(either(candidate, *_CODE_KEYS)) for candidate in candidates]
    # A code that repeats the status says nothing; the type's last part then says more.
    own = next((code for code in codes if code and code != str(status_code)), None)
    return own or _code_in_type(envelope) or _word(envelope.get("error"))


def _code_in_type(envelope: Mapping[str, Any]) -> str | None:
    kind = first(text(envelope.get("type")), text(child(envelope, "errors").get("type")))
    found = _CODE_IN_TYPE.search(kind or "")
    return found and found.group()


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(r"[\w.-]+", value) else None


def _request_id(envelope: Mapping[str, Any]) -> str | None:
    return text(either(envelope, "requestId", "request_id"))


def unreadable(answer: str, reason: object) -> str:
    """Say what a body is that should have been of the protocol; *reason* is why it is not."""
    if not answer.strip():
        return "an empty body"
    if answer.lstrip().startswith("<"):
        title = _title(answer)
        page = f"an HTML page ({title})" if title else "an HTML page"
        return (
            f"{page}, not JSON; look at base_url, and whether a proxy or a sign-in page "
            "stands in between"
        )
    return f"a body that is not the protocol: {reason}"


def _unstructured(answer: str, status_code: int) -> str:
    if not answer.strip():
        return f"{_phrase(status_code)}, and the answer is empty"
    if not answer.lstrip().startswith("<"):
        said = shorten(answer, width=200, placeholder=" …")
        return f"{_phrase(status_code)}: {said}"
    return f"{_title(answer) or _phrase(status_code)}, and the answer is an HTML page"


def _title(page: str) -> str:
    title = _TITLE.search(page)
    return shorten(unescape(title.group(2)), width=200, placeholder=" …") if title else ""


def _phrase(status_code: int) -> str:
    try:
        return HTTPStatus(status_code).phrase
    except ValueError:
        return f"HTTP {status_code}"


def _retry_after(envelope: Mapping[str, Any], headers: Mapping[str, str]) -> float | None:
    asked = headers.get("retry-after")
    seconds = first(number(asked), _until(asked, headers.get("date")))
    if seconds is None:
        milliseconds = number(envelope.get("retryAfterMs"))
        seconds = None if milliseconds is None else milliseconds / 1000
    return None if seconds is None else max(0.0, float(seconds))


def _until(date: str | None, now: str | None) -> float | None:
    # This room has no clock; the answer's own date is the better one anyway.
    if date is None or now is None:
        return None
    try:
        return (parsedate_to_datetime(date) - parsedate_to_datetime(now)).total_seconds()
    except (ValueError, TypeError):
        return None


def error_to_json(
    status: int, message: str, *, code: str | None = None, request_id: str | None = None
) -> dict[str, Any]:
    """Write the envelope of the profile service, as segmentation answers it."""
    return present(
        {
            "requestId": request_id,
            "errors": error_table(status, message, code),
            "type": f"{_ERROR_TYPES}{code}" if code else "about:blank",
            "title": message.partition("\n")[0],
            "status": status,
        }
    )


def error_table(status: int, message: str, code: str | None) -> dict[str, Any]:
    """Write the part of the envelope that bulk answers have too."""
    return {str(status): [{"code": code or status, "message": message}]}
