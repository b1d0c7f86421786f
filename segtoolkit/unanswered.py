"""Requests without an answer: the failure that httpx raised goes in, our `TransportError` comes out."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx

from segtoolkit.errors import TransportError
from segtoolkit.wire import BASE_PATH, REQUEST_ID_HEADER

# Failures of making a connection: nothing of the request has left this machine.
NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.LocalProtocolError,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

# An extension of a request, False if its sender asks again by itself, when it sees fit.
REPEATS = "segtoolkit.repeats"

# What to do, by what is at the bottom of a failure; the first that fits.
_REMEDIES: tuple[tuple[type[BaseException], str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "nobody trusted here signed its certificate; a company's own roots go into ca_bundle",
    ),
    (
        socket.gaierror,
        "there is no such host; look at base_url and ims_url, and at the network",
    ),
    (httpx.ProxyError, "look at HTTPS_PROXY and NO_PROXY"),
    (httpx.TimeoutException, "a longer timeout may help"),
)


def transport_error(error: httpx.RequestError, request: httpx.Request) -> TransportError:
    """Return what to raise when *request* ended in *error*; its text holds no header and no body."""
    said = f"{type(error).__name__} {error}".rstrip()
    remedy = next((f"; {text}" for kind, text in _REMEDIES if _is_due_to(error, kind)), "")
    return TransportError(
        f"{asked(request)} got no answer from {request.url.host}: {said}{remedy}",
        was_sent=False if isinstance(error, NOT_SENT) else None,
        request_id=request.headers.get(REQUEST_ID_HEADER),
    )


def asked(request: httpx.Request) -> str:
    """Return what errors call *request*: its method, and its path below the base, no query."""
    path = request.url.raw_path.decode("ascii").partition("?")[0]
    return f"{request.method} {path.removeprefix(BASE_PATH)}"


def is_worth_repeating(error: BaseException) -> bool:
    """Tell whether a failure may pass: an untrusted certificate, say, stays one."""
    lasting = (httpx.ProxyError, httpx.UnsupportedProtocol, httpx.LocalProtocolError)
    return isinstance(error, httpx.TransportError) and not (
        isinstance(error, lasting) or _is_due_to(error, ssl.SSLCertVerificationError)
    )


def _is_due_to(error: BaseException, kind: type[BaseException]) -> bool:
    return any(isinstance(cause, kind) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    seen: set[int] = set()
    # Causes can go round in a circle, as exceptions that are kept and raised again do.
    while cause is not None and id(cause) not in seen:
        yield cause
        seen.add(id(cause))
        cause = cause.__cause__ or cause.__context__
