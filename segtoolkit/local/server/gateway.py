"""The gateway before the service: an application and credentials in; one that refuses strangers out.

It has two open doors: the token endpoint, and the description of the service.
"""

from __future__ import annotations

import hmac
import json
import secrets
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from segtoolkit import wire
from segtoolkit.local.openapi import document
from segtoolkit.wire import GatewayRefusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DOCUMENT_PATH = "/openapi.json"

_DAY_S = 86_399  # what the platform's tokens live; those of here live as long as the server
_MOST_FORM_BYTES = 16_384
_GRANT = "client_credentials"
_NEEDED = (wire.ORGANISATION_HEADER, wire.SANDBOX_HEADER)

_REQUEST_ID = "HTTP_" + wire.REQUEST_ID_HEADER.upper().replace("-", "_")

_Refused: TypeAlias = tuple[GatewayRefusal, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What callers must know: a token, which a client may also ask for by its id and secret."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)

    def has_token(self, given: str) -> bool:
        return _same(given, self.token)

    def has_key(self, given: str) -> bool:
        return self.client_id is None or _same(given, self.client_id)

    def has_client(self, client_id: str, client_secret: str) -> bool:
        if self.client_id is None or self.client_secret is None:
            return False
        # Both are compared whatever the first gave: time must not tell which was wrong.
        is_id, is_secret = (
            _same(client_id, self.client_id),
            _same(client_secret, self.client_secret),
        )
        return is_id and is_secret


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


class Gateway:
    """A WSGI application around another one."""

    def __init__(self, app: WSGIApplication, credentials: Credentials) -> None:
        self._app = app
        self._credentials = credentials

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        request = Request(environ)
        # Who sends no id of the request gets to know ours, also from the application's answer.
        request_id = request.headers.get(wire.REQUEST_ID_HEADER) or str(uuid.uuid4())
        environ[_REQUEST_ID] = request_id

        def start(
            status: str, headers: list[tuple[str, str]], *rest: Any
        ) -> Callable[[bytes], object]:
            return start_response(
                status, [*headers, (wire.REQUEST_ID_HEADER, request_id)], *rest
            )

        return self._answering(request)(environ, start)

    def _answering(self, request: Request) -> WSGIApplication:
        match request.path:
            case wire.TOKEN_PATH:
                return self._signed_in(request)
            case path if path == DOCUMENT_PATH:
                return _document(request)
        refused = self._refusal(request.headers)
        return self._app if refused is None else _refusal_response(*refused)

    def _refusal(self, headers: Headers) -> _Refused | None:
        """Return why nobody with these *headers* comes in, and what would help; None lets them in."""
        scheme, _, token = headers.get("Authorization", "").strip().partition(" ")
        if not token.strip() or scheme.lower() != "bearer":
            return GatewayRefusal.TOKEN_MISSING, "send Authorization: Bearer <token>"
        if not self._credentials.has_token(token.strip()):
            return GatewayRefusal.TOKEN_INVALID, "the token is not the one of this server"
        key = headers.get(wire.API_KEY_HEADER, "").strip()
        if not key:
            return GatewayRefusal.KEY_MISSING, f"send {wire.API_KEY_HEADER}"
        if not self._credentials.has_key(key):
            return (
                GatewayRefusal.KEY_INVALID,
                f"{wire.API_KEY_HEADER} is to be the client's id",
            )
        for name in _NEEDED:
            if not headers.get(name, "").strip():
                return GatewayRefusal.HEADER_MISSING, f"send {name}"
        return None

    def _signed_in(self, request: Request) -> Response:
        if request.method != "POST":
            return _json({"error": "invalid_request"}, 405, {"Allow": "POST"})
        request.max_content_length = _MOST_FORM_BYTES
        try:
            form = request.form
        except RequestEntityTooLarge:
            return _token_refusal("invalid_request", "the form is too long", 413)
        if form.get("grant_type") != _GRANT:
            return _token_refusal(
                "unsupported_grant_type", f"send a form with grant_type={_GRANT}", 400
            )
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        if not self._credentials.has_client(client_id, secret):
            return _token_refusal(
                "invalid_client", "client_id or client_secret is not the server's", 401
            )
        token = wire.token_to_json(self._credentials.token, expires_in_s=_DAY_S)
        return _json(token, 200, {"Cache-Control": "no-store"})


def _document(request: Request) -> Response:
    if request.method not in {"GET", "HEAD"}:
        return _json({"error": "invalid_request"}, 405, {"Allow": "GET, HEAD"})
    return _json(document(request.host_url.rstrip("/")), 200)


def _refusal_response(refusal: GatewayRefusal, remedy: str) -> Response:
    # The body is the published one to the letter; what helps goes beside it.
    beside = {wire.WARNINGS_HEADER: wire.warnings_to_header([remedy])}
    return _json(wire.gateway_error_to_json(refusal), refusal.status, beside)


def _token_refusal(error: str, description: str, status: int) -> Response:
    return _json(wire.token_refusal_to_json(error, description), status)


def _json(body: object, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(
        json.dumps(body), status=status, headers=headers, mimetype="application/json"
    )
