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
from segtoolkit.pql.typed import And, Const, Or, Path, Typed
from segtoolkit.pql.types import NULL, STRING, TIME

if TYPE_CHECKING:
    from segtoolkit.pql.resolve.scope import Scope


def whole_day(scope: Scope, call: n.Call) -> Typed | None:
    """Compare a time with a whole day or unit, as in ``joined >= date(2024, 1, 1)``.

    None when neither side is one, or the other is no time.
    """
    time, reference = call.args
    compare = _WHOLE_DAYS[call.name]
    if is_interval(scope, time) and not is_interval(scope, reference):
        time, reference, compare = reference, time, _WHOLE_DAYS[_FLIPPED[call.name]]
    if not is_interval(scope, reference):
        return None
    left, at, site = scope.value(time), moment(scope, reference), scope.site(time)
    if left.type not in (TIME, STRING, NULL) and not isinstance(left, Path):
        return None
    return through.some(scope, call, left, lambda t: compare(as_time(site, t), at))


def among_days(scope: Scope, call: n.Call) -> Typed | None:
    """Look for a time among whole days or units, as in ``joined in [today, yesterday]``."""
    value, among = call.args
    if not isinstance(among, n.ListLiteral):
        return None
    if not any(is_interval(scope, item) for item in among.items):
        return None
    one, join = ("=", Or) if call.name == "in" else ("!=", And)
    tests = (n.Call(one, (value, item), pos=item.pos) for item in among.items)
    return join(tuple(scope.condition(test) for test in tests))


def is_interval(scope: Scope, expr: n.Expr) -> bool:
    """Tell whether *expr* is a day or a longer unit, or the name that `let` gave to one."""
    match scope.meaning(expr):
        case n.TimeWord(word):
            return word != "now"
        case n.CalendarUnit() | n.Call("date"):
            return True
        case _:
            return False


def moment(scope: Scope, expr: n.Expr) -> Moment:
    """Read a reference: now, a day, a calendar unit, or the instant in a field."""
    now = times.from_datetime(scope.world.as_of)
    expr = scope.meaning(expr)
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
        return moments.at_distance(time, node.relation, distance, at)
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
_WHOLE_DAYS: Mapping[str, Callable[[Typed, Moment], Typed]] = {
    "=": moments.on,
    "!=": moments.not_on,
    "<": moments.before,
    ">": moments.after,
    "<=": moments.until,
    ">=": moments.since,
}
WHOLE_DAYS = frozenset(_WHOLE_DAYS)
_FLIPPED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
