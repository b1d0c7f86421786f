"""The typed tree: what an expression means, with names resolved and every rule spelled out.

Frozen values without positions, so that two segments which ask the same thing have equal
trees and the work is done once. Times are epoch microseconds. Null propagates through values;
`Truth` is where it becomes false, so everything built of `Truth`, `And`, `Or`, `Not` is true or
false. A node's type follows from what is below it, so only that of a `Const` counts in comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Literal as OneOf
from typing import TypeAlias

from segtoolkit.pql.types import BOOLEAN, Type

PROFILE, EVENT = "p", "e"


@dataclass(frozen=True, slots=True)
class Const:
    """A value known when the expression is read; of type `TIME`, epoch microseconds."""

    value: str | int | float | bool | None
    type: Type


@dataclass(frozen=True, slots=True)
class Row:
    """The profile (``p``), the event (``e``), or the item of a list (any other name)."""

    name: str
    type: Type = field(compare=False)


@dataclass(frozen=True, slots=True)
class Get:
    """A field of an object; null when the object is null."""

    base: Typed
    name: str
    type: Type = field(compare=False)


@dataclass(frozen=True, slots=True)
class Op:
    """A scalar function of the engines; *name* is a key of each engine's table."""

    name: str
    args: tuple[Typed, ...]
    type: Type = field(compare=False)


@dataclass(frozen=True, slots=True)
class Keep:
    """The items of *source*, each called *item*, for which *where* is true."""

    source: Typed
    item: str
    where: Typed
    type: Type = field(compare=False)


@dataclass(frozen=True, slots=True)
class Each:
    """*value* for every item of *source*."""

    source: Typed
    item: str
    value: Typed
    type: Type = field(compare=False)


@dataclass(frozen=True, slots=True)
class Events:
    """The profile's events for which *where* is true; only ever counted, summed and so on."""

    where: Typed
    type: Type = field(compare=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One number per profile over its events: a count, or a sum, … of *value*.

    A count or sum of no events is 0, the others are null.
    """

    kind: OneOf["count", "sum", "average", "min", "max"]
    where: Typed
    value: Typed | None
    type: Type = field(compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a sequence, or one that must be missing.

    Attributes:
        where: the events that qualify.
        negated: whether none of them may occur between its neighbours.
        count: how many of them it takes; the step is reached with the last.
        nearest: least distance to the step before, in microseconds; at least 1, as steps follow
            strictly. For a negated step: only events from there on are ruled out.
        farthest: greatest distance to the step before, in microseconds; None is any.
    """

    where: Typed
    negated: bool = False
    count: int = 1
    nearest: int = 1
    farthest: int | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """Whether the profile has events that match *steps* one after the other; two steps at least."""

    steps: tuple[Step, ...]
    type: Type = field(default=BOOLEAN, compare=False)


@dataclass(frozen=True, slots=True)
class Truth:
    """A Boolean in a place that asks yes or no: null is no."""

    value: Typed
    type: Type = field(default=BOOLEAN, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    operands: tuple[Typed, ...]
    type: Type = field(default=BOOLEAN, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    operands: tuple[Typed, ...]
    type: Type = field(default=BOOLEAN, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    operand: Typed
    type: Type = field(default=BOOLEAN, compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """Whether the profile is in another segment, evaluated in the same run."""

    segment_id: str
    type: Type = field(default=BOOLEAN, compare=False)


Typed: TypeAlias = (
    Const
    | Row
    | Get
    | Op
    | Keep
    | Each
    | Events
    | Aggregate
    | Sequence
    | Truth
    | And
    | Or
    | Not
    | Member
)
TWO_VALUED = (Sequence, Truth, And, Or, Not, Member)
TRUE, FALSE = (
    Truth(Const(value=True, type=BOOLEAN)),
    Truth(Const(value=False, type=BOOLEAN)),
)


def children(node: Typed) -> Iterator[Typed]:
    """Yield the nodes directly below *node*, in order."""
    if isinstance(node, Sequence):
        yield from (step.where for step in node.steps)
        return
    for slot in fields(node):
        below = getattr(node, slot.name)
        if isinstance(below, _NODES):
            yield below
        elif isinstance(below, tuple):
            yield from below


def walk(node: Typed) -> Iterator[Typed]:
    """Yield *node* and every node below it, parents first; any depth."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(tuple(children(current))))


_NODES = (
    Const,
    Row,
    Get,
    Op,
    Keep,
    Each,
    Events,
    Aggregate,
    Sequence,
    Truth,
    And,
    Or,
    Not,
    Member,
)
