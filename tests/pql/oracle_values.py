"""Values of the oracle: XDM JSON in, what is null, true, equal and inside of what out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.pql.oracle_times import MIRRORED, OPERATORS, RELATIONS, Span, moment_of, span_of

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?")
# The fields that are maps, and how many maps deep.
_MAPS = {"identityMap": 1, "segmentMembership": 2}
# The fields that are lists inside of lists: a missing one has no items.
_LISTS = {"items", "labels", "phones"}


class Events(list):
    """The events of a profile or some of them: unlike other lists, null when there are none."""


class Spread(list):
    """The values along a path through a list: what holds of one of them is true of it."""


class Map(dict):
    """Entries by key, in order; other dicts are objects, which have fields."""


def read(json: Any, name: str = "", maps: int = 0) -> Any:
    """Return XDM JSON as values: days as their start in UTC, objects without a value null."""
    match json:
        case dict():
            maps = _MAPS.get(name, maps)
            values = {key: read(part, key, max(0, maps - 1)) for key, part in json.items()}
            kind = Map if maps else dict
            return kind(values) if any(v is not None for v in values.values()) else None
        case list():
            return [read(item) for item in json]
        case int() if name == "timestamp":
            return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=json)
        case str() if _ISO.fullmatch(json):
            return in_utc(json)
        case _:
            return json


def in_utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def is_true(value: Any) -> bool:
    """Tell what *value* is in a boolean position."""
    match value:
        case bool():
            return value
        case Spread():
            return any(map(is_true, value))
        case list():
            return len(value) > 0
        case _:
            return not is_null(value)


def is_null(value: Any) -> bool:
    """Tell whether nothing is there: of objects in no field, along a path at no item."""
    match value:
        case Spread():
            return all(map(is_null, value))
        case Events():
            return not value
        case Map():
            return False
        case dict():
            return all(map(is_null, value.values()))
        case _:
            return value is None


def is_absent(value: Any) -> bool:
    """Tell whether *value* itself is null; a list is there, whatever it holds."""
    return value is None or (isinstance(value, dict) and is_null(value))


def present(values: Sequence[Any]) -> list[Any]:
    return [value for value in values if not is_absent(value)]


def field_of(base: Any, name: str) -> Any:
    if not isinstance(base, list):
        return None if base is None else base.get(name)
    found = [field_of(item, name) for item in base]
    if name in _LISTS:
        found = present(found)
    return Spread(
        v for value in found for v in (value if isinstance(value, list) else [value])
    )


def for_each(function: Callable[..., Any], args: Sequence[Any], lists: Any = ()) -> Any:
    """Return what *function* is of *args*, or of each value along a path through a list.

    It is null when an operand is. The operands at the places *lists* are lists to it.
    """
    for i, arg in enumerate(args):
        if isinstance(arg, Spread) and i not in lists:
            return Spread(
                for_each(function, [*args[:i], item, *args[i + 1 :]], lists) for item in arg
            )
    return None if any(map(is_absent, args)) else function(*args)


def compared(symbol: str, left: Any, right: Any) -> Any:
    match left, right:
        case (None, _) | (_, None):
            return None
        case (Span() | str(), _) if not isinstance(right, Span | str):
            return compared(MIRRORED[symbol], right, left)
        case dict(), dict():
            return compared_objects(symbol, left, right)
        case list(), list():
            return OPERATORS[symbol](are_alike(left, right), True)  # noqa: FBT003
        case _:
            right = like_left(left, right)
    if isinstance(left, datetime) and isinstance(right, datetime | Span):
        return RELATIONS[symbol](moment_of(left), span_of(right))
    return OPERATORS[symbol](left, right)


def compared_objects(symbol: str, left: Any, right: Any) -> Any:
    """Compare what has an id by that, and other objects by all that they have."""
    if is_null(left) or is_null(right):
        return None
    if "_id" in left or "_id" in right:
        return compared(symbol, left.get("_id"), right.get("_id"))
    return OPERATORS[symbol](without_nulls(left), without_nulls(right))


def are_alike(left: Sequence[Any], right: Sequence[Any]) -> bool:
    """Tell whether two lists have the same items in the same order; nulls are the same."""
    return len(left) == len(right) and all(
        (is_absent(a) and is_absent(b)) or compared("=", a, b)
        for a, b in zip(left, right, strict=True)
    )


def without_nulls(value: Any) -> Any:
    match value:
        case dict():
            bare = {name: without_nulls(part) for name, part in value.items()}
            return {name: part for name, part in bare.items() if part is not None} or None
        case list():
            return [without_nulls(item) for item in value]
        case _:
            return value


def like_left(left: Any, right: Any) -> Any:
    """Return *right* as the type of *left*, if it is text and *left* is not."""
    match left:
        case str() | list():
            return right
        case _ if not isinstance(right, str):
            return right
        case bool():
            return {"true": True, "false": False}[right]
        case datetime():
            return read(right)
        case _:
            return float(right)
