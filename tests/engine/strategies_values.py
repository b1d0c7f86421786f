"""Values an expression is made of: numbers, texts, lists of them, moments and stretches of time."""

from __future__ import annotations

from hypothesis import strategies as st

from segtoolkit.pql import nodes as n
from tests.engine.population import (
    EVENT_TYPES,
    FRACTIONS,
    KINDS,
    TEXTS,
    UNITS,
    WHOLES,
)
from tests.engine.strategies_scope import Scope

COMPARISONS = ["=", "!=", "<", "<=", ">", ">="]
GROUPS = [("(a)(b)", 2), ("^(.)", 1), ("([A-Z])", 1), ("a(.*)", 1), ("(a)(b)", 0)]
DATES = [(2024, 2, 29), (2023, 12, 31), (2024, 4, 1), (2024, 3, 31)]
NOW = n.TimeWord("now")


class Times(Scope):
    """Draws moments, stretches of time, and what is said about the one with the other."""

    def dated(self) -> n.Expr:
        return self.moment() if self.has("moment") and self.pick([1, 1, 0]) else self.span()

    def moment(self) -> n.Expr:
        fields = [lambda: self.field("moment")] * 3
        return self.any_of(*fields, deeper=[self.latest] if self.sees_events else [])

    def latest(self) -> n.Expr:
        base, name = self.narrowed(n.Name("xEvent"), "event"), self.pick(["min", "max"])
        return n.Call(name, (base, n.Name(self.pick(["timestamp", "due"]))))

    def span(self) -> n.Expr:
        word = self.pick(["now", "today", "yesterday", "tomorrow"])
        unit = self.pick([*UNITS, "millennium"])
        date = n.Call("date", tuple(map(n.Literal, self.pick(DATES))))
        relation = self.pick(["this", "last", "next"])
        word = n.TimeWord(word)
        return self.pick([word, word, n.CalendarUnit(relation, unit), date])

    def occurs(self) -> n.Expr:
        if not self.has("moment"):
            return self.number_test()
        moment = self.moment()
        if self.pick([1, 1, 1, 0]):
            return self.relation(moment, fixed=False)
        dates = [self.moment, self.date, lambda: n.Literal("2024-02-29"), lambda: NOW]
        return n.Call(self.pick(COMPARISONS), (moment, self.pick(dates)()))

    def date(self) -> n.Expr:
        found = self.span()
        return found if isinstance(found, n.Call) else n.TimeWord("today")

    def relation(self, moment: n.Expr | None, *, fixed: bool) -> n.Expr:
        """Draw what *moment* is said to be; *fixed* keeps fields out of it."""
        time = self.span if fixed else self.pick([self.span, self.span, self.moment])
        relation = self.pick(["before", "after", "before", "after", "on", "between"])
        if relation == "between":
            return n.Occurs(moment, relation, n.TimeRange(time(), time()))
        distance = self.distance(fixed=fixed) if relation != "on" else None
        return n.Occurs(moment, relation, time(), distance)

    def distance(self, *, fixed: bool) -> n.Distance | None:
        if self.pick([1, 1, 1, 0]) == 0:
            return None
        unit = self.pick(UNITS)
        count: n.Expr = n.Literal(
            self.pick([1, 2, 0, 3] if unit == "century" else [1, 2, 0, 3, 30])
        )
        return n.Distance(self.pick(COMPARISONS), n.Duration(count, unit))


class Values(Times):
    """Draws numbers, texts, and lists of them."""

    def number(self) -> n.Expr:
        pen = self.below()
        operators = ["+", "-", "*", "%"] + ([] if self.is_exact else ["/"])
        return self.any_of(
            lambda: self.field("number"),
            self.number_literal,
            lambda: self.field("number"),
            deeper=(
                lambda: n.Call(self.pick(operators), (pen.number(), pen.number())),
                lambda: n.Call("negate", (pen.number(),)),
                lambda: n.Call("if", (pen.truth(), pen.number(), pen.number())),
                lambda: n.Call("count", (pen.texts(),)),
                lambda: n.Call(
                    self.pick(["getMonth", "getYear", "getDayOfMonth"]), (pen.dated(),)
                ),
                lambda: n.Call(self.pick(["currentMonth", "currentDayOfMonth"]), ()),
                lambda: n.Let("X", pen.number(), n.Call("+", (n.Name("X"), pen.number()))),
                pen.aggregate,
                pen.of_marks,
            ),
        )

    def of_marks(self) -> n.Expr:
        averages = [] if self.is_exact else ["average"]
        name = self.pick(["sum", "min", "max", "head", *averages])
        return n.Call(name, (self.numbers(),))

    def number_literal(self) -> n.Expr:
        return n.Literal(self.pick([*WHOLES, *FRACTIONS]))

    def text(self) -> n.Expr:
        pen = self.below()
        regex, group = self.pick(GROUPS)
        return self.any_of(
            lambda: self.field("text"),
            self.text_literal,
            lambda: self.field("text"),
            deeper=(
                lambda: n.Call(
                    "regexGroup", (pen.text(), n.Literal(regex), n.Literal(group))
                ),
                lambda: n.Call("head", (pen.in_order(),)),
                lambda: n.Call("if", (pen.truth(), pen.text(), pen.text())),
            ),
        )

    def text_literal(self) -> n.Expr:
        return n.Literal(self.pick([*TEXTS, *KINDS, *EVENT_TYPES, "gold"]))

    def texts(self) -> n.Expr:
        known = [lambda: self.field("texts")] * 2 if self.has("texts") else []
        pen = self.below()
        return self.any_of(
            self.list_literal,
            *known,
            deeper=(
                lambda: n.Call("distinct", (pen.texts(),)),
                lambda: n.Call("intersection", (pen.texts(), pen.texts())),
                lambda: n.Filter(pen.texts(), pen.this_test("text")),
            ),
        )

    def in_order(self) -> n.Expr:
        """Draw a list of texts that has an order, as what ``distinct`` returns has not."""
        base = self.field("texts") if self.has("texts") else self.list_literal()
        return self.pick([base, n.Filter(base, self.this_test("text"))])

    def list_literal(self) -> n.Expr:
        texts = [self.pick(TEXTS[:8]) for _ in range(self.pick([1, 2, 3, 0]))]
        return n.ListLiteral(tuple(map(n.Literal, texts)))

    def numbers(self) -> n.Expr:
        if self.has("numbers") and self.draw(st.booleans()):
            marks = self.field("numbers")
            return self.pick([marks, n.Filter(marks, self.this_test("number"))])
        count = self.pick([1, 2])
        return n.ListLiteral(tuple(self.number_literal() for _ in range(count)))

    def this_test(self, kind: str) -> n.Expr:
        literal = self.number_literal() if kind == "number" else self.text_literal()
        return n.Call(self.pick(COMPARISONS), (n.This(), literal))
