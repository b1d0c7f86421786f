"""Expressions in, the schema that they seem to be written for out.

Every path gets its type from the first operator or literal it meets; one that meets none is a string.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from segtoolkit.pql import nodes as n
from segtoolkit.pql.types import (
    BOOLEAN,
    DOUBLE,
    INTEGER,
    STRING,
    TIME,
    ListOf,
    MapOf,
    Schema,
    Struct,
    Type,
)

COMPARISONS = {"=", "!=", "<", "<=", ">", ">=", "in", "notIn"}
ARITHMETIC = {"+", "-", "*", "/", "%", "negate"}
TIMES = {"getMonth", "getYear", "getDayOfMonth"}
MAPS = {"keys", "values"}
OVER_ITEMS = {"filter", "exists", "map", "groupBy", "topN", "bottomN"}
AGGREGATIONS = {"sum", "average", "min", "max"}
LISTS = {"count", "distinct", "head", "includes", "intersects", "intersection"} | {
    *("subsetOf", "supersetOf")
}
STRINGS = {
    "equals",
    "notEqualTo",
    "contains",
    "doesNotContain",
    "startsWith",
    "endsWith",
} | {
    *(
        "doesNotStartWith",
        "doesNotEndWith",
        "like",
        "matches",
        "regexGroup",
        "stringCompare",
    )
}
LITERALS: Mapping[type, Type] = {str: STRING, bool: BOOLEAN, int: INTEGER, float: DOUBLE}


@dataclass(eq=False)
class Guess:
    """What is known of the value at a path."""

    type: Type | None = None
    fields: dict[str, Guess] = field(default_factory=dict)
    item: Guess | None = None
    value: Guess | None = None

    def at(self, name: str) -> Guess:
        within = self.item or self
        # DuckDB has one field for names that differ in case; the first keeps its place.
        known = {other.lower(): other for other in within.fields}
        if known.get(name.lower(), name) != name:
            return Guess()
        return within.fields.setdefault(name, Guess())

    def of_list(self) -> Guess:
        self.item = self.item or Guess()
        return self.item

    def of_map(self) -> Guess:
        self.value = self.value or Guess()
        return self.value

    def final(self) -> Type:
        if self.item:
            return ListOf(self.item.final())
        if self.value:
            return MapOf(self.value.final())
        if self.fields:
            return self.struct()
        return self.type or STRING

    def struct(self) -> Struct:
        return Struct({name: inner.final() for name, inner in self.fields.items()})


@dataclass(frozen=True)
class Scope:
    items: tuple[Guess, ...]
    variables: Mapping[str, Guess | None]
    events: Guess

    def inside(self, item: Guess) -> Scope:
        return replace(self, items=(*self.items, item))

    def bind(self, name: str, value: Guess | None) -> Scope:
        return replace(self, variables={**self.variables, name: value})

    # -- what an expression says of the paths in it -----------------------------------------

    def look(self, expr: n.Node | None) -> Guess | None:  # noqa: C901, PLR0912  (one case a node)
        """Return the guess for *expr* if it is a path, after looking at all that is in it."""
        match expr:
            case n.Name("xEvent"):
                return self.events
            case n.Name(name):
                known = name in self.variables
                return self.variables[name] if known else self.items[-1].at(name)
            case n.Parameter():
                return self.items[0]
            case n.This():
                return self.items[-1]
            case n.Up(levels, name):
                return self.items[max(0, len(self.items) - 1 - levels)].at(name)
            case n.Field(base, name):
                return self.field(self.look(base), name)
            case n.Filter(base, where):
                return self.over(self.look(base), where)
            case n.Call(name, args):
                return self.call(name, args)
            case n.Let(name, value, body):
                return self.bind(name, self.look(value)).look(body)
            case n.Lambda((name,), body):
                return self.bind(name, self.items[-1]).look(body)
            case n.Occurs(timestamp, _, reference):
                self.settle((timestamp, reference), TIME)
            case n.TimeRange(start, end):
                self.settle((start, end), TIME)
            case n.Select(declarations):
                return self.declare(declarations)[1]
            case n.Quantifier(_, declarations):
                self.declare(declarations)
            case n.Aggregation(_, value, declarations):
                self.declare(declarations)[0].settle((value,), DOUBLE)
            case n.Chain(_, timestamp, elements):
                self.chain(timestamp, elements)
            case _:
                pass
        return None

    def settle(self, exprs: Iterable[n.Node | None], type_: Type | None) -> None:
        for expr in exprs:
            guess = self.look(expr)
            if guess and not guess.type:
                guess.type = type_

    def field(self, base: Guess | None, name: str) -> Guess | None:
        if base is self.items[0] and name == "xEvent":
            return self.events
        return base and base.at(name)

    def over(self, base: Guess | None, body: n.Node) -> Guess | None:
        if base:
            self.inside(base.of_list()).look(body)
        return base

    def declare(self, declarations: Iterable[n.Declaration]) -> tuple[Scope, Guess | None]:
        scope, source = self, None
        for declared in declarations:
            source = scope.look(declared.source)
            scope = scope.bind(declared.name, source and source.of_list())
            scope.look(declared.where)
        return scope, source

    def chain(self, timestamp: n.Node, elements: Iterable[n.Element]) -> None:
        inner = self.inside(self.events.of_list())
        inner.settle((timestamp,), TIME)
        for element in elements:
            inner.look(element.what)
            inner.look(element.when)

    def call(self, name: str, args: tuple[n.Expr, ...]) -> Guess | None:  # noqa: C901
        first, *rest = args or (None,)
        match name:
            case _ if name in COMPARISONS:
                types = [type_ for arg in args if (type_ := told(arg))]
                self.settle(args, types[0] if types else None)
            case _ if name in STRINGS:
                self.settle(args, STRING)
            case _ if name in ARITHMETIC:
                self.settle(args, DOUBLE)
            case _ if name in TIMES:
                self.settle(args, TIME)
            case "get":
                base = self.look(first)
                return base and base.of_map()
            case _ if name in MAPS and (base := self.look(first)):
                base.of_map()
            case _ if name in AGGREGATIONS and (base := self.look(first)):
                self.inside(base.of_list()).settle(rest or (n.This(),), DOUBLE)
            case _ if name in OVER_ITEMS:
                return self.over(self.look(first), rest[0])
            case _ if name in LISTS and (base := self.look(first)):
                base.of_list()
                return base
            case _:
                for arg in args:
                    self.look(arg)
        return None


def told(expr: n.Expr) -> Type | None:
    """Return the type that a path compared with *expr* seems to have."""
    match expr:
        case n.Literal(value):
            return LITERALS.get(type(value))
        case n.ListLiteral((first, *_)):
            return told(first)
        case n.TimeWord() | n.CalendarUnit() | n.Call("date"):
            return TIME
        case n.Call(name) if name in ARITHMETIC | AGGREGATIONS | TIMES | {"count"}:
            return DOUBLE
        case _:
            return None


def infer(exprs: Iterable[n.Expr]) -> Schema:
    """Return a schema with every path of *exprs*; one that contradicts itself fits some of them."""
    profile, event = Guess(), Guess()
    event.at("timestamp").type, event.at("eventType").type = TIME, STRING
    scope = Scope((profile,), {}, Guess(item=event))
    for expr in exprs:
        scope.look(expr)
    return Schema(profile.struct(), event.struct())
