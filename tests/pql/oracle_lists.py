"""Lists and maps in the oracle: items in, what they have in common, in groups, in order out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tests.pql.oracle_values import Map, compared, present


def is_in(value: Any, items: Sequence[Any]) -> bool:
    return any(compared("=", value, item) for item in items)


def distinct(items: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for item in present(items):
        found += [] if is_in(item, found) else [item]
    return found


def common(a: Sequence[Any], b: Sequence[Any]) -> list[Any] | None:
    return distinct([item for item in a if is_in(item, b)]) or None


def is_subset(a: Sequence[Any], b: Sequence[Any]) -> bool:
    return all(is_in(item, b) for item in present(a))


def head(items: Sequence[Any]) -> Any:
    return items[0] if items else None


def average(values: Sequence[Any]) -> Any:
    numbers = present(values)
    return sum(numbers) / len(numbers) if numbers else None


def grouped(items: Iterable[Any], key: Callable[[Any], Any]) -> Map:
    """Return the items of each key, in the order of its first item."""
    groups = Map()
    for item in items:
        if (found := key(item)) is not None:
            groups.setdefault(found, []).append(item)
    return groups


def entered(entries: Iterable[tuple[Any, Any]]) -> Map:
    """Return a map of *entries*; of equal keys the last stays, where it is."""
    found = Map()
    for key, value in entries:
        found.pop(key, None)
        if key is not None:
            found[key] = value
    return found


def ranked(
    items: Iterable[Any], key: Callable[[Any], Any], count: int, *, from_top: bool
) -> list[Any]:
    """Return the first *count* items by *key*; equals keep their order, those without go."""
    keyed = [(found, item) for item in items if (found := key(item)) is not None]
    in_order = sorted(keyed, key=lambda pair: pair[0], reverse=from_top)
    return [item for _, item in in_order[: max(0, count)]]


AGGREGATES: Mapping[str, Callable[[list[Any]], Any]] = {
    "sum": lambda values: sum(present(values)),
    "average": average,
    "min": lambda values: min(present(values), default=None),
    "max": lambda values: max(present(values), default=None),
}
