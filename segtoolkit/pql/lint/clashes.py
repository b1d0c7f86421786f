"""Conditions on one value that contradict each other: conditions in, the two that clash out."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from segtoolkit.pql import nodes as n

Scalar: TypeAlias = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one value against literals.

    Attributes:
        node: the test as it is written.
        key: the value that is tested.
        operator: a comparison, or ``null`` or ``value`` for isNull() and isNotNull().
        values: what it is compared with; several when it is a list.
        folds: whether case does not matter.
        passes_null: whether a missing value passes.
    """

    node: n.Expr
    key: n.Expr
    operator: str
    values: tuple[Scalar, ...] = ()
    folds: bool = False
    passes_null: bool = False


_OPPOSITE = {"=": "!=", "<": ">=", ">": "<=", "null": "value"}
_OPPOSITE |= {right: left for left, right in _OPPOSITE.items()}
_FLIPPED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_LISTED = {"in": "=", "notIn": "!="}
_METHODS = {"equals": "=", "notEqualTo": "!="}
_NULLS = {"isNull": "null", "isNotNull": "value"}


def condition(node: n.Expr) -> Condition | None:
    """Read *node* as a condition; None when it is something else."""
    match node:
        case n.Call("not", (inner,)):
            found = condition(inner)
            return None if found is None else _negation(found, node)
        case n.Call(name, (n.Literal() as left, key)) if name in _FLIPPED:
            return _compared(node, key, _FLIPPED[name], (left,))
        case n.Call(name, (key, n.Literal() as right)) if name in _FLIPPED:
            return _compared(node, key, name, (right,))
        case n.Call(name, (key, n.ListLiteral(items))) if name in _LISTED:
            return _compared(node, key, _LISTED[name], items)
        case n.Call(name, (key, n.Literal() as right, *case)) if name in _METHODS:
            found = _compared(node, key, _METHODS[name], (right,))
            return found and replace(found, folds=case == [n.Literal(False)])  # noqa: FBT003
        case n.Call(name, (key,)) if name in _NULLS:
            return Condition(node, key, _NULLS[name], passes_null=name == "isNull")
    return None


def _compared(
    node: n.Expr, key: n.Expr, name: str, items: Sequence[n.Expr]
) -> Condition | None:
    values = [item.value for item in items if isinstance(item, n.Literal)]
    known = tuple(value for value in values if value is not None)
    if len(known) < len(items) or not known or isinstance(key, n.Literal):
        return None
    return Condition(node, key, name, known)


def _negation(found: Condition, node: n.Expr) -> Condition:
    opposite = _OPPOSITE[found.operator]
    return replace(found, node=node, operator=opposite, passes_null=not found.passes_null)


def opposites(conditions: Sequence[Condition]) -> list[Condition]:
    """Return what holds of a value, when none of *conditions* does."""
    return [replace(c, operator=_OPPOSITE[c.operator]) for c in conditions]


def by_key(conditions: Sequence[Condition]) -> Iterator[list[Condition]]:
    """Yield the conditions on each value that has several."""
    groups: dict[n.Expr, list[Condition]] = {}
    for found in conditions:
        groups.setdefault(found.key, []).append(found)
    return (group for group in groups.values() if len(group) > 1)


def clash(conditions: Sequence[Condition]) -> tuple[Condition, Condition] | None:
    """Return two of *conditions* that leave no value, in their order; None if there is one."""
    pair = _with_null(conditions) or _among_listed(conditions) or _of_bounds(conditions)
    if pair is None:
        return None
    first, second = sorted(pair, key=conditions.index)
    return first, second


Pair: TypeAlias = tuple[Condition, Condition] | None


def _with_null(conditions: Sequence[Condition]) -> Pair:
    null = next((c for c in conditions if c.operator == "null"), None)
    other = next((c for c in conditions if c.operator != "null"), None)
    return None if null is None or other is None else (null, other)


def _among_listed(conditions: Sequence[Condition]) -> Pair:
    """Try the values that one condition lists on all others."""
    first = next((c for c in conditions if c.operator == "="), None)
    if first is None:
        return None
    left = first.values
    for other in conditions:
        left = tuple(value for value in left if _passes(value, first, other))
        if not left:
            return first, other
    return None


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _passes(value: Scalar, listed: Condition, other: Condition) -> bool:
    if other.operator in ("null", "value"):
        return other.operator == "value"
    # Where case may not matter on one side, it is not held against the other.
    fold = listed.folds or other.folds
    results = [_holds(other.operator, value, wanted, fold=fold) for wanted in other.values]
    return all(results) if other.operator == "!=" else any(results)


def _holds(name: str, value: Scalar, wanted: Scalar, *, fold: bool) -> bool:
    if _family(value) is not _family(wanted):
        return True  # one of them will be converted; what to, the field's type decides
    if isinstance(value, str) and isinstance(wanted, str) and fold:
        value, wanted = value.lower(), wanted.lower()
    return _COMPARE[name](value, wanted)


def _family(value: Scalar) -> type:
    return float if type(value) is int else type(value)


def _of_bounds(conditions: Sequence[Condition]) -> Pair:
    lowest = _tightest(conditions, (">", ">="), max)
    highest = _tightest(conditions, ("<", "<="), min)
    if lowest is None or highest is None:
        return None
    low, high = _bound(lowest), _bound(highest)
    both_included = lowest.operator == ">=" and highest.operator == "<="
    return None if low < high or (low == high and both_included) else (lowest, highest)


def _tightest(
    conditions: Sequence[Condition], names: tuple[str, str], pick: Callable[..., Condition]
) -> Condition | None:
    bounds = [c for c in conditions if c.operator in names and _is_number(c.values[0])]
    # Of two equal bounds the one that excludes its number is tighter.
    sign = 1 if pick is max else -1
    return pick(
        bounds,
        key=lambda c: (_bound(c), sign * (c.operator == names[0])),
        default=None,
    )


def _bound(found: Condition) -> float:
    value = found.values[0]
    assert isinstance(value, int | float)
    return value


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
