"""The names that an expression can see, and what each node means under them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from segtoolkit.errors import PQLError, PQLTypeError
from segtoolkit.pql import nodes as n
from segtoolkit.pql.resolve import (
    chain,
    groups,
    hints,
    items,
    lists,
    occurs,
    patterns,
    through,
    variables,
)
from segtoolkit.pql.rules import Site, truth
from segtoolkit.pql.rules.operands import coerce, part
from segtoolkit.pql.trees import is_within
from segtoolkit.pql.typed import TRUE, And, Const, Events, Not, Op, Or, Path, Row, Typed
from segtoolkit.pql.types import (
    BOOLEAN,
    DOUBLE,
    INTEGER,
    NULL,
    NUMBERS,
    STRING,
    ListOf,
    MapOf,
    Scalar,
    Schema,
    Struct,
    Type,
    describe,
)

METHODS = {
    **items.METHODS,
    **groups.METHODS,
    "stringCompare": through.string_compare,
}


# A name may stand for so many nodes, however small its text: names of names double them each time.
MOST_OF_A_NAME = 20_000


def refuse(error: PQLTypeError) -> None:
    raise error


@dataclass(frozen=True, slots=True)
class World:
    """What an expression is checked against.

    Attributes:
        schema: the fields there are.
        as_of: the instant of evaluation; aware, in UTC.
        knows_segment: tells whether a segment's definition is at hand.
        regex_problem: says why the engine cannot run a pattern; None when it can.
        unknown_field: is told of a field that is not there; unless it raises, the field is null.
    """

    schema: Schema
    as_of: datetime
    knows_segment: Callable[[str], bool] = lambda _: False
    regex_problem: Callable[[str], str | None] = lambda _: None
    unknown_field: Callable[[PQLTypeError], None] = refuse


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that an expression can see: *items* are the profile, then each filter's item.

    *taken* are the items along paths, which have no names in PQL but need one of ours.
    """

    world: World
    text: str
    items: tuple[Typed, ...]
    variables: Mapping[str, Typed]
    event_time: Typed | None = None
    days: Mapping[str, n.Expr] = field(default_factory=dict)
    taken: tuple[Row, ...] = ()

    # -- scopes and errors ------------------------------------------------------------------

    def inside(self, item: Typed) -> Scope:
        return replace(self, items=(*self.items, item))

    def around(self, item: Row) -> Scope:
        return replace(self, taken=(*self.taken, item))

    def bind(self, name: str, value: Typed) -> Scope:
        days = {day: expr for day, expr in self.days.items() if day != name}
        return replace(self, variables={**self.variables, name: value}, days=days)

    def let(self, node: n.Node, name: str, value: n.Expr) -> Scope:
        """Bind *name*; one of a day keeps what it was called with, as it is more than an instant."""
        meant = self.value(value)
        if not is_within(meant, MOST_OF_A_NAME):
            raise self.site(node).unsupported(
                f"what `{name}` stands for is too large: it names others again and again"
            )
        bound = self.bind(name, meant)
        if not occurs.is_interval(self, value):
            return bound
        return replace(bound, days={**self.days, name: self.meaning(value)})

    def meaning(self, expr: n.Expr) -> n.Expr:
        """Return the day that *expr* is the name of, or *expr* itself."""
        return self.days.get(expr.name, expr) if isinstance(expr, n.Name) else expr

    def site(self, node: n.Node) -> Site:
        profile = self.items[0]
        assert isinstance(profile, Row)
        w = self.world
        return Site(self.text, node.pos, w.as_of, profile, w.regex_problem, w.knows_segment)

    def wrong(self, node: n.Node, reason: str) -> PQLError:
        return self.site(node).wrong(reason)

    def later(self, node: n.Node, what: str) -> PQLError:
        return self.site(node).unsupported(f"{what} cannot be evaluated yet")

    # -- expressions ------------------------------------------------------------------------

    def condition(self, expr: n.Expr) -> Typed:
        """Resolve *expr* in a place that asks yes or no."""
        if isinstance(expr, n.Select):
            return variables.exists(self, expr, expr.declarations)
        value = self.value(expr)
        if isinstance(value, Path):
            return through.some(self, expr, value, lambda _, item: item)
        return truth(value)

    def value(self, expr: n.Expr) -> Typed:  # noqa: C901, PLR0911, PLR0912  (one case a node)
        match expr:
            case n.Literal(value):
                return _constant(value)
            case n.ListLiteral(literals):
                return self.list_literal(expr, literals)
            case n.Name(name):
                return self.name(expr, name)
            case n.Parameter(index):
                return self.parameter(expr, index)
            case n.This():
                return self.items[-1]
            case n.Up(levels, name):
                return self.up(expr, levels, name)
            case n.Field(base, name):
                return self.path(expr, base, name)
            case n.Filter(base, where):
                return items.keep(self, expr, items.source_of(self, base), where)
            case n.Call(name, args):
                return self.call(expr, name, args)
            case n.Let(name, value, body):
                return self.let(expr, name, value).value(body)
            case n.Lambda(params, body):
                return self.whole(expr, params, body)
            case n.Select(declarations):
                return variables.select(self, expr, declarations)
            case n.Quantifier(kind, declarations):
                return variables.quantifier(self, expr, kind, declarations)
            case n.Aggregation(kind, value, declarations):
                return variables.comprehension(self, expr, kind, value, declarations)
            case n.TimeWord() | n.CalendarUnit():
                return occurs.moment(self, expr).start
            case n.Occurs():
                return occurs.occurs(self, expr)
            case n.Chain():
                return chain.chain(self, expr)
            case n.TimeRange():
                raise self.wrong(expr, "`between` belongs to `occurs`")
            case n.ObjectLiteral(entries):
                return groups.object_of(self, expr, entries)
            case n.Model():
                raise self.site(expr).unsupported(
                    "`@{…}` asks for data of a decision, which no profile holds"
                )

    # -- names ------------------------------------------------------------------------------

    def name(self, node: n.Node, name: str) -> Typed:
        if name in self.variables:
            return self.variables[name]
        if name == "xEvent":
            return self.events()
        return self.field(node, self.items[-1], name)

    def parameter(self, node: n.Node, index: int) -> Typed:
        if index != 1:
            raise self.wrong(
                node, f"a segment has one parameter, $1; ${index} is not given"
            )
        return self.items[0]

    def up(self, node: n.Node, levels: int, name: str) -> Typed:
        if levels >= len(self.items):
            raise self.wrong(node, f"`{'^' * levels}` climbs out of the expression")
        outer = replace(self, items=self.items[: len(self.items) - levels])
        if name == "xEvent":
            return self.events()
        return outer.field(node, outer.items[-1], name)

    def path(self, node: n.Field, base: n.Expr, name: str) -> Typed:
        profile = self.world.schema.profile.fields
        match base:
            case n.Name("profile") if "profile" not in {*profile, *self.variables}:
                return replace(self, items=self.items[:1]).name(node, name)
            case _:
                return self.field(node, self.value(base), name)

    def field(self, node: n.Node, base: Typed, name: str) -> Typed:
        if base == self.items[0] and name == "xEvent":
            return self.events()
        match base.type:
            case Struct(fields) if name in fields:
                return part(base, name)
            case Struct() as within:
                hint = hints.of_field(self, node, name, base, within)
                unknown = self.site(node).wrong(f"there is no field `{name}`{hint}")
                self.world.unknown_field(unknown)
                return Const(None, NULL)
            case MapOf():
                method = hints.of_method(node, name)
                raise self.wrong(node, method or f'a map is read by key: .get("{name}")')
            case ListOf():
                return through.step(self, node, base, name)
            case Scalar() as scalar if scalar == NULL:
                return Const(None, NULL)
            case Scalar():
                kind = describe(base.type)
                method = hints.of_method(node, name) or f"this is {kind}, without fields"
                raise self.wrong(node, f"`{name}` is not there: {method}")

    def events(self) -> Typed:
        return Events(TRUE, ListOf(self.world.schema.event))

    # -- calls ------------------------------------------------------------------------------

    def call(self, node: n.Call, name: str, args: tuple[n.Expr, ...]) -> Typed:
        if name == "and":
            return And(tuple(self.condition(a) for a in args))
        if name == "or":
            return Or(tuple(self.condition(a) for a in args))
        if name == "not":
            return Not(self.condition(args[0]))
        if name in METHODS:
            return METHODS[name](self, node)
        if name in ("matches", "regexGroup"):
            patterns.check(self, node)
        if name in occurs.WHOLE_DAYS and (test := occurs.whole_day(self, node)):
            return test
        if name in ("in", "notIn", "includes") and (test := occurs.among_days(self, node)):
            return test
        if name == "modelInstances":
            raise self.site(node).unsupported(
                "`modelInstances` asks for other records than profiles"
            )
        if name == "if":
            return through.apply(
                self, node, (self.condition(args[0]), *map(self.value, args[1:]))
            )
        return through.apply(self, node, tuple(map(self.value, args)))

    def list_literal(self, node: n.Node, items: tuple[n.Expr, ...]) -> Typed:
        values = tuple(lists.as_list(self.value(item)) for item in items)
        types = [v.type for v in values if v.type != NULL]
        own = [v.type for v in values if v.type != NULL and not isinstance(v, Const)]
        item = (
            DOUBLE if DOUBLE in types and INTEGER in types else (own or types or [NULL])[0]
        )
        site = self.site(node)
        alike = tuple(
            coerce(site, v, item) if isinstance(v, Const) and v.type != item and own else v
            for v in values
        )
        for value in alike:
            if value.type not in (item, NULL) and not {value.type, item} <= set(NUMBERS):
                raise self.wrong(node, "the items of this list have different types")
        return Op("list", alike, ListOf(item))

    def whole(self, node: n.Node, params: tuple[str, ...], body: n.Expr) -> Typed:
        if len(self.items) > 1 or len(params) != 1:
            raise self.wrong(
                node, "a lambda is only understood as an argument or as the whole"
            )
        return self.bind(params[0], self.items[0]).value(body)


def _constant(value: str | float | bool | None) -> Const:  # noqa: FBT001
    types: Mapping[type, Type] = {str: STRING, bool: BOOLEAN, int: INTEGER, float: DOUBLE}
    return Const(value, types.get(type(value), NULL))
