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
from segtoolkit.wire.bodies import child, either, first, number, present, text

_KINDS: Mapping[int, type[APIError]] = {
    401: Unauthenticated,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    429: RateLimited,
}
_FAMILIES: Mapping[int, type[APIError]] = {4: BadRequest, 5: ServerError}

_MESSAGE_KEYS = ("message", "msg", "detail", "error_description", "description", "title")
_CODE_KEYS = ("code", "error_code", "errorCode")
_CODE_IN_TYPE = re.compile(r"[A-Z][A-Z0-9]*(?:-\d+)+$")
_ERROR_TYPES = "https://ns.adobe.com/aep/errors/"
_TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1>", re.DOTALL | re.IGNORECASE)


def error_from_response(
    status_code: int, text: str, headers: Mapping[str, str]
) -> APIError:
    """Return the exception for an answer that is not 2xx; *headers* in any case."""
    envelope = _envelope(text)
    lowered = {name.lower(): value for name, value in headers.items()}
    kind = _KINDS.get(status_code) or _FAMILIES.get(status_code // 100, APIError)
    return kind(
        _message(envelope, status_code) or _unstructured(text, status_code),
        status_code=status_code,
        code=_code(envelope, status_code),
        request_id=_request_id(envelope) or lowered.get("x-request-id"),
        body=text,
        retry_after=_retry_after(envelope, lowered),
    )


def _envelope(answer: str) -> Mapping[str, Any]:
    try:
        body = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
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


def _unstructured(answer: str, status_code: int) -> str:
    if not answer.strip():
        return f"{_phrase(status_code)}, and the answer is empty"
    if not answer.lstrip().startswith("<"):
        said = shorten(answer, width=200, placeholder=" …")
        return f"{_phrase(status_code)}: {said}"
    title = _TITLE.search(answer)
    said = shorten(unescape(title.group(2)), width=200, placeholder=" …") if title else ""
    return f"{said or _phrase(status_code)}, and the answer is an HTML page"


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
