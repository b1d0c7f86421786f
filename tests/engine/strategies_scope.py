"""What an expression about the population can speak of, and how it gets there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self, TypeAlias

from hypothesis import strategies as st

from segtoolkit.pql import nodes as n

# What the items of a list are: of a tuple, each variable with the kind of its items.
Item: TypeAlias = tuple[tuple[str, str], ...]

# What there is, by the type of its value. An empty path is the thing itself.
FIELDS = {
    "profile": {
        "text": ["person.name.first", "person.name.last", "nick", "tier", "_id"],
        "number": ["score", "spend", "visits"],
        "small": ["visits"],
        "truth": ["optedIn"],
        "moment": ["joined", "seen", "person.birthDate"],
        "texts": ["tags"],
        "numbers": ["marks"],
        "object": ["person", "person.name"],
        "address": ["addresses"],
        "texts along": ["addresses.kind", "addresses.phones"],
        "numbers along": ["addresses.floor"],
        "moments along": ["addresses.since"],
    },
    "event": {
        "text": ["eventType", "page"],
        "number": ["commerce.order.priceTotal", "commerce.order.quantity"],
        "truth": ["mobile"],
        "moment": ["timestamp", "due"],
        "texts": ["labels"],
        "object": ["commerce", "commerce.order"],
        "item": ["items"],
        "texts along": ["items.sku"],
        "numbers along": ["items.n"],
    },
    "address": {
        "text": ["kind"],
        "number": ["floor"],
        "moment": ["since"],
        "texts": ["phones"],
    },
    "item": {"text": ["sku"], "number": ["n"]},
    "made": {"text": ["t"], "number": ["x"], "moment": ["m"]},
    "word": {"text": [""]},
    "value": {"number": [""]},
    "moment": {"moment": [""]},
    **{f"{kind}s": {kind: [""]} for kind in ("event", "address", "item", "made")},
}


def one(kind: str) -> Item:
    return (("", kind),)


@dataclass(frozen=True, slots=True)
class Frame:
    """Something whose fields are in scope.

    Attributes:
        kind: a key of FIELDS.
        variable: its name, if it has one.
        level: else how many filters further out it is the item.
        within: the field of that which it is; "" when it is all of it.
    """

    kind: str
    variable: str | None = None
    level: int = 0
    within: str = ""

    def path(self, dotted: str) -> n.Expr:
        dotted = joined(self.within, dotted)
        if self.variable:
            return path(n.Name(self.variable), dotted)
        first, _, rest = dotted.partition(".")
        if not first:
            return n.This()
        return path(n.Up(self.level, first) if self.level else n.Name(first), rest)

    def further(self) -> Frame | None:
        """Return the frame as a filter sees it; what has no name cannot be seen from there."""
        if self.variable:
            return self
        is_nameless = not self.within and [""] in FIELDS[self.kind].values()
        return None if is_nameless else replace(self, level=self.level + 1)


def joined(*names: str) -> str:
    return ".".join(filter(None, names))


def path(base: n.Expr, dotted: str) -> n.Expr:
    for name in filter(None, dotted.split(".")):
        base = n.Field(base, name)
    return base


def frames_of(item: Item, variable: str | None = None) -> tuple[Frame, ...]:
    return tuple(Frame(kind, variable, within=within) for within, kind in item)


@dataclass(frozen=True, slots=True)
class Scope:
    """Draws expressions of a type, about what is in scope.

    Attributes:
        draw: of hypothesis.
        frames: what is in scope, the innermost last.
        depth: how many levels an expression may still have.
        is_exact: whether numbers must have few binary digits.
    """

    draw: Callable[[Any], Any]
    frames: tuple[Frame, ...] = (Frame("profile"),)
    depth: int = 3
    is_exact: bool = False

    def pick(self, options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def any_of(self, *leaves: Callable[[], n.Expr], deeper: Any = ()) -> n.Expr:
        return self.pick([*leaves, *(deeper if self.depth > 0 else ())])()

    def flip(self) -> bool:
        return self.draw(st.booleans())

    def below(self) -> Self:
        return replace(self, depth=self.depth - 1)

    def inside(self, *frames: Frame) -> Self:
        """Return the scope of the condition of a filter, in which *frames* are the item."""
        outer = [seen for frame in self.frames if (seen := frame.further())]
        return replace(self.below(), frames=(*outer, *frames))

    def knowing(self, *frames: Frame) -> Self:
        return replace(self.below(), frames=(*self.frames, *frames))

    def has(self, kind: str) -> bool:
        return any(FIELDS[frame.kind].get(kind) for frame in self.frames)

    def field(self, kind: str) -> n.Expr:
        """Draw a path to a value of type *kind*, mostly from the innermost frame."""
        frames = [f for f in reversed(self.frames) if FIELDS[f.kind].get(kind)]
        frame = self.pick([frames[0], *frames])
        return frame.path(self.pick(FIELDS[frame.kind][kind]))

    @property
    def is_outside(self) -> bool:
        """Tell whether this is no rule about an item or an event, so that there may be chains."""
        return self.frames == (Frame("profile"),)
