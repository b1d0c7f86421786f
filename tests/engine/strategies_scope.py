"""What an expression about the population can speak of, and how it gets there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

from hypothesis import strategies as st

from segtoolkit.pql import nodes as n

# What there is, by the type of its value.
FIELDS = {
    "profile": {
        "text": ["person.name.first", "person.name.last", "nick", "tier", "_id"],
        "number": ["score", "spend", "visits"],
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
}


@dataclass(frozen=True, slots=True)
class Frame:
    """Something whose fields are in scope, as a variable or *level* filters further out."""

    kind: str
    variable: str | None = None
    level: int = 0

    def path(self, dotted: str) -> n.Expr:
        first, _, rest = dotted.partition(".")
        if self.variable:
            return path(n.Name(self.variable), dotted)
        found = n.Up(self.level, first) if self.level else n.Name(first)
        return path(found, rest) if rest else found


def path(base: n.Expr, dotted: str) -> n.Expr:
    for name in dotted.split("."):
        base = n.Field(base, name)
    return base


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

    def below(self) -> Self:
        return replace(self, depth=self.depth - 1)

    def inside(self, kind: str) -> Self:
        """Return the scope of the condition of a filter."""
        outer = [
            f if f.variable else replace(f, level=f.level + 1) for f in self.seen(kind)
        ]
        return replace(self.below(), frames=(*outer, Frame(kind)))

    def knowing(self, kind: str, variable: str) -> Self:
        return replace(self.below(), frames=(*self.seen(kind), Frame(kind, variable)))

    def seen(self, kind: str) -> list[Frame]:
        """Return what a condition on a *kind* can see: of an event no items of outer lists."""
        return [f for f in self.frames if kind != "event" or f.kind == "profile"]

    def has(self, kind: str) -> bool:
        return any(FIELDS[frame.kind].get(kind) for frame in self.frames)

    def field(self, kind: str) -> n.Expr:
        """Draw a path to a value of type *kind*, mostly from the innermost frame."""
        frames = [f for f in reversed(self.frames) if FIELDS[f.kind].get(kind)]
        frame = self.pick([frames[0], *frames])
        return frame.path(self.pick(FIELDS[frame.kind][kind]))

    @property
    def sees_events(self) -> bool:
        return all(frame.kind in ("profile", "address") for frame in self.frames)
