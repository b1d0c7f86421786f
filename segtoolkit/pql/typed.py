"""The typed tree: what an expression means, with names resolved and every rule spelled out.

Frozen values without positions, so that two segments which ask the same thing have equal
trees and the work is done once. Times are epoch microseconds. Null propagates through values;
`Truth` is where it becomes false, so everything built of `Truth`, `And`, `Or`, `Not` is true or
false. A node's type follows from what is below it, so only that of a `Const` counts in comparisons.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
class Keyed:
    """The items of *source*, each called *item*, by *key*; without those whose key is null.

    ``highest`` and ``lowest`` order the list, equal keys as they stood; ``groups`` is the map from each
    key to its items.
    """

    kind: OneOf["highest", "lowest", "groups"]
    source: Typed
    item: str
    key: Typed
    type: Type = field(compare=False)


@dataclass(frozen=True, slots=True)
class Object:
    """An object made of *values*, which are called *names*."""

    names: tuple[str, ...]
    values: tuple[Typed, ...]
    type: Type = field(compare=False)


@dataclass(frozen=True, slots=True)
class Events:
    """The profile's events for which *where* is true, before it is known what is asked of them."""

    where: Typed
    type: Type = field(compare=False)


@dataclass(frozen=True, slots=True)
class Path:
    """What the items of *source* have at *value*, before it is known what is asked of them."""

    source: Typed
    item: str
    value: Typed
    type: Type = field(compare=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One value per profile over its events: a count, or a sum, … of *value*, or the list of them.

    A count or sum of no events is 0, a list is empty, the others are null. A list is in the order of
    time, events of one moment by type, and of one type as loaded; without *value* it holds the
    events themselves. Neither *where* nor *value* holds another
    aggregate, and of rows only the event and the profile.
    """

    kind: OneOf["count", "sum", "average", "min", "max", "list"]
    where: Typed
    value: Typed | None
    type: Type = field(compare=False)


@dataclass(frozen=True, slots=True)
class Span:
    """A distance in time; that many months are counted back on the calendar, from the later end."""

    months: int = 0
    us: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a sequence, or one that must be missing.

    Attributes:
        where: the events that qualify.
        negated: whether none of them may occur between its neighbours.
        count: how many of them it takes; the step is reached with the last.
        nearest: least distance to the step before; at least a microsecond, as steps follow
            strictly. For a negated step: only events from there on are ruled out.
        farthest: greatest distance to the step before; None is any.
    """

    where: Typed
    negated: bool = False
    count: int = 1
    nearest: Span = Span(us=1)
    farthest: Span | None = None


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
    | Keyed
    | Object
    | Events
    | Path
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
