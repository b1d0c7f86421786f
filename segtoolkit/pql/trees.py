"""Look through typed trees, and change them: what is below a node, which rows it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, get_args

from segtoolkit.pql.typed import (
    EVENT,
    TRUE,
    Aggregate,
    And,
    Each,
    Events,
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


def children(node: Typed) -> Iterator[Typed]:
    """Yield the nodes directly below *node*, in order."""
    if isinstance(node, Sequence):
        yield from (step.where for step in node.steps)
    for name in _BELOW[type(node)]:
        below = getattr(node, name)
        if isinstance(below, tuple):
            yield from below
        elif below is not None:
            yield below


def walk(node: Typed) -> Iterator[Typed]:
    """Yield *node* and every node below it, parents first; any depth."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(tuple(children(current))))


def rewritten(node: Typed, change: Callable[[Typed], Typed | None]) -> Typed:
    """Return *node* with each part that *change* has an answer for replaced, the outermost first."""
    if (changed := change(node)) is not None:
        return changed
    if isinstance(node, Sequence):
        return replace(node, steps=tuple(_changed(step, change) for step in node.steps))
    new: dict[str, Any] = {}
    for name in _BELOW[type(node)]:
        below = getattr(node, name)
        if isinstance(below, tuple):
            new[name] = tuple(rewritten(part, change) for part in below)
        elif below is not None:
            new[name] = rewritten(below, change)
    return replace(node, **new) if new else node


def _changed(step: Step, change: Callable[[Typed], Typed | None]) -> Step:
    return replace(step, where=rewritten(step.where, change))


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
    match node:
        case Row(name):
            return frozenset((name,))
        case (
            Keep(source, item, inner)
            | Each(source, item, inner)
            | Path(source, item, inner)
        ):
            return rows_of(source) | (rows_of(inner) - {item})
        case Keyed(_, source, item, inner):
            return rows_of(source) | (rows_of(inner) - {item})
        case _:
            below = frozenset[str]().union(*map(rows_of, children(node)))
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
