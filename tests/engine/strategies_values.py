"""Values an expression is made of: numbers, texts, lists of them, moments and stretches of time."""

from __future__ import annotations

from dataclasses import replace

from segtoolkit.pql import nodes as n
from tests.engine.population import (
    EVENT_TYPES,
    FRACTIONS,
    KINDS,
    TEXTS,
    UNITS,
    WHOLES,
)
from tests.engine.strategies_scope import Frame, Scope

COMPARISONS = ["=", "!=", "<", "<=", ">", ">="]
GROUPS = [("(a)(b)", 2), ("^(.)", 1), ("([A-Z])", 1), ("a(.*)", 1), ("(a)(b)", 0)]
DATES = [(2024, 2, 29), (2023, 12, 31), (2024, 4, 1), (2024, 3, 31)]
NOW, NULL = n.TimeWord("now"), n.Literal(None)
EVENTS = n.Name("xEvent")


class Times(Scope):
    """Draws moments, stretches of time, and what is said about the one with the other."""

    def dated(self) -> n.Expr:
        return self.moment() if self.pick([1, 1, 0]) else self.span()

    def moment(self) -> n.Expr:
        fields = [lambda: self.field("moment")] * 3
        return self.any_of(*fields, deeper=[self.latest, lambda: self.headed("moment")])

    def latest(self) -> n.Expr:
        base, name = self.narrowed(EVENTS, "event"), self.pick(["min", "max"])
        return n.Call(name, (base, n.Name(self.pick(["timestamp", "due"]))))

    def span(self) -> n.Expr:
        word = self.pick(["now", "today", "yesterday", "tomorrow"])
        unit = self.pick([*UNITS, "millennium"])
        relation = self.pick(["this", "last", "next"])
        word = n.TimeWord(word)
        return self.pick([word, word, n.CalendarUnit(relation, unit), self.fixed_date()])

    def fixed_date(self) -> n.Expr:
        return n.Call("date", tuple(map(n.Literal, self.pick(DATES))))

    def occurs(self) -> n.Expr:
        moment = self.moment()
        if self.pick([1, 1, 1, 0]):
            return self.relation(moment, fixed=False)
        dates = [self.moment, self.date, lambda: n.Literal("2024-02-29"), lambda: NOW]
        return n.Call(self.pick(COMPARISONS), (moment, self.pick(dates)()))

    def date(self) -> n.Expr:
        return self.pick([self.fixed_date, self.fixed_date, lambda: n.TimeWord("today")])()

    def is_among_dates(self) -> n.Expr:
        times = [self.date, self.date, self.moment, lambda: NULL]
        days = n.ListLiteral(tuple(self.pick(times)() for _ in range(self.pick([1, 2, 3]))))
        name = self.pick(["in", "notIn", "includes"])
        operands = (self.moment(), days)
        return n.Call(name, operands[::-1] if name == "includes" else operands)

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

    def exact(self) -> Values:
        return replace(self, is_exact=True)

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
                lambda: n.Call(
                    self.pick(["getMonth", "getYear", "getDayOfMonth"]), (pen.dated(),)
                ),
                lambda: n.Call(self.pick(["currentMonth", "currentDayOfMonth"]), ()),
                lambda: n.Let("X", pen.number(), n.Call("+", (n.Name("X"), pen.number()))),
                lambda: n.Field(pen.made(), "x"),
                lambda: pen.headed("number"),
                pen.counted,
                pen.aggregate,
                pen.aggregate,
                pen.of_numbers,
                pen.grouped_number,
                lambda: NULL,
            ),
        )

    def of_numbers(self) -> n.Expr:
        averages = [] if self.is_exact else ["average"]
        name = self.pick(["sum", "min", "max", "head", *averages])
        nothing = [lambda: n.ListLiteral(()), lambda: NULL]
        numbers = self.pick([self.exact().numbers] * 8 + nothing)
        return n.Call(name, (numbers(),))

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
                lambda: n.Call("head", (pen.texts(),)),
                lambda: n.Call("if", (pen.truth(), pen.text(), pen.text())),
                lambda: n.Field(pen.made(), "t"),
                lambda: pen.headed("text"),
                lambda: NULL,
            ),
        )

    def text_literal(self) -> n.Expr:
        return n.Literal(self.pick([*TEXTS, *KINDS, *EVENT_TYPES, "gold"]))

    def made(self) -> n.Expr:
        """Draw an object."""
        return n.ObjectLiteral(
            (("t", self.text()), ("x", self.number()), ("m", self.field("moment")))
        )

    def texts(self) -> n.Expr:
        known = [lambda: self.field("texts")] * 2 if self.has("texts") else []
        pen = self.below()
        return self.any_of(
            self.list_literal,
            *known,
            deeper=(
                lambda: n.Call("distinct", (pen.texts(),)),
                lambda: n.Call("intersection", (pen.texts(), pen.texts())),
                lambda: n.Filter(pen.texts(), self.inside(Frame("word")).truth()),
                lambda: n.Call("map", (pen.texts(), self.inside(Frame("word")).text())),
                pen.keys,
                lambda: pen.mapped(Values.text),
                lambda: pen.values_along("text"),
            ),
        )

    def list_literal(self) -> n.Expr:
        known = [n.Literal(text) for text in TEXTS[:8]]
        values = [lambda: self.pick(known)] * 6 + [lambda: self.field("text"), lambda: NULL]
        return n.ListLiteral(
            tuple(self.pick(values)() for _ in range(self.pick([1, 2, 3, 0])))
        )

    def numbers(self) -> n.Expr:
        known = [lambda: self.field("numbers")] * 2 if self.has("numbers") else []
        pen = self.below()
        return self.any_of(
            self.number_list,
            *known,
            deeper=(
                lambda: n.Filter(pen.numbers(), self.inside(Frame("value")).truth()),
                lambda: n.Call("map", (pen.texts(), self.inside(Frame("word")).number())),
                lambda: n.Call("distinct", (pen.numbers(),)),
                lambda: pen.mapped(Values.number),
                lambda: pen.values_along("number"),
                pen.group_numbers,
            ),
        )

    def number_list(self) -> n.Expr:
        values = [self.number_literal] * 6 + [lambda: self.field("number"), lambda: NULL]
        return n.ListLiteral(tuple(self.pick(values)() for _ in range(self.pick([1, 2]))))
