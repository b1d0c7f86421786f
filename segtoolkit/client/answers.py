"""Answers of the service: a response and what reads its body go in, a value or the right error comes out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from segtoolkit import wire
from segtoolkit.errors import APIError, TransportError
from segtoolkit.unanswered import asked

T = TypeVar("T")

# A shorter one is no token anybody has, and hiding it would tear holes into the text.
_SHORTEST_TOKEN = 8


def value_of(response: httpx.Response, read: Callable[[Any], T]) -> T:
    """Return what *read* makes of the body.

    Raises:
        APIError: the body of this success is an error.
        TransportError: it is not the protocol.
    """
    text = _shown(response)
    try:
        body = response.json() if text == response.text else json.loads(text)
        if (error := wire.error_in_body(body, text, _headers(response))) is not None:
            raise error
        return read(body)
    except ValueError as error:
        raise TransportError(
            f"{asked(response.request)} was answered with HTTP {response.status_code} and "
            f"{wire.unreadable(text, error)}",
            was_sent=True,
            request_id=response.request.headers.get(wire.REQUEST_ID_HEADER),
        ) from error


def refusal_of(response: httpx.Response) -> APIError:
    """Return the error that an answer other than a success is."""
    return wire.error_from_response(
        response.status_code, _shown(response), _headers(response)
    )


def _headers(response: httpx.Response) -> dict[str, str]:
    """Return the headers, with the id that was sent where the service does not repeat it."""
    sent = response.request.headers.get(wire.REQUEST_ID_HEADER)
    known = {} if sent is None else {wire.REQUEST_ID_HEADER: sent}
    return known | dict(response.headers)


def _shown(response: httpx.Response) -> str:
    """Return the body without the token: there are gateways that repeat what they were sent."""
    token = response.request.headers.get("Authorization", "").rpartition(" ")[2]
    text = response.text
    return text.replace(token, "***") if len(token) >= _SHORTEST_TOKEN else text
