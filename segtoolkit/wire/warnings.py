"""Warnings beside an answer, in a header of our own: a JSON list of messages, ASCII only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

WARNINGS_HEADER = "x-segtoolkit-warnings"
_LONGEST = 4_000  # characters; servers and proxies refuse longer headers


def warnings_to_header(warnings: Iterable[str]) -> str:
    """Return as many of *warnings* as fit."""
    written: list[str] = []
    for warning in warnings:
        if len(json.dumps([*written, warning])) > _LONGEST:
            break
        written.append(warning)
    return json.dumps(written)


def warnings_from_headers(headers: Mapping[str, str]) -> list[str]:
    """Return the warnings of an answer; none where they cannot be read.

    >>> warnings_from_headers({WARNINGS_HEADER: warnings_to_header(["é", "two"])})
    ['é', 'two']
    """
    try:
        found = json.loads(headers.get(WARNINGS_HEADER, "[]"))
    except ValueError:
        return []
    return [str(text) for text in found] if isinstance(found, list) else []
