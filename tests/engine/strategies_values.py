"""Values an expression is made of: numbers, texts, flags, and lists of them."""

from __future__ import annotations

from dataclasses import replace

from segtoolkit.pql import nodes as n
from tests.engine.population import (
    EVENT_TYPES,
    FRACTIONS,
    KINDS,
    TEXTS,
    WHOLES,
)
from tests.engine.strategies_scope import Frame
from tests.engine.strategies_times import Times, null

GROUPS = [("(a)(b)", 2), ("^(.)", 1), ("([A-Z])", 1), ("a(.*)", 1), ("(a)(b)", 0)]


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
                lambda: n.Call("count", (pen.flags(),)),
                null,
            ),
        )

    def of_numbers(self) -> n.Expr:
        averages = [] if self.is_exact else ["average"]
        name = self.pick(["sum", "min", "max", "head", *averages])
        nothing = [lambda: n.ListLiteral(()), null]
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
                lambda: pen.least("text"),
                null,
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
        values = [lambda: self.pick(known)] * 6 + [lambda: self.field("text"), null]
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
        values = [self.number_literal] * 6 + [lambda: self.field("number"), null]
        return n.ListLiteral(tuple(self.pick(values)() for _ in range(self.pick([1, 2]))))

    def flags(self) -> n.Expr:
        """Draw a list of booleans."""
        flag = self.field("truth")
        literal = n.ListLiteral((flag, n.Literal(self.pick([True, False, None]))))
        pen = self.below()
        return self.any_of(
            lambda: literal,
            deeper=(
                lambda: n.Call("distinct", (pen.flags(),)),
                lambda: n.Filter(pen.flags(), n.This()),
                lambda: pen.mapped(Values.flag),
                lambda: pen.values_along("truth"),
            ),
        )

    def flag(self) -> n.Expr:
        return self.field("truth")
