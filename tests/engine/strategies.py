"""Hypothesis strategies: expressions about the population, nearly all of which can be evaluated.

They are drawn by type and by what is in scope. What aggregates add up has few binary digits, so
that sums do not depend on their order. Left out is what engine and oracle are known to differ on:
``x notIn []`` for a null *x*, aggregates of the literal ``[]``, the order of ``distinct`` and
``intersection``, ``isNull`` and the test of an ``if`` on a path through a list, groups of a regular
expression that take no part in the match, and sequences compared with such a path.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Self

from hypothesis import strategies as st

from segtoolkit.pql import nodes as n
from tests.engine.population import EVENT_TYPES, UNITS
from tests.engine.strategies_scope import Frame, path
from tests.engine.strategies_values import COMPARISONS, Values

PATTERNS = ["%", "_", "a%", "%b", "a_b", "%\\%", "", "%ß%", "__", "A%"]
REGEXES = [
    *("a", "^a", "b$", "^[aA].?$", "(?i)^AB$", "a.b"),
    *("^$", '"', "\\\\", "^.{2}$", "\\w+b"),
]
CASED = ["A", "AB", "ss", "É", "é", "I", "i", "ς", "GOLD"]
EVENTS = n.Name("xEvent")
ALONG_EVENTS = {
    "texts": ["eventType", "page", "labels", "items.sku"],
    "numbers": ["commerce.order.priceTotal", "commerce.order.quantity", "items.n"],
    "moments": ["timestamp", "due"],
}


class Things(Values):
    """Draws lists of objects and events, what is counted and summed of them, and sequences."""

    def things(self) -> tuple[n.Expr, str]:
        """Draw a list of objects or events, and say what they are."""
        kinds = [kind for kind in ("address", "item") if self.has(kind)]
        if self.sees_events:
            kinds += ["event", "event"]
        if not kinds:
            return self.texts(), "text"
        kind = self.pick(kinds)
        base = EVENTS if kind == "event" else self.field(kind)
        return self.narrowed(base, kind), kind

    def narrowed(self, base: n.Expr, kind: str) -> n.Expr:
        if self.depth <= 0:
            return base
        return self.pick(
            [
                lambda: base,
                lambda: n.Filter(base, self.condition(kind)),
                lambda: n.Call("filter", (base, self.condition(kind))),
                lambda: n.Select((self.declared(base, kind),)),
            ]
        )()

    def condition(self, kind: str) -> n.Expr:
        """Draw what is true or false of an item, mostly without a name for it."""
        pen, variable = self.inside(kind), f"V{self.depth}"
        if self.pick([1, 1, 1, 0]):
            return pen.truth()
        frames = (*pen.frames[:-1], Frame(kind, variable))
        return n.Lambda((variable,), replace(pen, frames=frames).truth())

    def declared(self, base: n.Expr, kind: str, *, always: bool = False) -> n.Declaration:
        name = f"V{self.depth}"
        is_bare = not always and self.draw(st.booleans())
        where = None if is_bare else self.knowing(kind, name).truth()
        return n.Declaration(name, base, where)

    def quantified(self) -> n.Expr:
        things, kind = self.things()
        if kind == "text":
            return self.pick([things, n.Call("exists", (things, self.this_test("text")))])
        name = self.pick(["method", "exists", "forall", "none", "one"])
        if name == "method":
            return n.Call("exists", (things, self.condition(kind)))
        declared = self.declared(things, kind, always=name == "forall")
        return n.Quantifier(name, (declared,))

    def sized(self) -> n.Expr:
        return n.Call(self.pick(COMPARISONS), (self.aggregate(), self.number_literal()))

    def aggregate(self) -> n.Expr:
        things, kind = self.things()
        if kind == "text" or self.draw(st.booleans()):
            return n.Call("count", (things,))
        name = self.pick(["sum", "max", "min"] + ([] if self.is_exact else ["average"]))
        if self.draw(st.booleans()):
            return n.Call(
                name, (things, replace(self.inside(kind), is_exact=True).number())
            )
        declared = self.declared(things, kind)
        pen = replace(self.knowing(kind, declared.name), is_exact=True)
        return n.Aggregation(name, pen.number(), (declared,))

    def chained(self) -> n.Expr:
        count = self.pick([None, None, (self.pick(COMPARISONS), self.pick([0, 1, 2, 3]))])
        element = self.element(0, count, negated=self.draw(st.booleans()))
        return self.pick([lambda: self.chain(element), self.sequence])()

    def chain(self, *elements: n.Element) -> n.Expr:
        return n.Chain(EVENTS, n.Name("timestamp"), elements)

    def element(
        self, number: int, count: tuple[str, int] | None, *, negated: bool
    ) -> n.Element:
        pen = replace(self.inside("event"), depth=min(self.depth - 1, 1))
        when = self.when() if self.pick([1, 0, 0]) else None
        kind = n.Call("=", (n.Name("eventType"), n.Literal(self.pick(EVENT_TYPES))))
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
            elements[0] = replace(elements[0], gap=self.gap())
        return self.chain(*elements)

    def gap(self) -> tuple[n.Distance, ...]:
        duration = n.Duration(n.Literal(self.pick([1, 2, 30])), self.pick(UNITS[:6]))
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


class Pen(Things):
    """Draws what is true or false."""

    def truth(self) -> n.Expr:
        pen = self.below()
        return self.any_of(
            self.number_test,
            self.text_test,
            self.text_test,
            self.occurs,
            self.occurs,
            self.null_test,
            self.list_test,
            self.defined,
            deeper=(
                lambda: n.Call("not", (pen.truth(),)),
                pen.joined,
                pen.joined,
                *([pen.along] if any(map(self.goes_along, ("texts", "numbers"))) else []),
                self.quantified,
                self.quantified,
                self.sized,
                self.sized,
                *([self.chained, self.chained] if self.sees_events else []),
                lambda: n.Call("if", (pen.truth(), pen.claim(), pen.claim())),
            ),
        )

    def along(self) -> n.Expr:
        """Draw a claim about the values along a path through a list: true if it is of some."""
        kind = self.pick([k for k in ("texts", "numbers", "moments") if self.goes_along(k)])
        path = self.path_along(kind)
        tests = {
            "texts": [self.found_in, self.patterned_in, self.in_texts, self.defined_in],
            "numbers": [self.compared_in, self.in_numbers, self.defined_in],
            "moments": [lambda path: self.relation(path, fixed=False), self.defined_in],
        }
        return self.pick(tests[kind])(path)

    def goes_along(self, kind: str) -> bool:
        return self.sees_events or self.has(f"{kind} along")

    def path_along(self, kind: str) -> n.Expr:
        paths = [lambda: self.field(f"{kind} along")] if self.has(f"{kind} along") else []
        if self.sees_events:
            base = self.narrowed(EVENTS, "event")
            paths.append(lambda: path(base, self.pick(ALONG_EVENTS[kind])))
        return self.pick(paths)()

    def found_in(self, path: n.Expr) -> n.Expr:
        name = self.pick(
            ["equals", "contains", "notEqualTo", "doesNotContain", "=", "!=", "<"]
        )
        return n.Call(name, (path, self.leaf().text()))

    def leaf(self) -> Self:
        """Return a pen for what has no events in it: see above."""
        return replace(self, depth=0)

    def patterned_in(self, path: n.Expr) -> n.Expr:
        return n.Call("like", (path, n.Literal(self.pick(PATTERNS))))

    def compared_in(self, path: n.Expr) -> n.Expr:
        return n.Call(self.pick(COMPARISONS), (path, self.leaf().number()))

    def in_texts(self, path: n.Expr) -> n.Expr:
        known = n.ListLiteral((self.text_literal(), self.text_literal()))
        name, item = self.pick(["in", "notIn"]), self.leaf().text()
        return self.pick([n.Call(name, (path, known)), n.Call("in", (item, path))])

    def in_numbers(self, path: n.Expr) -> n.Expr:
        return n.Call(self.pick(["in", "notIn"]), (path, self.numbers()))

    def defined_in(self, path: n.Expr) -> n.Expr:
        return n.Call(self.pick(["not", "isNotNull"]), (path,))

    def joined(self) -> n.Expr:
        terms = [self.truth() for _ in range(self.pick([2, 2, 3]))]
        return n.Call(self.pick(["and", "or"]), tuple(terms))

    def claim(self) -> n.Expr:
        """Draw what is a boolean and nothing else."""
        return self.any_of(self.number_test, self.text_test, self.occurs)

    def number_test(self) -> n.Expr:
        pen = self.below()
        return n.Call(self.pick(COMPARISONS), (pen.number(), pen.number()))

    def text_test(self) -> n.Expr:
        return self.any_of(self.compared, self.found, self.patterned, self.flagged)

    def compared(self) -> n.Expr:
        return n.Call(self.pick(COMPARISONS), (self.text(), self.text()))

    def found(self) -> n.Expr:
        name = self.pick(
            [
                *("equals", "contains", "startsWith", "endsWith"),
                *("notEqualTo", "doesNotContain", "doesNotStartWith", "doesNotEndWith"),
            ]
        )
        switch = self.pick([None, True, False, False])
        if switch is None:
            return n.Call(name, (self.text(), self.text()))
        other = n.Literal(self.pick(CASED)) if self.draw(st.booleans()) else self.text()
        return n.Call(name, (self.text(), other, n.Literal(switch)))

    def patterned(self) -> n.Expr:
        name, patterns = self.pick([("like", PATTERNS), ("matches", REGEXES)])
        return n.Call(name, (self.text(), n.Literal(self.pick(patterns))))

    def flagged(self) -> n.Expr:
        if not self.has("truth"):
            return n.Literal(self.draw(st.booleans()))
        literal = n.Literal(self.pick([True, False, "true", "false"]))
        return n.Call(self.pick(["=", "!="]), (self.field("truth"), literal))

    def null_test(self) -> n.Expr:
        return n.Call(self.pick(["isNull", "isNotNull"]), (self.anything(),))

    def defined(self) -> n.Expr:
        return self.anything()

    def anything(self) -> n.Expr:
        kinds = [k for k in ("text", "number", "truth", "moment", "object") if self.has(k)]
        some: list[Callable[[], n.Expr]] = [
            lambda: self.field(self.pick(kinds)),
            self.texts,
        ]
        return self.any_of(
            *some, self.from_map, deeper=[self.number, self.text, lambda: self.things()[0]]
        )

    def from_map(self) -> n.Expr:
        if self.frames != (Frame("profile"),):
            return self.text()
        namespaces = n.Call("get", (n.Name("segmentMembership"), n.Literal("ups")))
        segment = n.Call("get", (namespaces, n.Literal(self.pick(["s1", "s2", "s3"]))))
        ids = n.Call("get", (n.Name("identityMap"), n.Literal(self.pick(["CRMID", "x"]))))
        return self.pick([namespaces, segment, n.Field(segment, "status"), ids])

    def list_test(self) -> n.Expr:
        member = self.any_of(self.text_in_list, self.number_in_list)
        name = self.pick(["intersects", "subsetOf", "supersetOf"])
        sets = n.Call(name, (self.texts(), self.texts()))
        return self.pick([member, member, sets])

    def text_in_list(self) -> n.Expr:
        return self.in_list(self.text(), self.texts())

    def number_in_list(self) -> n.Expr:
        return self.in_list(self.below().number(), self.numbers())

    def in_list(self, item: n.Expr, items: n.Expr) -> n.Expr:
        names = (
            ["in", "includes"]
            if items == n.ListLiteral(())
            else ["in", "notIn", "includes"]
        )
        name = self.pick(names)
        return n.Call(name, (items, item) if name == "includes" else (item, items))


@st.composite
def expressions(draw):
    """Draw an expression that is true or false of a profile."""
    return Pen(draw).truth()
