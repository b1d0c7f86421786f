"""``occurs``, and the times it refers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from segtoolkit.pql import moments, times
from segtoolkit.pql import nodes as n
from segtoolkit.pql.moments import Gap, Moment
from segtoolkit.pql.resolve import through
from segtoolkit.pql.rules.operands import as_time
from segtoolkit.pql.rules.values import date_of
from segtoolkit.pql.typed import Const, Typed
from segtoolkit.pql.types import NULL, STRING, TIME

if TYPE_CHECKING:
    from segtoolkit.pql.resolve.scope import Scope


def interval(scope: Scope, args: tuple[n.Expr, ...]) -> tuple[Typed, Moment] | None:
    """Read ``time = date(…)`` and the like, where the right side is a whole day or unit.

    None when it is anything else.
    """
    time, reference = args
    match reference:
        case n.TimeWord(word) if word != "now":
            pass
        case n.CalendarUnit() | n.Call("date"):
            pass
        case _:
            return None
    left = scope.value(time)
    if left.type not in (TIME, STRING, NULL):
        return None
    return as_time(scope.site(time), left), moment(scope, reference)


def moment(scope: Scope, expr: n.Expr) -> Moment:
    """Read a reference: now, a day, a calendar unit, or the instant in a field."""
    now = times.from_datetime(scope.world.as_of)
    match expr:
        case n.TimeWord("now"):
            return Moment.now(now)
        case n.TimeWord(word):
            return Moment.of(times.word(now, word))
        case n.CalendarUnit(relation, unit):
            return Moment.of(times.calendar_unit(now, relation, unit))
        case n.Call("date", args):
            values = tuple(scope.value(a) for a in args)
            return Moment.of(date_of(scope.site(expr), values))
        case _:
            return Moment(as_time(scope.site(expr), scope.value(expr)))


def occurs(scope: Scope, node: n.Occurs) -> Typed:
    value = timestamp(scope, node)
    site = scope.site(node.timestamp or node)
    return through.some(
        scope, node, value, lambda time: _at(scope, node, as_time(site, time))
    )


def _at(scope: Scope, node: n.Occurs, time: Typed) -> Typed:
    match node.reference:
        case n.TimeRange(start, end):
            return moments.between(time, moment(scope, start), moment(scope, end))
        case reference:
            at = moment(scope, reference)
    if node.distance:
        distance = gap(scope, node.distance)
        return moments.at_distance(scope.site(node), time, node.relation, distance, at)
    return _RELATIONS[node.relation](time, at)


def timestamp(scope: Scope, node: n.Occurs) -> Typed:
    if node.timestamp is not None:
        return scope.value(node.timestamp)
    if scope.event_time is None:
        raise scope.wrong(node, "`occurs` needs a timestamp on its left")
    return scope.event_time


def gap(scope: Scope, distance: n.Distance) -> Gap:
    count = scope.value(distance.duration.count)
    if not isinstance(count, Const) or not isinstance(count.value, int | float):
        raise scope.later(distance, "a duration that is not a number")
    return Gap(distance.comparison, count.value, distance.duration.unit)


_RELATIONS: Mapping[str, Callable[[Typed, Moment], Typed]] = {
    "before": moments.before,
    "after": moments.after,
    "on": moments.on,
}
# Against a whole day or unit, `<` is before it and `<=` is not after it.
AS_OCCURS: Mapping[str, Callable[[Typed, Moment], Typed]] = {
    "=": moments.on,
    "!=": moments.not_on,
    "<": moments.before,
    ">": moments.after,
    "<=": moments.until,
    ">=": moments.since,
}
