"""The tree of a PQL expression: frozen values, compared by meaning and not by position.

Operators and functions are all `Call`: ``a = b`` is ``Call("=", (a, b))``, ``not a`` is
``Call("not", (a,))``, ``s.equals("x", false)`` is ``Call("equals", (s, "x", false))``. How a
call is written, typed and computed is one row of `functions.FUNCTIONS`. The nodes below are what
does not fit that mould, and match the node types of ``pql/json``.

*pos* is the 0-based offset in the text where the node begins; for what follows an operand it is where
that begins: the operator, ``occurs``, the name after a dot, the bracket of a filter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias
from typing import Literal as OneOf

from segtoolkit import cards


@dataclass(frozen=True, slots=True)
class Node:
    pos: int = field(default=0, compare=False, repr=False, kw_only=True)

    def __init_subclass__(cls) -> None:
        # IPython looks at one class after the other, and would find the repr of each first.
        cls._repr_pretty_ = Node._repr_pretty_  # type: ignore[method-assign]

    def _repr_html_(self) -> str | None:
        return cards.tree_card(self)

    def _repr_pretty_(self, printer: Any, _: bool) -> None:  # noqa: FBT001 - IPython's way
        """Write PQL in a notebook, where the tree itself is long."""
        text = cards.tree_text(self)
        printer.text(repr(self) if text is None else f"<Expr {text}>")


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A string, number, boolean or null. ``1`` and ``1.0`` and ``true`` differ."""

    value: str | int | float | bool | None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Literal)
            and type(self.value) is type(other.value)
            and self.value == other.value
        )

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class ObjectLiteral(Node):
    entries: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A bare name: a variable if one is in scope, else a field of the implicit item or profile."""

    name: str


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """``$1``: an input of the whole expression; 1 is the profile."""

    index: int


@dataclass(frozen=True, slots=True)
class Model(Node):
    """``@{…}``: a reference to a record outside the profile; *reference* is what is inside."""

    reference: str


@dataclass(frozen=True, slots=True)
class This(Node):
    """``this``: the current item of an implicit lambda."""


@dataclass(frozen=True, slots=True)
class Up(Node):
    """``^name``, ``^^name``: *name* as seen *levels* filters further out."""

    levels: int
    name: str


@dataclass(frozen=True, slots=True)
class Field(Node):
    base: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``base[where]``: bare names in *where* are fields of the item."""

    base: Expr
    where: Expr


@dataclass(frozen=True, slots=True)
class Call(Node):
    """An operator or function applied to its operands; a method's receiver is the first."""

    name: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Lambda(Node):
    params: tuple[str, ...]
    body: Expr


@dataclass(frozen=True, slots=True)
class Let(Node):
    name: str
    value: Expr
    body: Expr


@dataclass(frozen=True, slots=True)
class Declaration(Node):
    """``name from source where condition``; *where* is None when absent."""

    name: str
    source: Expr
    where: Expr | None = None


@dataclass(frozen=True, slots=True)
class Select(Node):
    declarations: tuple[Declaration, ...]


@dataclass(frozen=True, slots=True)
class Quantifier(Node):
    kind: OneOf["exists", "forall", "none", "one"]
    declarations: tuple[Declaration, ...]


@dataclass(frozen=True, slots=True)
class Aggregation(Node):
    """``sum value over V from …``; *value* is None in the short form ``sum X from list``."""

    kind: OneOf["sum", "average", "min", "max"]
    value: Expr | None
    declarations: tuple[Declaration, ...]


@dataclass(frozen=True, slots=True)
class TimeWord(Node):
    """``now today yesterday tomorrow``."""

    word: OneOf["now", "today", "yesterday", "tomorrow"]


@dataclass(frozen=True, slots=True)
class CalendarUnit(Node):
    """``last month``, ``this year``, ``next week``; *unit* is singular."""

    relation: OneOf["this", "last", "next"]
    unit: str


@dataclass(frozen=True, slots=True)
class Duration(Node):
    """``3 days``; *unit* is singular."""

    count: Expr
    unit: str


@dataclass(frozen=True, slots=True)
class Distance(Node):
    """``<= 3 days``: how far from a reference. *comparison* is one of ``= != < <= > >=``."""

    comparison: str
    duration: Duration


@dataclass(frozen=True, slots=True)
class TimeRange(Node):
    """``between start and end``; both included."""

    start: Expr
    end: Expr


@dataclass(frozen=True, slots=True)
class Occurs(Node):
    """``timestamp occurs …``.

    *timestamp* is None inside ``WHEN( … )``, where the event's is meant. *distance* is only given
    with *relation* before or after. *reference* is a `TimeRange` exactly when *relation* is
    ``between``, otherwise any time: `TimeWord`, `CalendarUnit`, ``date(…)``, or a timestamp.
    """

    timestamp: Expr | None
    relation: OneOf["before", "after", "on", "between"]
    reference: Expr
    distance: Distance | None = None


@dataclass(frozen=True, slots=True)
class Element(Node):
    """One step of a chain: ``C1: WHAT(…) WHEN(…) COUNT(…) GAP(…)``, perhaps negated.

    *when* is built of `Occurs` without timestamp, ``and``, ``or``, ``not``. *count* is (comparison,
    number), ``>=`` when none is written; *gap* holds the distances to the neighbouring element.
    """

    name: str
    negated: bool
    what: Expr | None
    when: Expr | None = None
    count: tuple[str, int] | None = None
    gap: tuple[Distance, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain(Node):
    array: Expr
    timestamp: Expr
    elements: tuple[Element, ...]


Expr: TypeAlias = (
    Literal
    | ListLiteral
    | ObjectLiteral
    | Name
    | Parameter
    | Model
    | This
    | Up
    | Field
    | Filter
    | Call
    | Lambda
    | Let
    | Select
    | Quantifier
    | Aggregation
    | TimeWord
    | CalendarUnit
    | TimeRange
    | Occurs
    | Chain
)
