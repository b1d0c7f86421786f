"""Times an expression is made of: moments, stretches, what is said about the one with the other."""

from __future__ import annotations

from segtoolkit.pql import nodes as n
from tests.engine.population import UNITS
from tests.engine.strategies_scope import Frame, Scope

COMPARISONS = ["=", "!=", "<", "<=", ">", ">="]
DATES = [(2024, 2, 29), (2023, 12, 31), (2024, 4, 1), (2024, 3, 31)]
NOW, NULL = n.TimeWord("now"), n.Literal(None)
EVENTS = n.Name("xEvent")


class Times(Scope):
    """Draws moments, stretches of time, and what is said about the one with the other."""

    def dated(self) -> n.Expr:
        return self.moment() if self.pick([1, 1, 0]) else self.span()

    def moment(self) -> n.Expr:
        fields = [lambda: self.field("moment")] * 3
        pen = self.below()
        deeper = [
            self.latest,
            lambda: self.headed("moment"),
            lambda: n.Field(pen.made(), "m"),
            lambda: n.Call(self.pick(["head", "min", "max"]), (pen.moments(),)),
            lambda: n.Call("if", (pen.truth(), pen.moment(), pen.moment())),
        ]
        return self.any_of(*fields, deeper=deeper)

    def moments(self) -> n.Expr:
        """Draw a list of moments."""
        pen = self.below()
        return self.any_of(
            lambda: n.ListLiteral((self.field("moment"), self.pick([self.moment, null])())),
            deeper=(
                lambda: n.Call("distinct", (pen.moments(),)),
                lambda: n.Filter(pen.moments(), self.inside(Frame("moment")).truth()),
                lambda: pen.mapped(Times.moment),
                lambda: pen.mapped(Times.moment),
                lambda: pen.values_along("moment"),
            ),
        )

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

    def other_date(self) -> n.Expr:
        """Draw a day that fields say, if the calendar has it."""
        year, month = (n.Call(part, (self.moment(),)) for part in ("getYear", "getMonth"))
        return n.Call("date", (year, month, n.Literal(self.pick([1, 29, 31]))))

    def occurs(self) -> n.Expr:
        moment = self.moment()
        if self.pick([1, 1, 1, 0]):
            return self.relation(moment, fixed=False)
        dates = [self.moment, self.date, lambda: n.Literal("2024-02-29"), lambda: NOW]
        return n.Call(self.pick(COMPARISONS), (moment, self.pick(dates)()))

    def date(self) -> n.Expr:
        dates = [self.fixed_date, self.fixed_date, self.other_date]
        return self.pick([*dates, lambda: n.TimeWord("today")])()

    def is_among_dates(self) -> n.Expr:
        times = [self.date, self.date, self.moment, null]
        days = n.ListLiteral(tuple(self.pick(times)() for _ in range(self.pick([1, 2, 3]))))
        name = self.pick(["in", "notIn", "includes"])
        operands = (self.moment(), days)
        return n.Call(name, operands[::-1] if name == "includes" else operands)

    def relation(self, moment: n.Expr | None, *, fixed: bool) -> n.Expr:
        """Draw what *moment* is said to be; *fixed* keeps fields out of it."""
        known = [self.span] * 5
        time = (
            self.span
            if fixed
            else self.pick([*known, self.moment, self.moment, self.other_date])
        )
        relation = self.pick(["before", "after", "before", "after", "on", "between"])
        if relation == "between":
            return n.Occurs(moment, relation, n.TimeRange(time(), time()))
        distance = self.distance(fixed=fixed) if relation != "on" else None
        return n.Occurs(moment, relation, time(), distance)

    def distance(self, *, fixed: bool) -> n.Distance | None:
        if self.pick([1, 1, 1, 0]) == 0:
            return None
        unit = self.pick(UNITS)
        if not fixed and unit != "century" and self.pick([0, 0, 0, 0, 1]):
            count = self.field("small")
            return n.Distance(self.pick(COMPARISONS), n.Duration(count, unit))
        count: n.Expr = n.Literal(
            self.pick([1, 2, 0, 3] if unit == "century" else [1, 2, 0, 3, 30])
        )
        return n.Distance(self.pick(COMPARISONS), n.Duration(count, unit))


def null() -> n.Expr:
    return NULL
