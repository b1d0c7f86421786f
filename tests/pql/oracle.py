"""The meaning of PQL told as plainly as possible: a tree and one profile in, member or not out.

It walks the untyped tree over Python values, a row at a time, and shares nothing with what
compiles expressions, so that the two can be compared. A node kind or function that it does not
know is a `KeyError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from segtoolkit.pql import nodes as n
from tests.pql.oracle_functions import FUNCTIONS, applied
from tests.pql.oracle_lists import AGGREGATES, entered, grouped, ranked
from tests.pql.oracle_sequences import is_sequence
from tests.pql.oracle_times import (
    OCCURS,
    Span,
    begin_of,
    is_distant,
    moment_of,
    shifted,
    span_of,
)
from tests.pql.oracle_values import (
    Events,
    Map,
    field_of,
    for_each,
    is_null,
    is_true,
    read,
)

__all__ = ["holds", "read"]


@dataclass(frozen=True, slots=True)
class World:
    """What an expression can see.

    Attributes:
        as_of: what ``now`` is.
        profile: the root; its events are its field ``xEvent``.
        items: the profile, then the item of each enclosing filter, the innermost last.
        variables: by name.
        moment: the time of the event that a ``WHEN( … )`` is about.
    """

    as_of: datetime
    profile: Mapping[str, Any]
    items: tuple[Any, ...]
    variables: Mapping[str, Any]
    moment: Any = None

    def inside(self, item: Any) -> World:
        items = (*self.items, item)
        return World(self.as_of, self.profile, items, self.variables, self.moment)

    def knowing(self, name: str, value: Any) -> World:
        variables = {**self.variables, name: value}
        return World(self.as_of, self.profile, self.items, variables, self.moment)


def holds(
    expr: n.Expr,
    profile: Mapping[str, Any],
    events: Sequence[Mapping[str, Any]],
    as_of: datetime,
) -> bool:
    """Tell whether a profile is a member; *profile* and *events* as `read` returns them."""
    in_order = Events(sorted(events, key=place_of))
    root = {**profile, "xEvent": in_order}
    return is_true(of_item(expr, World(as_of, root, (), {}), root))


def place_of(event: Mapping[str, Any]) -> tuple[datetime, bool, str]:
    """Return what orders events: time, then type, none last; *sorted* keeps the rest as loaded."""
    kind = event.get("eventType")
    return event["timestamp"], kind is None, kind or ""


def knows(expr: n.Expr) -> bool:
    """Tell whether it has an opinion on every function in *expr*."""
    waiting: list[object] = [expr]
    while waiting:
        current = waiting.pop()
        if (
            isinstance(current, n.Call)
            and current.name not in FORMS.keys() | FUNCTIONS.keys()
        ):
            return False
        if isinstance(current, n.Node):
            waiting += (getattr(current, slot.name) for slot in fields(current))
        elif isinstance(current, tuple):
            waiting += current
    return True


def value_of(expr: n.Expr, world: World) -> Any:
    return NODES[type(expr)](expr, world)


def of_item(expr: n.Expr, world: World, *item: Any) -> Any:
    """Return the value of *expr* for an item, or for a key and a value."""
    body, inner = within(expr, world, *item)
    return value_of(body, inner)


def within(expr: n.Expr, world: World, *item: Any) -> tuple[n.Expr, World]:
    """Return the body of *expr* and what it can see: the item, to which a lambda gives a name."""
    inner = world.inside(item[-1])
    if not isinstance(expr, n.Lambda):
        return expr, inner
    for param, value in zip(expr.params, item[-len(expr.params) :], strict=True):
        inner = inner.knowing(param, value)
    return expr.body, inner


def name(expr: n.Name, world: World) -> Any:
    if expr.name in world.variables:
        return world.variables[expr.name]
    if expr.name == "profile":
        return world.profile.get("profile", world.profile)
    item = world.profile if expr.name == "xEvent" else world.items[-1]
    return field_of(item, expr.name)


def let(expr: n.Let, world: World) -> Any:
    return value_of(expr.body, world.knowing(expr.name, value_of(expr.value, world)))


def call(expr: n.Call, world: World) -> Any:
    if expr.name in FORMS:
        return FORMS[expr.name](world, *expr.args)
    return applied(expr.name, [value_of(arg, world) for arg in expr.args])


def worlds(declarations: Sequence[n.Declaration], world: World) -> Iterator[World]:
    """Yield *world* with each combination of items that all conditions allow."""
    if not declarations:
        yield world
        return
    first, *others = declarations
    for item in value_of(first.source, world) or ():
        inner = world.knowing(first.name, item)
        if first.where is None or is_true(value_of(first.where, inner)):
            yield from worlds(others, inner)


def select(expr: n.Select, world: World) -> list[Any] | None:
    """Return the items of one variable, or an object of the items of all of them for each tuple."""
    items = value_of(expr.declarations[0].source, world)
    if items is None:
        return None
    names = [declared.name for declared in expr.declarations]
    rows = [row.variables for row in worlds(expr.declarations, world)]
    if len(names) > 1:
        return [{name: row[name] for name in names} for row in rows]
    return part_of(items, [row[names[0]] for row in rows])


def part_of(items: list[Any], found: list[Any]) -> list[Any]:
    """Return *found* as what it is: of events some are events still, else they are a list."""
    return Events(found) if isinstance(items, Events) else found


def quantifier(expr: n.Quantifier, world: World) -> bool:
    if expr.kind == "forall":
        *others, last = expr.declarations
        claim = last.where or n.Literal(True)  # noqa: FBT003
        rows = worlds([*others, replace(last, where=None)], world)
        return all(is_true(value_of(claim, row)) for row in rows)
    matching = sum(1 for _ in worlds(expr.declarations, world))
    return {"exists": matching > 0, "none": matching == 0, "one": matching == 1}[expr.kind]


def aggregation(expr: n.Aggregation, world: World) -> Any:
    value = expr.value or n.Name(expr.declarations[0].name)
    rows = worlds(expr.declarations, world)
    return AGGREGATES[expr.kind]([value_of(value, row) for row in rows])


def filter_(world: World, base: n.Expr, where: n.Expr) -> Any:
    items = value_of(base, world)
    if items is None:
        return None
    return part_of(items, [i for i in items if is_true(of_item(where, world, i))])


def map_(world: World, base: n.Expr, body: n.Expr) -> Any:
    """Return what *body* is of each item or entry: a list, or a map if it makes entries."""
    items = value_of(base, world)
    if items is None:
        return None
    each = items.items() if isinstance(items, Map) else [(item,) for item in items]
    found = [within(body, world, *item) for item in each]
    match body.body if isinstance(body, n.Lambda) else body:
        case n.Call("mapEntry", parts):
            return entered(tuple(value_of(part, w) for part in parts) for _, w in found)
        case _:
            return [value_of(one, inner) for one, inner in found]


def group_by(world: World, base: n.Expr, key: n.Expr) -> Any:
    items = value_of(base, world)
    if items is None:
        return None
    return grouped(items, lambda item: of_item(key, world, item))


def first(world: World, base: n.Expr, key: n.Expr, *, count: n.Expr, from_top: bool) -> Any:
    items, number = value_of(base, world), value_of(count, world)
    if items is None or number is None:
        return None
    return ranked(items, lambda i: of_item(key, world, i), number, from_top=from_top)


def aggregate(kind: str) -> Callable[..., Any]:
    def of(world: World, base: n.Expr, value: n.Expr | None = None) -> Any:
        items = value_of(base, world) or ()
        return AGGREGATES[kind]([of_item(value or n.This(), world, i) for i in items])

    return of


def calendar_unit(expr: n.CalendarUnit, world: World) -> Span:
    away = {"last": -1, "this": 0, "next": 1}[expr.relation]
    start = shifted(begin_of(expr.unit, world.as_of), away, expr.unit)
    return Span(start, shifted(start, 1, expr.unit))


def time_word(expr: n.TimeWord, world: World) -> Span:
    if expr.word == "now":
        return Span(world.as_of, world.as_of)
    relation = {"yesterday": "last", "today": "this", "tomorrow": "next"}[expr.word]
    return calendar_unit(n.CalendarUnit(relation, "day"), world)


def occurs(expr: n.Occurs, world: World) -> Any:
    found = world.moment if expr.timestamp is None else value_of(expr.timestamp, world)
    if expr.distance is not None:
        return is_at_distance(found, expr, expr.distance, world)
    if expr.relation == "between":
        ends = [expr.reference.start, expr.reference.end]
    else:
        ends = [expr.reference]

    def test(t: Any, *ends: Any) -> bool:
        return OCCURS[expr.relation](moment_of(t), *map(span_of, ends))

    return for_each(test, [found, *(value_of(end, world) for end in ends)])


def is_at_distance(found: Any, expr: n.Occurs, distance: n.Distance, world: World) -> Any:
    symbol, unit = distance.comparison, distance.duration.unit

    def test(t: Any, reference: Any, count: int) -> bool:
        return is_distant(moment_of(t), symbol, count, unit, expr.relation, reference)

    args = [expr.reference, distance.duration.count]
    return for_each(test, [found, *(value_of(arg, world) for arg in args)])


def chain(expr: n.Chain, world: World) -> bool:
    return is_sequence([(e, times_of(e, expr, world)) for e in expr.elements])


def times_of(element: n.Element, expr: n.Chain, world: World) -> list[datetime]:
    """Return when the events that fit an element happened."""
    clauses = [clause for clause in (element.what, element.when) if clause is not None]
    found = []
    for event in value_of(expr.array, world) or ():
        here = replace(world.inside(event), moment=of_item(expr.timestamp, world, event))
        if all(is_true(value_of(clause, here)) for clause in clauses):
            found.append(here.moment)
    return found


# How each kind of node is evaluated.
NODES: Mapping[type, Callable[[Any, World], Any]] = {
    n.Literal: lambda expr, _: expr.value,
    n.ListLiteral: lambda expr, world: [value_of(item, world) for item in expr.items],
    n.ObjectLiteral: lambda expr, world: {
        key: value_of(part, world) for key, part in expr.entries
    },
    n.Name: name,
    n.Parameter: lambda _, world: world.profile,
    n.This: lambda _, world: world.items[-1],
    n.Up: lambda expr, world: field_of(world.items[-1 - expr.levels], expr.name),
    n.Field: lambda expr, world: field_of(value_of(expr.base, world), expr.name),
    n.Filter: lambda expr, world: filter_(world, expr.base, expr.where),
    n.Call: call,
    n.Let: let,
    n.Select: select,
    n.Quantifier: quantifier,
    n.Aggregation: aggregation,
    n.TimeWord: time_word,
    n.CalendarUnit: calendar_unit,
    n.Occurs: occurs,
    n.Chain: chain,
}

# What looks at its operands itself, as null or an item means something to it.
FORMS: Mapping[str, Callable[..., Any]] = {
    "and": lambda world, *args: all(is_true(value_of(arg, world)) for arg in args),
    "or": lambda world, *args: any(is_true(value_of(arg, world)) for arg in args),
    "not": lambda world, arg: not is_true(value_of(arg, world)),
    "if": lambda world, test, a, b: value_of(
        a if is_true(value_of(test, world)) else b, world
    ),
    "isNull": lambda world, arg: is_null(value_of(arg, world)),
    "isNotNull": lambda world, arg: not is_null(value_of(arg, world)),
    "filter": filter_,
    "exists": lambda world, base, where: is_true(filter_(world, base, where)),
    "map": map_,
    "groupBy": group_by,
    "topN": lambda *args: first(*args[:3], count=args[3], from_top=True),
    "bottomN": lambda *args: first(*args[:3], count=args[3], from_top=False),
    "currentMonth": lambda world: world.as_of.month,
    "currentYear": lambda world: world.as_of.year,
    "currentDayOfMonth": lambda world: world.as_of.day,
    **{kind: aggregate(kind) for kind in AGGREGATES},
}
