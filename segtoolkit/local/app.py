"""The WSGI application that speaks AEP's segmentation API: a service goes in, a Flask app comes out.

Routing, methods and reading of JSON are Flask's; bodies are `wire`'s; what happens is the
`SegmentService`'s. Every answer that is not a success has the envelope of the profile service.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, jsonify, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from segtoolkit import wire
from segtoolkit.errors import APIError, PQLError, StoreError
from segtoolkit.local import asking, definitions
from segtoolkit.local.notes import collected
from segtoolkit.local.service import SegmentService
from segtoolkit.local.worker import PQL_CODE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

logger = logging.getLogger("segtoolkit")

Answer: TypeAlias = Response | tuple[Response, int] | tuple[str, int]


def make_app(service: SegmentService) -> Flask:
    """Return the application over *service*, mounted where the platform has it."""
    app = _App("segtoolkit")
    app.url_map.converters["id"] = _Id
    # An id may hold two slashes in a row; to Werkzeug that is a path to be tidied.
    app.url_map.merge_slashes = False
    for routes in (_jobs(service), _definitions(service), _estimates(service)):
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


def _jobs(service: SegmentService) -> Blueprint:
    routes = Blueprint("jobs", __name__)

    @routes.post(wire.JOBS)
    def submit() -> Answer:
        segment_ids = asking.body(wire.job_request_from_json)
        job = service.submit(segment_ids, as_of=asking.as_of(), request_id=_request_id())
        return jsonify(wire.job_to_json(job))

    @routes.get(wire.JOBS)
    def list_jobs() -> Answer:
        query = asking.job_query(request.args)
        page = service.jobs(query)
        following = _next_query(query.start, query.limit, page.total)
        page = replace(page, next_query=following)
        return jsonify(wire.jobs_page_to_json(page, limit=query.limit, start=query.start))

    @routes.post(wire.JOBS_BULK)
    def bulk_get() -> Answer:
        found = service.jobs_by_id(asking.body(wire.bulk_request_from_json))
        return jsonify(wire.bulk_to_json(found)), 207

    @routes.get(f"{wire.JOBS}/<id:job_id>")
    def get(job_id: str) -> Answer:
        return jsonify(wire.job_to_json(service.job(job_id)))

    @routes.delete(f"{wire.JOBS}/<id:job_id>")
    def cancel(job_id: str) -> Answer:
        service.cancel(job_id)
        return "", 204

    return routes


def _definitions(service: SegmentService) -> Blueprint:
    routes = Blueprint("definitions", __name__)

    @routes.post(wire.DEFINITIONS)
    def create() -> Answer:
        wanted = asking.body(wire.definition_request_from_json)
        return jsonify(wire.definition_to_json(service.create_definition(wanted)))

    @routes.get(wire.DEFINITIONS)
    def list_definitions() -> Answer:
        start, limit = asking.start(request.args), asking.limit(request.args)
        page = service.definitions(start=start, limit=limit)
        page = replace(page, next_query=_next_query(start, limit, page.total))
        return jsonify(wire.definitions_page_to_json(page, limit=limit, start=start))

    @routes.post(wire.CONVERSION)
    def convert() -> Answer:
        answer = definitions.converted(asking.body(wire.conversion_from_json))
        return jsonify(wire.conversion_to_json(answer))

    @routes.get(f"{wire.DEFINITIONS}/<id:segment_id>")
    def get(segment_id: str) -> Answer:
        return jsonify(wire.definition_to_json(service.definition(segment_id)))

    @routes.patch(f"{wire.DEFINITIONS}/<id:segment_id>")
    def update(segment_id: str) -> Answer:
        wanted = asking.body(wire.definition_request_from_json)
        changed = service.update_definition(segment_id, wanted)
        return jsonify(wire.definition_to_json(changed))

    return routes


def _estimates(service: SegmentService) -> Blueprint:
    routes = Blueprint("estimates", __name__)

    @routes.post(wire.PREVIEW)
    def create() -> Answer:
        text = asking.body(wire.preview_request_from_json)
        preview_id = service.preview(text, as_of=asking.as_of(), budget=asking.budget())
        preview = wire.Preview(id=preview_id, state=service.estimate(preview_id).state)
        return jsonify(wire.preview_to_json(preview)), 201

    @routes.get(f"{wire.PREVIEW}/<id:preview_id>")
    def get_preview(preview_id: str) -> Answer:
        preview = wire.Preview(id=preview_id, state=service.estimate(preview_id).state)
        return jsonify(wire.preview_to_json(preview))

    @routes.delete(f"{wire.PREVIEW}/<id:preview_id>")
    def end_preview(preview_id: str) -> Answer:
        service.end_preview(preview_id)
        return jsonify({"status": True, "message": f"{preview_id} is ended"})

    @routes.get(f"{wire.ESTIMATE}/<id:preview_id>")
    def get_estimate(preview_id: str) -> Answer:
        return jsonify(wire.estimate_to_json(service.estimate(preview_id)))

    return routes


def _request_id() -> str | None:
    return request.headers.get(wire.REQUEST_ID_HEADER)


def _next_query(start: int, limit: int, total: int | None) -> str | None:
    """Return this request's query with the *start* of the next page, if there is one."""
    following = start + limit
    if total is None or following >= total:
        return None
    kept = [
        (k, v) for k, v in request.args.items(multi=True) if k not in {"start", "limit"}
    ]
    return urlencode([*kept, ("start", following), ("limit", limit)])


# Refusals


def _refusal(error: Exception) -> Answer:
    kind = next(kind for kind in type(error).__mro__ if kind in _REFUSALS)
    status, message, code = _REFUSALS[kind](error)
    body = wire.error_to_json(
        status, message, code=code, request_id=_request_id() or str(uuid.uuid4())
    )
    return jsonify(body), status


def _unforeseen(error: Exception) -> tuple[int, str, str | None]:
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return 500, f"the local service failed: {type(error).__name__}: {error}", None


# What each exception says to the caller: status, message, code.
_REFUSALS: Mapping[type, Callable[[Any], tuple[int, str, str | None]]] = {
    PQLError: lambda error: (400, str(error), PQL_CODE),
    APIError: lambda error: (error.status_code, error.message, error.code),
    HTTPException: lambda error: (error.code, error.description, None),
    StoreError: lambda error: (503, str(error), None),
    Exception: _unforeseen,
}
