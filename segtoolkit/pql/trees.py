"""Look through typed trees, and change them: what is below a node, which rows it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from itertools import islice
from operator import is_not
from typing import Any, get_args

from segtoolkit.pql.typed import (
    EVENT,
    TRUE,
    Aggregate,
    And,
    Const,
    Each,
    Events,
    Get,
    Keep,
    Keyed,
    Path,
    Row,
    Sequence,
    Step,
    Typed,
)

# The fields of each kind of node that hold nodes.
_BELOW: Mapping[type, tuple[str, ...]] = {
    kind: tuple(slot.name for slot in fields(kind) if "Typed" in str(slot.type))
    for kind in get_args(Typed)
}
_NOTHING: frozenset[str] = frozenset()


def children(node: Typed) -> tuple[Typed, ...]:
    """Return the nodes directly below *node*, in order."""
    if isinstance(node, Sequence):
        return tuple(step.where for step in node.steps)
    found: tuple[Typed, ...] = ()
    for name in _BELOW[type(node)]:
        below = getattr(node, name)
        if isinstance(below, tuple):
            found += below
        elif below is not None:
            found += (below,)
    return found


def walk(node: Typed) -> Iterator[Typed]:
    """Yield *node* and every node below it, parents first; any depth."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(children(current)[::-1])


def is_within(node: Typed, most: int) -> bool:
    """Tell whether there are no more than *most* nodes, counted wherever they stand."""
    return next(islice(walk(node), most, None), None) is None


def nesting(node: Typed, *, over_events: bool = False) -> int:
    """Return how many rules about items lie within each other, or only those about events."""
    deepest, waiting = 0, [(node, 0)]
    while waiting:
        current, level = waiting.pop()
        deepest = max(deepest, level)
        if isinstance(current, Keep | Each | Keyed):
            *_, inner = children(current)
            counts = not over_events or _are_events(current.source)
            waiting += [(current.source, level), (inner, level + counts)]
        else:
            waiting += ((part, level) for part in children(current))
    return deepest


def _are_events(source: Typed) -> bool:
    return any(isinstance(part, Aggregate) for part in walk(source))


def rewritten(node: Typed, change: Callable[[Typed], Typed | None]) -> Typed:
    """Return *node* with each part that *change* has an answer for replaced, the outermost first."""
    if (changed := change(node)) is not None:
        return changed
    if isinstance(node, Sequence):
        steps = tuple(_changed(step, change) for step in node.steps)
        return replace(node, steps=steps) if any(map(is_not, steps, node.steps)) else node
    new: dict[str, Any] = {}
    for name in _BELOW[type(node)]:
        below = getattr(node, name)
        if isinstance(below, tuple):
            parts = tuple(rewritten(part, change) for part in below)
            if any(map(is_not, parts, below)):
                new[name] = parts
        elif below is not None and (part := rewritten(below, change)) is not below:
            new[name] = part
    return replace(node, **new) if new else node


def _changed(step: Step, change: Callable[[Typed], Typed | None]) -> Step:
    where = rewritten(step.where, change)
    return step if where is step.where else replace(step, where=where)


def with_row(node: Typed, name: str, value: Typed) -> Typed:
    """Return *node* with *value* in place of the row called *name*, but not of an inner namesake."""

    def change(part: Typed) -> Typed | None:
        match part:
            case Row(own):
                return value if own == name else part
            case Keep(source, item) | Each(source, item) | Path(source, item) if (
                item == name
            ):
                return replace(part, source=rewritten(source, change))
            case Keyed(_, source, item) if item == name:
                return replace(part, source=rewritten(source, change))
            case _:
                return None

    return rewritten(node, change)


def rows_of(node: Typed) -> frozenset[str]:
    """Return the names of the rows that *node* asks for and does not bind itself."""
    while isinstance(node, Get):
        node = node.base
    match node:
        case Row(name):
            return frozenset((name,))
        case Const():
            return _NOTHING
        case (
            Keep(source, item, inner)
            | Each(source, item, inner)
            | Path(source, item, inner)
        ):
            return rows_of(source) | (rows_of(inner) - {item})
        case Keyed(_, source, item, inner):
            return rows_of(source) | (rows_of(inner) - {item})
        case _:
            below = _NOTHING.union(*map(rows_of, children(node)))
            own_event = isinstance(node, Aggregate | Sequence | Events)
            return below - {EVENT} if own_event else below


def conjuncts(node: Typed) -> tuple[Typed, ...]:
    """Split a condition at its ``and``, however deep."""
    if not isinstance(node, And):
        return () if node == TRUE else (node,)
    return tuple(part for operand in node.operands for part in conjuncts(operand))


def all_of(parts: tuple[Typed, ...]) -> Typed:
    """Return the condition that holds where all of *parts* do."""
    if len(parts) == 1:
        return parts[0]
    return And(parts) if parts else TRUE
