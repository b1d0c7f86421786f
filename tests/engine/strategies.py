"""Hypothesis strategies: expressions about the population, nearly all of which can be evaluated.

They are drawn by type and by what is in scope. What aggregates add up has few binary digits, so
that sums do not depend on their order. Left out are groups of a regular expression that take no
part in the match, about which engine and oracle are known to differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Self

from hypothesis import strategies as st

from segtoolkit.pql import nodes as n
from tests.engine.strategies_scope import Frame, path
from tests.engine.strategies_sequences import Sequences, selection
from tests.engine.strategies_times import COMPARISONS, EVENTS

PATTERNS = ["%", "_", "a%", "%b", "a_b", "%\\%", "", "%ß%", "__", "A%"]
REGEXES = [
    *("a", "^a", "b$", "^[aA].?$", "(?i)^AB$", "a.b"),
    *("^$", '"', "\\\\", "^.{2}$", "\\w+b"),
]
CASED = ["A", "AB", "ss", "É", "é", "I", "i", "ς", "GOLD"]
ALONG_EVENTS = {
    "texts": ["eventType", "page", "labels", "items.sku"],
    "numbers": ["commerce.order.priceTotal", "commerce.order.quantity", "items.n"],
    "moments": ["timestamp", "due"],
}
TEXT_TESTS = [
    *("equals", "contains", "startsWith", "endsWith"),
    *("notEqualTo", "doesNotContain", "doesNotStartWith", "doesNotEndWith"),
]


class Pen(Sequences):
    """Draws what is true or false."""

    def truth(self) -> n.Expr:
        pen = self.below()
        return self.any_of(
            self.number_test,
            self.text_test,
            self.text_test,
            self.occurs,
            self.occurs,
            self.is_among_dates,
            self.null_test,
            self.list_test,
            self.defined,
            deeper=(
                lambda: n.Call("not", (pen.truth(),)),
                pen.joined,
                pen.joined,
                pen.along,
                self.quantified,
                self.quantified,
                self.sized,
                self.sized,
                self.objects_test,
                self.let,
                *([self.chained, self.chained] if self.is_outside else []),
                self.followed,
                self.not_followed,
                lambda: n.Call("if", (pen.truth(), pen.claim(), pen.claim())),
            ),
        )

    def along(self) -> n.Expr:
        """Draw a claim about the values along a path through a list: true if it is of some."""
        kind = self.pick(["texts", "numbers", "moments"])
        found = self.path_along(kind)
        tests = {
            "texts": [self.found_in, self.patterned_in, self.in_texts, self.compared_to],
            "numbers": [self.compared_in, self.in_numbers],
            "moments": [lambda found: self.relation(found, fixed=False)],
        }
        return self.pick([*tests[kind], self.defined_in])(found)

    def path_along(self, kind: str) -> n.Expr:
        paths = [lambda: self.field(f"{kind} along")] if self.has(f"{kind} along") else []
        base = self.narrowed(EVENTS, "event")
        paths.append(lambda: path(base, self.pick(ALONG_EVENTS[kind])))
        return self.pick(paths)()

    def found_in(self, found: n.Expr) -> n.Expr:
        name = self.pick([*TEXT_TESTS, "=", "!=", "<"])
        return n.Call(name, (found, self.pick([self.leaf(), self]).text()))

    def leaf(self) -> Self:
        return replace(self, depth=0)

    def patterned_in(self, found: n.Expr) -> n.Expr:
        return n.Call("like", (found, n.Literal(self.pick(PATTERNS))))

    def compared_to(self, found: n.Expr) -> n.Expr:
        return self.string_compared(found)

    def compared_in(self, found: n.Expr) -> n.Expr:
        return n.Call(self.pick(COMPARISONS), (found, self.leaf().number()))

    def in_texts(self, found: n.Expr) -> n.Expr:
        name, item = self.pick(["in", "notIn"]), self.leaf().text()
        known = n.Call(name, (found, self.list_literal()))
        return self.pick([known, n.Call("in", (item, found))])

    def in_numbers(self, found: n.Expr) -> n.Expr:
        return n.Call(self.pick(["in", "notIn"]), (found, self.numbers()))

    def defined_in(self, found: n.Expr) -> n.Expr:
        test = n.Call("if", (found, n.Literal(1), n.Literal(2)))
        if self.pick([0, 0, 0, 1]):
            return n.Call("=", (test, n.Literal(1)))
        return n.Call(self.pick(["not", "isNull", "isNotNull"]), (found,))

    def quantified(self) -> n.Expr:
        name = self.pick(["method", "defined", "exists", "forall", "none", "one", "words"])
        if name == "words":
            return self.of_words()
        if name in ("method", "defined"):
            things, item = self.things()
            if name == "defined":
                return things
            return n.Call("exists", (things, self.about(item, Pen.truth)))
        count = self.pick([1, 1, 2, 2, 3] if self.is_outside else [1, 1, 2])
        found = self.several(count, always=name == "forall")
        return selection(name, tuple(declared for declared, _ in found))

    def of_words(self) -> n.Expr:
        """Draw a claim about the texts of a list, or about those of two."""
        pen, found = self, []
        for name in [f"W{self.depth}", f"X{self.depth}"][: self.pick([1, 1, 2])]:
            base = pen.leaf().texts()
            pen = replace(pen.knowing(Frame("word", name)), depth=max(0, pen.depth - 1))
            found.append(n.Declaration(name, base, pen.truth()))
        kind = self.pick(["select", "exists", "forall", "none", "one"])
        return selection(kind, tuple(found))

    def let(self) -> n.Expr:
        """Draw a claim about a list that has a name."""
        base, item = self.below().part()
        ((_, kind),) = item
        name = f"L{self.depth}"
        return n.Let(name, base, self.knowing(Frame(f"{kind}s", name)).truth())

    def objects_test(self) -> n.Expr:
        pen = self.below()
        if self.flip():
            test = self.pick(["isNull", "isNotNull", "not"])
            return n.Call(test, (self.pick([pen.made, pen.somebody])(),))
        if self.flip():
            return self.in_list(pen.somebody(), pen.things()[0])
        equal = self.pick(["=", "!="])
        two = [pen.two_objects, pen.two_items, lambda: (pen.made(), pen.made())]
        return n.Call(equal, self.pick(two)())

    def somebody(self) -> n.Expr:
        things, _ = self.things()
        return n.Call("head", (things,))

    def two_objects(self) -> tuple[n.Expr, n.Expr]:
        """Draw two objects of one type."""
        frames = [f for f in self.frames if f.kind in ("profile", "event")]
        frame = self.pick(frames)
        dotted = {"profile": "person.name", "event": "commerce.order"}[frame.kind]
        return frame.path(dotted), frame.path(dotted)

    def two_items(self) -> tuple[n.Expr, n.Expr]:
        """Draw two items of one list."""
        base, item = self.stored()
        ((_, kind),) = item
        return tuple(n.Call("head", (self.narrowed(base, kind),)) for _ in range(2))

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
        return self.any_of(
            self.compared,
            self.found,
            self.patterned,
            self.flagged,
            lambda: self.string_compared(self.text()),
        )

    def compared(self) -> n.Expr:
        return n.Call(self.pick(COMPARISONS), (self.text(), self.text()))

    def found(self) -> n.Expr:
        name, switch = self.pick(TEXT_TESTS), self.pick([None, True, False, False])
        if switch is None:
            return n.Call(name, (self.text(), self.text()))
        other = n.Literal(self.pick(CASED)) if self.flip() else self.text()
        return n.Call(name, (self.text(), other, n.Literal(switch)))

    def string_compared(self, text: n.Expr) -> n.Expr:
        cased = n.ListLiteral(tuple(n.Literal(self.pick(CASED)) for _ in range(2)))
        others = self.pick([lambda: cased, self.texts, self.text])()
        switch = self.pick([(), (True,), (False,), (False,)])
        name = n.Literal(self.pick(TEXT_TESTS))
        return n.Call("stringCompare", (name, text, others, *map(n.Literal, switch)))

    def patterned(self) -> n.Expr:
        name, patterns = self.pick([("like", PATTERNS), ("matches", REGEXES)])
        return n.Call(name, (self.text(), n.Literal(self.pick(patterns))))

    def flagged(self) -> n.Expr:
        literal = n.Literal(self.pick([True, False, "true", "false"]))
        other = self.pick([literal, literal, self.flag(), self.number_test()])
        return n.Call(self.pick(["=", "!="]), (self.flag(), other))

    def null_test(self) -> n.Expr:
        return n.Call(self.pick(["isNull", "isNotNull"]), (self.anything(),))

    def defined(self) -> n.Expr:
        return self.anything()

    def anything(self) -> n.Expr:
        kinds = ["text", "number", "truth", "moment", "object"]
        some: list[Callable[[], n.Expr]] = [
            lambda: self.field(self.pick(kinds)),
            self.texts,
        ]
        return self.any_of(
            *some,
            self.from_map,
            deeper=[
                self.number,
                self.text,
                self.numbers,
                self.moments,
                self.flags,
                lambda: self.things()[0],
                lambda: self.grouped()[0],
            ],
        )

    def from_map(self) -> n.Expr:
        if not self.is_outside:
            return self.text()
        namespaces = n.Call("get", (n.Name("segmentMembership"), n.Literal("ups")))
        segment = n.Call("get", (namespaces, n.Literal(self.pick(["s1", "s2", "s3"]))))
        ids = n.Call("get", (n.Name("identityMap"), n.Literal(self.pick(["CRMID", "x"]))))
        records = n.Call("map", (namespaces, n.Name("status")))
        statuses = n.Field(n.Call("values", (namespaces,)), "status")
        found = [namespaces, segment, n.Field(segment, "status"), ids, records, statuses]
        return self.pick(found)

    def list_test(self) -> n.Expr:
        members = [self.text_in_list, self.number_in_list]
        member = self.any_of(
            *members, deeper=[*members, self.time_in_list, self.flag_in_list]
        )
        name = self.pick(["intersects", "subsetOf", "supersetOf", "=", "!="])
        lists = self.pick([Pen.texts, Pen.texts, Pen.texts, Pen.numbers, Pen.moments])
        sets = n.Call(name, (lists(self), lists(self)))
        return self.pick([member, member, sets])

    def text_in_list(self) -> n.Expr:
        return self.in_list(self.text(), self.texts())

    def number_in_list(self) -> n.Expr:
        return self.in_list(self.below().number(), self.numbers())

    def time_in_list(self) -> n.Expr:
        return self.in_list(self.below().moment(), self.below().moments())

    def flag_in_list(self) -> n.Expr:
        return self.in_list(self.flag(), self.flags())

    def in_list(self, item: n.Expr, items: n.Expr) -> n.Expr:
        name = self.pick(["in", "notIn", "includes"])
        return n.Call(name, (items, item) if name == "includes" else (item, items))

    def long(self) -> n.Expr:
        """Draw hundreds of terms in a row, as of lists of leads, some of them claims."""
        text = self.field("text")
        terms = [
            n.Call("=", (text, n.Literal(f"{self.pick(TEXT_TESTS)}-{i}")))
            for i in range(self.pick([60, 300]))
        ]
        terms[self.pick([0, 30, 59])] = self.leaf().truth()
        return n.Call(self.pick(["or", "or", "and"]), tuple(terms))

    def deep(self) -> n.Expr:
        """Draw dozens of levels, each with a claim of its own."""
        found = self.leaf().truth()
        claims = [self.leaf().truth() for _ in range(3)]
        for level in range(self.pick([20, 60])):
            name = ("and", "or", "not")[level % 3]
            found = n.Call(name, (found,) if name == "not" else (found, claims[level % 3]))
        return found


@st.composite
def expressions(draw):
    """Draw an expression that is true or false of a profile."""
    pen = Pen(draw)
    return pen.pick([pen.truth] * 48 + [pen.long, pen.deep])()
