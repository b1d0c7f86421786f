"""``occurs``, and the times it refers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from segtoolkit.pql import moments, times
from segtoolkit.pql import nodes as n
from segtoolkit.pql.moments import Gap, Moment
from segtoolkit.pql.resolve import through
from segtoolkit.pql.rules.operands import as_time, is_null, numeric, truth
from segtoolkit.pql.rules.values import date
from segtoolkit.pql.typed import And, Const, Not, Or, Path, Typed
from segtoolkit.pql.types import INTEGER, NULL, STRING, TIME

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
    return through.some(scope, call, left, lambda _, t: compare(as_time(site, t), at))


def among_days(scope: Scope, call: n.Call) -> Typed | None:
    """Look for a time among whole days or units, as in ``joined in [today, yesterday]``."""
    value, among = reversed(call.args) if call.name == "includes" else call.args
    if not isinstance(among, n.ListLiteral):
        return None
    if not any(is_interval(scope, item) for item in among.items):
        return None

    def test(inner: Scope, time: Typed) -> Typed:
        found = Or(tuple(_same(inner, time, item) for item in among.items))
        return (
            found if call.name != "notIn" else And((Not(truth(is_null(time))), Not(found)))
        )

    return through.some(scope, call, scope.value(value), test)


def _same(scope: Scope, time: Typed, expr: n.Expr) -> Typed:
    """Ask whether *time* is *expr*, or on it if that is a day or a longer unit."""
    if is_interval(scope, expr):
        return moments.on(as_time(scope.site(expr), time), moment(scope, expr))
    equal = through.rule_of("=")
    return truth(equal(scope.site(expr), (time, scope.value(expr))))


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
    """Read now, a day, or a calendar unit; see `is_known`."""
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
            start = date(scope.site(expr), tuple(scope.value(a) for a in args))
            return Moment(start, moments.later(start, Const(1, INTEGER), "day"))
        case _:
            raise AssertionError(expr)


def with_moment(
    scope: Scope, expr: n.Expr, test: Callable[[Scope, Moment], Typed]
) -> Typed:
    """Ask *test* of the reference *expr*: a time word, or the instant in a field, or in some item."""
    if is_interval(scope, expr) or scope.meaning(expr) == n.TimeWord("now"):
        return test(scope, moment(scope, expr))
    site = scope.site(expr)
    return through.some(
        scope,
        expr,
        scope.value(expr),
        lambda inner, value: test(inner, Moment(as_time(site, value))),
    )


def occurs(scope: Scope, node: n.Occurs) -> Typed:
    site = scope.site(node.timestamp or node)
    return through.some(
        scope,
        node,
        timestamp(scope, node),
        lambda inner, time: _at(inner, node, as_time(site, time)),
    )


def _at(scope: Scope, node: n.Occurs, time: Typed) -> Typed:
    match node.reference:
        case n.TimeRange(first, last):
            return with_moment(
                scope,
                first,
                lambda inner, start: with_moment(
                    inner, last, lambda _, end: moments.between(time, start, end)
                ),
            )
        case reference:
            return with_moment(
                scope, reference, lambda inner, at: _related(inner, node, time, at)
            )


def _related(scope: Scope, node: n.Occurs, time: Typed, at: Moment) -> Typed:
    distance = node.distance
    if distance is None:
        return _RELATIONS[node.relation](time, at)
    count, unit = distance.duration.count, distance.duration.unit
    site = scope.site(count)

    def at_distance(_: Scope, number: Typed) -> Typed:
        gap = Gap(distance.comparison, numeric(site, number, "a distance"), unit)
        return moments.at_distance(time, node.relation, gap, at)

    return through.some(scope, count, scope.value(count), at_distance)


def timestamp(scope: Scope, node: n.Occurs) -> Typed:
    if node.timestamp is not None:
        return scope.value(node.timestamp)
    if scope.event_time is None:
        raise scope.wrong(node, "`occurs` needs a timestamp on its left")
    return scope.event_time


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
