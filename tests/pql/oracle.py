"""The meaning of PQL told as plainly as possible: a tree and one profile in, member or not out.

It walks the untyped tree over Python values, a row at a time, and shares nothing with what
compiles expressions, so that the two can be compared. A node kind or function that it does not
know is a `KeyError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from segtoolkit.pql import nodes as n
from tests.pql.oracle_values import (
    AGGREGATES,
    MIRRORED,
    OCCURS,
    OPERATORS,
    Events,
    Span,
    applied,
    begin_of,
    each,
    field_of,
    is_null,
    is_true,
    moment_of,
    read,
    shifted,
    span_of,
)

Step: TypeAlias = tuple[n.Element, list[datetime]]

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
        return replace(self, items=(*self.items, item))

    def knowing(self, name: str, value: Any) -> World:
        return replace(self, variables={**self.variables, name: value})


def holds(
    expr: n.Expr,
    profile: Mapping[str, Any],
    events: Sequence[Mapping[str, Any]],
    as_of: datetime,
) -> bool:
    """Tell whether a profile is a member; *profile* and *events* as `read` returns them."""
    root = {**profile, "xEvent": Events(events)}
    return is_true(of_item(expr, root, World(as_of, root, (), {})))


def value_of(expr: n.Expr, world: World) -> Any:
    return NODES[type(expr)](expr, world)


def of_item(expr: n.Expr, item: Any, world: World) -> Any:
    """Return the value of *expr* for *item*, to which a lambda gives a name besides."""
    if isinstance(expr, n.Lambda):
        return value_of(expr.body, world.inside(item).knowing(expr.params[0], item))
    return value_of(expr, world.inside(item))


def name(expr: n.Name, world: World) -> Any:
    if expr.name in world.variables:
        return world.variables[expr.name]
    item = world.profile if expr.name == "xEvent" else world.items[-1]
    if item is world.profile and expr.name == "profile":
        return item.get("profile", item)
    return field_of(item, expr.name)


def filter_(expr: n.Filter, world: World) -> Any:
    return kept(world, expr.base, expr.where)


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
    items = value_of(expr.declarations[0].source, world)
    if items is None:
        return None
    names = [declared.name for declared in expr.declarations]
    rows = [row.variables for row in worlds(expr.declarations, world)]
    found = [[row[name] for name in names] if names[1:] else row[names[0]] for row in rows]
    return type(items)(found)


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


def kept(world: World, base: n.Expr, where: n.Expr) -> Any:
    items = value_of(base, world)
    if items is None:
        return None
    return type(items)(item for item in items if is_true(of_item(where, item, world)))


def aggregate(kind: str) -> Callable[..., Any]:
    def of(world: World, base: n.Expr, value: n.Expr | None = None) -> Any:
        items = value_of(base, world) or ()
        return AGGREGATES[kind]([of_item(value or n.This(), i, world) for i in items])

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
    if expr.relation == "between":
        ends = [value_of(expr.reference.start, world), value_of(expr.reference.end, world)]
    else:
        ends = [value_of(expr.reference, world)]
    found = world.moment if expr.timestamp is None else value_of(expr.timestamp, world)
    if None in ends:
        return None
    spans = [span_of(end) for end in ends]

    def test(found: Any) -> Any:
        if found is None:
            return None
        if expr.distance is not None:
            return is_distant(moment_of(found), expr, spans[0], world)
        return OCCURS[expr.relation](moment_of(found), *spans)

    return each(test, found)


def is_distant(t: datetime, expr: n.Occurs, reference: Span, world: World) -> Any:
    """Tell whether *t* is as far from the start of *reference* as the distance asks.

    Less or at most that far is also bounded by the reference itself, which only ``now`` and
    whole days and units belong to.
    """
    count = value_of(expr.distance.duration.count, world)
    if count is None:
        return None
    unit, symbol = expr.distance.duration.unit, expr.distance.comparison
    if expr.relation == "before":
        edge, symbol = shifted(reference.start, -count, unit), MIRRORED[symbol]
        is_bound_in = expr.reference == n.TimeWord("now")
        is_this_side = t < reference.start or (is_bound_in and t == reference.start)
    else:
        edge = shifted(reference.start, count, unit)
        is_bound_in = reference.start != reference.end
        is_this_side = t > reference.start or (is_bound_in and t == reference.start)
    if symbol in ("=", "!="):
        is_same = begin_of(unit, t) == begin_of(unit, edge)
        return is_same if symbol == "=" else is_this_side and not is_same
    is_asked = OPERATORS[symbol](t, edge)
    is_bounded = expr.distance.comparison in ("<", "<=")
    return is_asked and (is_this_side or not is_bounded)


def chain(expr: n.Chain, world: World) -> bool:
    steps = [(e, times_of(e, expr, world)) for e in expr.elements]
    if len(steps) > 1:
        return is_found(steps, None, ())
    ((element, times),) = steps
    return is_counted(element, len(times)) is not element.negated


def times_of(element: n.Element, expr: n.Chain, world: World) -> list[datetime]:
    """Return when the events that fit an element happened."""
    clauses = [clause for clause in (element.what, element.when) if clause is not None]
    found = []
    for event in value_of(expr.array, world) or ():
        here = replace(world.inside(event), moment=of_item(expr.timestamp, event, world))
        if all(is_true(value_of(clause, here)) for clause in clauses):
            found.append(here.moment)
    return found


def is_counted(element: n.Element, count: int) -> bool:
    symbol, number = element.count or (">=", 1)
    return OPERATORS[symbol](count, number)


def is_found(
    steps: Sequence[Step],
    previous: datetime | None,
    gap: Sequence[n.Distance],
    absent: Sequence[datetime] = (),
) -> bool:
    """Tell whether *steps* follow the event at *previous*, at a distance, without what is *absent*.

    The gap of an element is the one to the next, but that of the last the one before it.
    """
    if not steps:
        return not any(t > previous and is_near(previous, t, gap) for t in absent)
    (element, times), *others = steps
    gap = gap if others else [*gap, *element.gap]
    if element.negated:
        return is_found(others, previous, gap, [*absent, *times])
    since = [t for t in times if previous is None or t > previous]
    return any(
        (previous is None or is_near(previous, t, gap))
        and is_counted(element, sum(other <= t for other in since))
        and not any(y < t and (previous is None or y > previous) for y in absent)
        and is_found(others, t, element.gap if others else ())
        for t in since
    )


def is_near(start: datetime, t: datetime, gap: Sequence[n.Distance]) -> bool:
    return all(
        OPERATORS[one.comparison](
            t, shifted(start, one.duration.count.value, one.duration.unit)
        )
        for one in gap
    )


# How each kind of node is evaluated.
NODES: Mapping[type, Callable[[Any, World], Any]] = {
    n.Literal: lambda expr, _: expr.value,
    n.ListLiteral: lambda expr, world: [value_of(item, world) for item in expr.items],
    n.Name: name,
    n.Parameter: lambda _, world: world.profile,
    n.This: lambda _, world: world.items[-1],
    n.Up: lambda expr, world: field_of(world.items[-1 - expr.levels], expr.name),
    n.Field: lambda expr, world: field_of(value_of(expr.base, world), expr.name),
    n.Filter: filter_,
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
    "filter": kept,
    "exists": lambda world, base, where: is_true(kept(world, base, where)),
    "currentMonth": lambda world: world.as_of.month,
    "currentYear": lambda world: world.as_of.year,
    "currentDayOfMonth": lambda world: world.as_of.day,
    **{kind: aggregate(kind) for kind in AGGREGATES},
}
