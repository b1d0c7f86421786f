"""The table of operations and the schemas in; one OpenAPI 3.1 document out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segtoolkit import wire
from segtoolkit.local.openapi.operations import OPERATIONS, Operation
from segtoolkit.local.openapi.parameters import HEADERS, ID_PARAMETER
from segtoolkit.local.openapi.schemas import ANSWERS, REQUESTS, ref

_ABOUT = """\
The part of Adobe Experience Platform's segmentation API that segtoolkit serves from local data. \
Evaluated are the same definitions with the same counters; what is an extension says so."""

# What any call may be answered with instead, and calls of some kinds.
_REFUSALS: Mapping[int, str] = {
    400: "the request is wrong, or a header is missing",
    401: "there is no token, or not the right one",
    403: "there is no API key, or not the right one",
    503: "the store cannot be used now",
}
_OF_BODIES: Mapping[int, str] = {413: "the body is too long", 415: "the body is not JSON"}
_OF_IDS: Mapping[int, str] = {404: "there is nothing of that id"}


def document(server: str) -> dict[str, Any]:
    """Return the document of what is served at the address *server*."""
    paths: dict[str, Any] = {wire.TOKEN_PATH: {"post": _sign_in()}}
    for operation in OPERATIONS:
        path = paths.setdefault(f"{wire.BASE_PATH}{operation.path}", {})
        path[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "segtoolkit: segmentation on local data",
            "version": "1",
            "description": _ABOUT,
        },
        "servers": [{"url": server}],
        "security": [{"token": [], "key": []}],
        "paths": paths,
        "components": {
            "schemas": {**REQUESTS, **ANSWERS},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": wire.API_KEY_HEADER},
            },
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    has_id = "{id}" in operation.path
    refusals = {
        **_REFUSALS,
        **(_OF_BODIES if operation.body else {}),
        **(_OF_IDS if has_id else {}),
        **(operation.also or {}),
    }
    written: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.about,
        "parameters": [
            *([ID_PARAMETER] if has_id else []),
            *HEADERS,
            *operation.parameters,
        ],
        "responses": {
            str(operation.status): _answer("all is well", operation.answer),
            **{
                str(status): _answer(meaning, "Refusal")
                for status, meaning in sorted(refusals.items())
            },
        },
    }
    if operation.body:
        written["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": ref(operation.body)}},
        }
    return written


def _answer(meaning: str, schema: str | None) -> dict[str, Any]:
    if schema is None:
        return {"description": meaning}
    content = {"application/json": {"schema": ref(schema)}}
    return {"description": meaning, "content": content}


def _sign_in() -> dict[str, Any]:
    form = "application/x-www-form-urlencoded"
    return {
        "operationId": "signIn",
        "summary": "Give a token for a client's id and secret.",
        "security": [],
        "requestBody": {
            "required": True,
            "content": {form: {"schema": ref("TokenRequest")}},
        },
        "responses": {
            "200": _answer("all is well", "Token"),
            "400": _answer("the form is wrong", "TokenRefusal"),
            "401": _answer("the id or the secret is wrong", "TokenRefusal"),
            "413": _answer("the form is too long", "TokenRefusal"),
        },
    }
