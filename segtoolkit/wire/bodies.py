"""Single values of a JSON body: read in any published spelling, left out when unknown.

Absent, null, blank and unreadable all come out as ``None``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, TypeVar

T = TypeVar("T")

_NAMES: Mapping[type, str] = {
    bool: "a boolean",
    dict: "an object",
    float: "a number",
    int: "a number",
    list: "an array",
    str: "a string",
    type(None): "null",
}


def as_object(body: object, what: str) -> Mapping[str, Any]:
    """Return *body* if it is a JSON object.

    Raises:
        ValueError: it is not; the sentence begins with *what*.
    """
    if isinstance(body, Mapping):
        return body
    raise ValueError(f"{what} must be a JSON object, not {_NAMES.get(type(body), 'this')}")


def as_list(body: object, what: str) -> list[Any]:
    """Return *body* if it is a JSON array; the counterpart of `as_object`."""
    if isinstance(body, list):
        return body
    raise ValueError(f"{what} must be a JSON array, not {_NAMES.get(type(body), 'this')}")


def child(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the object under *key*, an empty one if there is none."""
    value = body.get(key)
    return value if isinstance(value, Mapping) else {}


def either(body: Mapping[str, Any], *keys: str) -> Any:
    """Return the value of the first of *keys* that has one; 0 and "" are values.

    >>> either({"totalProfiles": 0, "totalProfile": 7}, "totalProfiles", "totalProfile")
    0
    """
    return first(*(body.get(key) for key in keys))


def first(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)


def text(value: object) -> str | None:
    """Return a string or a number as a string.

    >>> text("api"), text(8811), text(""), text({})
    ('api', '8811', None, None)
    """
    if isinstance(value, str):
        return value or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return None


def identifier(value: object) -> str | None:
    """Return an id; published samples have numeric ones and ones with a comma at the end.

    >>> identifier("25c548a0-ca7f,"), identifier(3456), identifier(" ")
    ('25c548a0-ca7f', '3456', None)
    """
    return (text(value) or "").strip().rstrip(",") or None


def required_id(body: Mapping[str, Any], key: str, what: str) -> str:
    """Return the id under *key*, or raise ``ValueError`` naming the key."""
    found = identifier(body.get(key))
    if found is None:
        raise ValueError(f"{what} has no {key!r}")
    return found


def number(value: object) -> int | float | None:
    """Return a finite number, also from a string.

    >>> number("4275"), number(1.5), number(True), number("nan"), number("")
    (4275, 1.5, None, None, None)
    """
    if isinstance(value, str):
        return _parsed(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isfinite(value) else None


def _parsed(digits: str) -> int | float | None:
    try:
        return int(digits)
    except ValueError:
        pass
    try:
        parsed = float(digits)
    except ValueError:
        return None
    return parsed if isfinite(parsed) else None


def integer(value: object) -> int | None:
    """Return a count, also from ``1.23E11``.

    >>> integer(1.0), integer(0), integer(None)
    (1, 0, None)
    """
    found = number(value)
    return None if found is None else int(found)


def numeric(value: str | None) -> int | str | None:
    """Return a number that is kept as text as the number; anything else stays a string.

    >>> numeric("12"), numeric("012"), numeric("a"), numeric(None)
    (12, '012', 'a', None)
    """
    number = integer(value)
    return value if number is None or str(number) != value else number


def counts(value: object) -> dict[str, int]:
    """Return the counts of an object; entries without a number are unknown, hence absent."""
    if not isinstance(value, Mapping):
        return {}
    read = {str(key): integer(count) for key, count in value.items()}
    return {key: count for key, count in read.items() if count is not None}


def boolean(value: object) -> bool | None:
    """Return a truth value, also from the strings that some samples have.

    >>> boolean("false"), boolean(True), boolean(None)
    (False, True, None)
    """
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def embedded(value: object) -> str | None:
    """Return a string, or the JSON text of a document that should have been one."""
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value or None if isinstance(value, str) else None


def present(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return *body* without what is None, in its order."""
    return {key: value for key, value in body.items() if value is not None}
