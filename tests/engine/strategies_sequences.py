"""Sequences of events: chains, and the variables that said the same before there were any."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import strategies as st

from segtoolkit.pql import nodes as n
from tests.engine.population import EVENT_TYPES, UNITS
from tests.engine.strategies_scope import Frame
from tests.engine.strategies_things import Things
from tests.engine.strategies_times import COMPARISONS, EVENTS

EVENT_PAIRS = [EVENT_TYPES[:2], EVENT_TYPES[1:]]


class Sequences(Things):
    """Draws what happened one after another."""

    def chained(self) -> n.Expr:
        count = self.pick([None, None, (self.pick(COMPARISONS), self.pick([0, 1, 2, 3]))])
        element = self.element(0, count, negated=self.flip())
        return self.pick([lambda: self.chain(element), self.sequence])()

    def chain(self, *elements: n.Element) -> n.Expr:
        base = EVENTS
        if self.pick([0, 0, 0, 1]):
            kinds = n.ListLiteral(tuple(map(n.Literal, self.pick(EVENT_PAIRS))))
            base = n.Filter(EVENTS, n.Call("in", (n.Name("eventType"), kinds)))
        return n.Chain(base, n.Name("timestamp"), elements)

    def element(
        self, number: int, count: tuple[str, int] | None, *, negated: bool
    ) -> n.Element:
        pen = self.inside(Frame("event"))
        pen = replace(pen, depth=min(pen.depth, 1))
        when = self.when() if self.pick([1, 0, 0]) else None
        kind = is_of_type(n.Name("eventType"), self.pick(EVENT_TYPES))
        what = self.pick([lambda: None if when else kind, lambda: kind, pen.truth])()
        return n.Element(f"C{number}", negated, what, when, count)

    def sequence(self) -> n.Expr:
        """Draw a chain of two or three elements, of which neighbours may be at a distance."""
        signs = self.pick(["++", "++", "+-", "-+", "+++", "+-+", "++-", "-++"])
        counts = [None, None, None, (">=", 2), (">", 1)]
        elements = [
            self.element(i, None if sign == "-" else self.pick(counts), negated=sign == "-")
            for i, sign in enumerate(signs)
        ]
        if signs != "+-+" and signs[0] == "+":
            place = self.pick([0, 0, -1]) if "-" not in signs else 0
            elements[place] = replace(elements[place], gap=self.gap())
        return self.chain(*elements)

    def gap(self) -> tuple[n.Distance, ...]:
        duration = n.Duration(n.Literal(self.pick([1, 2, 30])), self.pick(UNITS[:8]))
        least = n.Distance(self.pick([">", ">="]), duration)
        most = n.Distance(self.pick(["<", "<="]), duration)
        return self.pick([(), (least,), (most,)])

    def when(self) -> n.Expr:
        first = self.relation(None, fixed=True)
        return self.pick(
            [
                lambda: first,
                lambda: n.Call("not", (first,)),
                lambda: n.Call("or", (first, self.relation(None, fixed=True))),
                lambda: n.Call("and", (first, self.relation(None, fixed=True))),
            ]
        )()

    def followed(self) -> n.Expr:
        """Draw what the builder wrote: all conditions at the last of the variables."""
        names = ["E1", "E2", "E3"][: self.pick([2, 2, 3] if self.is_outside else [2])]
        pairs = list(pairwise(names))
        claims = [self.claim_about(name) for name in names]
        claims += [self.follows(timestamp(later), timestamp(one)) for one, later in pairs]
        *others, last = [n.Declaration(name, EVENTS) for name in names]
        where = n.Call("and", tuple(self.draw(st.permutations(claims))))
        declarations = (*others, replace(last, where=where))
        kinds = ["select", "select", "exists", "none", "one"]
        return selection(self.pick(kinds), declarations)

    def not_followed(self) -> n.Expr:
        """Draw that after, or before, an event there is none of another kind."""
        inner = n.Declaration(
            "E2",
            EVENTS,
            n.Call(
                "and",
                (
                    self.follows(timestamp("E2"), timestamp("E1")),
                    self.claim_about("E2"),
                ),
            ),
        )
        absent = n.Call("not", (selection(self.pick(["select", "exists"]), (inner,)),))
        where = n.Call("and", (self.claim_about("E1"), absent))
        return selection("select", (n.Declaration("E1", EVENTS, where),))

    def claim_about(self, name: str) -> n.Expr:
        if self.pick([1, 1, 0]):
            return is_of_type(n.Field(n.Name(name), "eventType"), self.pick(EVENT_TYPES))
        return replace(self.knowing(Frame("event", name)), depth=0).truth()


def is_of_type(event_type: n.Expr, name: str) -> n.Expr:
    return n.Call("=", (event_type, n.Literal(name)))


def timestamp(name: str) -> n.Expr:
    return n.Field(n.Name(name), "timestamp")


def selection(kind: str, declarations: tuple[n.Declaration, ...]) -> n.Expr:
    if kind == "select":
        return n.Select(declarations)
    return n.Quantifier(kind, declarations)
