"""Sizing: preview requests and answers, and estimates, both directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from segtoolkit.models import Counts, Estimate
from segtoolkit.wire.bodies import (
    as_object,
    identifier,
    integer,
    number,
    present,
    text,
)
from segtoolkit.wire.definitions import PROFILE_SCHEMA

# An estimate names the standard namespaces by number, everything else names them by code.
_CODES: Mapping[str, str] = {"4": "ECID", "6": "Email", "7": "Phone", "10": "AAID"}
_NUMBERS: Mapping[str, str] = {code: number for number, code in _CODES.items()}

# Undocumented ends that clients have met: nobody should poll on after them.
_STATES: Mapping[str, str] = {
    "ERROR": "FAILED",
    "CANCELLED": "FAILED",
    "CANCELED": "FAILED",
}


def estimate_from_json(body: object) -> Estimate:
    """Read an estimate; the counts per namespace are those of the sample, as they came.

    Raises:
        ValueError: it has neither a ``state`` nor an ``estimatedSize``.
    """
    estimate = as_object(body, "an estimate")
    size, state = integer(estimate.get("estimatedSize")), _state(estimate)
    if size is None and state is None:
        raise ValueError("an estimate has no 'state' and no 'estimatedSize'")
    return Estimate(
        size=size,
        total=integer(estimate.get("totalRows")),
        state=state or "RESULT_READY",
        rows_read=integer(estimate.get("profilesReadSoFar")),
        rows_to_read=integer(estimate.get("numRowsToRead")),
        rows_matched=integer(estimate.get("profilesMatchedSoFar")),
        standard_error=_float(estimate.get("standardError")),
        confidence=text(estimate.get("confidenceInterval")),
        by_namespace=_by_namespace(estimate.get("estimatedNamespaceDistribution")),
        error=_error(estimate.get("error")),
        raw=estimate,
    )


def _state(body: Mapping[str, Any]) -> str | None:
    state = text(body.get("state"))
    return state and _STATES.get(state.strip().upper(), state.strip().upper())


def _float(value: object) -> float | None:
    found = number(value)
    return None if found is None else float(found)


def _by_namespace(value: object) -> Counts:
    entries = value if isinstance(value, list) else []
    read = {
        identifier(entry.get("namespaceId")): integer(entry.get("profilesMatchedSoFar"))
        for entry in entries
        if isinstance(entry, Mapping)
    }
    return {
        _CODES.get(namespace, namespace): matched
        for namespace, matched in read.items()
        if namespace is not None and matched is not None
    }


def _error(value: object) -> str | None:
    # Both parts are blank when nothing is wrong: an error object is not yet an error.
    if isinstance(value, Mapping):
        return text(value.get("description")) or text(value.get("traceback"))
    return text(value)


def estimate_to_json(e: Estimate) -> dict[str, Any]:
    """Write an estimate with the published keys; what is None is left out."""
    return present(
        {
            "estimatedSize": e.size,
            "numRowsToRead": e.rows_to_read,
            "estimatedNamespaceDistribution": _distribution(e.by_namespace) or None,
            "state": e.state,
            "profilesReadSoFar": e.rows_read,
            "standardError": e.standard_error,
            "error": {"description": e.error or "", "traceback": ""},
            "profilesMatchedSoFar": e.rows_matched,
            "totalRows": e.total,
            "confidenceInterval": e.confidence,
        }
    )


def _distribution(by_namespace: Counts) -> list[dict[str, Any]]:
    return [
        {"namespaceId": _NUMBERS.get(code, code), "profilesMatchedSoFar": matched}
        for code, matched in by_namespace.items()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A preview as far as sizing needs it: *id* also asks for the estimate."""

    id: str | None
    state: str


def preview_from_json(body: object) -> Preview:
    """Read the answer of a preview's POST (has the id) or GET (has none).

    Raises:
        ValueError: it has neither a ``previewId`` nor a ``state``.
    """
    preview = as_object(body, "a preview")
    preview_id = identifier(preview.get("previewId"))
    # Older guides have the state within the last result.
    results = preview.get("results")
    last = results[-1:] if isinstance(results, list) else []
    states = [_state(part) for part in (preview, *last) if isinstance(part, Mapping)]
    state = next((state for state in states if state), None)
    if preview_id is None and state is None:
        raise ValueError("a preview has no 'previewId' and no 'state'")
    return Preview(id=preview_id, state=state or "NEW")


def preview_to_json(preview: Preview) -> dict[str, Any]:
    return present(
        {
            "state": preview.state,
            "previewQueryId": preview.id,
            "previewQueryStatus": preview.state,
            "previewId": preview.id,
            "previewExecutionId": 0,
        }
    )


def preview_request_to_json(expression_text: str) -> dict[str, Any]:
    return {
        "predicateExpression": expression_text,
        "predicateType": "pql/text",
        "predicateModel": PROFILE_SCHEMA,
        "graphType": "none",
    }


def preview_request_from_json(body: object) -> str:
    """Return the predicate.

    Raises:
        ValueError: it is missing, or not ``pql/text``, which is all that a preview takes.
    """
    request = as_object(body, "a preview request")
    predicate = request.get("predicateExpression")
    if not isinstance(predicate, str) or not predicate.strip():
        raise ValueError("a preview request needs a 'predicateExpression'")
    kind = text(request.get("predicateType")) or "pql/text"
    if kind.lower() != "pql/text":
        raise ValueError(f"'predicateType' is {kind!r}; a preview takes 'pql/text' only")
    return predicate
