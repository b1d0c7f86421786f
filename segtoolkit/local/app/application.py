"""The application: a service goes in; a Flask app with all routes, and refusals for the rest, comes out.

Routing, methods and reading of JSON are Flask's; bodies are `wire`'s; what happens is the
`SegmentService`'s. Every answer that is not a success has the envelope of the profile service.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from segtoolkit import wire
from segtoolkit.errors import APIError, ConfigError, PQLError, StoreError
from segtoolkit.local.app import asking
from segtoolkit.local.app.audiences import audience_routes
from segtoolkit.local.app.definitions import definition_routes
from segtoolkit.local.app.estimates import estimate_routes
from segtoolkit.local.app.exports import export_routes
from segtoolkit.local.app.jobs import job_routes
from segtoolkit.local.app.paging import Paging
from segtoolkit.local.app.policies import policy_routes
from segtoolkit.local.app.schedules import schedule_routes
from segtoolkit.local.notes import collected
from segtoolkit.local.service import SegmentService
from segtoolkit.local.worker import PQL_CODE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

logger = logging.getLogger("segtoolkit")

_MOST_BYTES = 8 * 2**20  # of a body; a definition of the deepest expression has a tenth


def make_app(
    service: SegmentService,
    *,
    paging: Paging = Paging.OFFSET,
    export_folder: Path | None = None,
) -> Flask:
    """Return the application over *service*, mounted where the platform has it.

    Args:
        service: stays its caller's.
        paging: what *start* counts in listings of jobs and schedules.
        export_folder: where exports are written; that of the store unless given.
    """
    app = _App("segtoolkit")
    app.config["MAX_CONTENT_LENGTH"] = _MOST_BYTES
    app.url_map.converters["id"] = _Id
    # An id may hold two slashes in a row; to Werkzeug that is a path to be tidied.
    app.url_map.merge_slashes = False
    for routes in (
        job_routes(service, paging),
        definition_routes(service),
        estimate_routes(service),
        policy_routes(service),
        schedule_routes(service, paging),
        export_routes(service, export_folder),
        audience_routes(service),
    ):
        app.register_blueprint(routes, url_prefix=wire.BASE_PATH)
    for kind in _REFUSALS:
        app.register_error_handler(kind, _refusal)
    return app


class _Json(DefaultJSONProvider):
    sort_keys = False  # the order of the published bodies


class _App(Flask):
    json_provider_class = _Json

    def full_dispatch_request(self) -> Response:
        with collected() as warnings:
            response = super().full_dispatch_request()
        if warnings:
            response.headers[wire.WARNINGS_HEADER] = wire.warnings_to_header(warnings)
        return response

    def wsgi_app(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        environ["PATH_INFO"] = _as_wsgi(environ.get("PATH_INFO", ""))
        return super().wsgi_app(environ, start_response)


def _as_wsgi(path: str) -> str:
    """Return *path* as WSGI wants it, its UTF-8 bytes as Latin-1 characters.

    httpx hands over plain text, so that an id beyond ASCII would not be found.
    """
    try:
        path.encode("latin-1").decode()
    except UnicodeError:
        return path.encode().decode("latin-1")
    return path


class _Id(BaseConverter):
    """The rest of the path, slashes included: WSGI decodes ``%2F`` before anybody can look."""

    regex = ".+"
    part_isolating = False


# Refusals


def _refusal(error: Exception) -> tuple[Response, int]:
    kind = next(kind for kind in type(error).__mro__ if kind in _REFUSALS)
    status, message, code = _REFUSALS[kind](error)
    body = wire.error_to_json(
        status, message, code=code, request_id=asking.request_id() or str(uuid.uuid4())
    )
    response = jsonify(body)
    if isinstance(error, HTTPException):
        # Such as Allow, which a 405 has to have.
        kept = {n: v for n, v in error.get_headers() if n.lower() != "content-type"}
        response.headers.update(kept)
    return response, status


def _unforeseen(error: Exception) -> tuple[int, str, str | None]:
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return 500, f"the local service failed: {type(error).__name__}: {error}", None


# What each exception says to the caller: status, message, code.
_REFUSALS: Mapping[type, Callable[[Any], tuple[int, str, str | None]]] = {
    PQLError: lambda error: (400, str(error), PQL_CODE),
    APIError: lambda error: (error.status_code, error.message, error.code),
    ConfigError: lambda error: (400, str(error), None),
    HTTPException: lambda error: (error.code, error.description, None),
    StoreError: lambda error: (503, str(error), None),
    Exception: _unforeseen,
}
