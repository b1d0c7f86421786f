"""Bulk-get: the ids asked for, and per id the job or definition, or the error that came instead."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from segtoolkit.errors import APIError
from segtoolkit.models import JobRecord, SegmentDefinition
from segtoolkit.wire.bodies import (
    as_list,
    as_object,
    child,
    identifier,
    integer,
    present,
    required_id,
)
from segtoolkit.wire.definitions import definition_from_json, definition_to_json
from segtoolkit.wire.errors import error_from_response, error_table
from segtoolkit.wire.jobs import job_from_json, job_to_json

MOST_IDS = 100
T = TypeVar("T", JobRecord, SegmentDefinition)


def bulk_request_to_json(ids: Iterable[str]) -> dict[str, Any]:
    return {"ids": [{"id": job_id} for job_id in ids]}


def bulk_request_from_json(body: object) -> tuple[str, ...]:
    """Return the ids asked for, 1 to 100 of them.

    Raises:
        ValueError: another number of them, or an entry without ``id``.
    """
    ids = as_list(
        as_object(body, "a bulk request").get("ids"), "the 'ids' of a bulk request"
    )
    if not 1 <= len(ids) <= MOST_IDS:
        raise ValueError(
            "The number of requested IDs is invalid. Cannot be 0 or exceed 100."
        )
    what = "each entry of 'ids'"
    return tuple(required_id(as_object(entry, what), "id", what) for entry in ids)


def bulk_from_json(body: object) -> dict[str, JobRecord | APIError]:
    """Return each answered id's job, or the error in its place; ids may be absent."""
    return {key: _job(key, entry) for key, entry in _results(body).items()}


def definitions_bulk_from_json(body: object) -> dict[str, SegmentDefinition | APIError]:
    """Return each answered id's definition, or the error in its place; ids may be absent."""
    return {key: _definition(key, entry) for key, entry in _results(body).items()}


def _results(body: object) -> dict[str, object]:
    answer = as_object(body, "a bulk answer")
    if "results" not in answer:
        raise ValueError("a bulk answer has no 'results'")
    results = as_object(answer["results"], "the 'results' of a bulk answer")
    cleaned = {identifier(key): entry for key, entry in results.items()}
    return {key: entry for key, entry in cleaned.items() if key is not None}


def _job(key: str, entry: object) -> JobRecord | APIError:
    if isinstance(entry, Mapping) and _is_job(entry):
        named = "segmentJob" in entry or identifier(entry.get("id"))
        return job_from_json(entry if named else {**entry, "id": key})
    return _error(entry)


def _is_job(entry: Mapping[str, Any]) -> bool:
    marks = {"id", "segments", "segmentJob"}
    return not marks.isdisjoint(entry) or isinstance(entry.get("status"), str)


def _definition(key: str, entry: object) -> SegmentDefinition | APIError:
    if isinstance(entry, Mapping) and not {"id", "name", "expression"}.isdisjoint(entry):
        named = identifier(entry.get("id"))
        return definition_from_json(entry if named else {**entry, "id": key})
    return _error(entry)


def _error(entry: object) -> APIError:
    return error_from_response(_status_code(entry), json.dumps(entry), {})


def _status_code(entry: object) -> int:
    # An entry that says nothing is one that could not be found.
    if not isinstance(entry, Mapping):
        return 404
    told = map(
        integer, [*child(entry, "errors"), *map(entry.get, ("status", "statusCode"))]
    )
    return next((status for status in told if status is not None), 404)


def bulk_to_json(found: Mapping[str, JobRecord | APIError]) -> dict[str, Any]:
    """Write the answer; an error takes its job's place."""
    return _bulk(found, job_to_json)


def definitions_bulk_to_json(
    found: Mapping[str, SegmentDefinition | APIError],
) -> dict[str, Any]:
    """Write the answer; an error takes its definition's place."""
    return _bulk(found, definition_to_json)


def _bulk(
    found: Mapping[str, T | APIError], write: Callable[[T], dict[str, Any]]
) -> dict[str, Any]:
    return {
        "results": {
            key: _error_to_json(entry) if isinstance(entry, APIError) else write(entry)
            for key, entry in found.items()
        }
    }


def _error_to_json(error: APIError) -> dict[str, Any]:
    table = error_table(error.status_code, error.message, error.code)
    return present({"requestId": error.request_id, "errors": table})
