"""``occurs``: from a timestamp, a direction and a reference to plain comparisons of instants.

Documented choices: ``before`` and ``after`` measure from the start of the reference, and a counted
distance is bounded by the reference itself, so events after ``now`` are never "before now". An instant
other than ``now`` is not before or after itself. ``= 3 days before R`` means the calendar day (unit)
that contains ``R - 3 days``.
"""

from __future__ import annotations

from dataclasses import dataclass

from segtoolkit.pql import times
from segtoolkit.pql.rules.operands import op
from segtoolkit.pql.typed import And, Const, Or, Truth, Typed
from segtoolkit.pql.types import BOOLEAN, INTEGER, TIME


@dataclass(frozen=True, slots=True)
class Moment:
    """A reference in time: an instant when *end* is None, else ``[start, end)``."""

    start: Typed
    end: Typed | None = None
    is_now: bool = False

    @classmethod
    def of(cls, interval: times.Interval) -> Moment:
        return cls(Const(interval.start, TIME), Const(interval.end, TIME))

    @classmethod
    def now(cls, us: int) -> Moment:
        return cls(Const(us, TIME), is_now=True)


@dataclass(frozen=True, slots=True)
class Gap:
    """``<= 3 days``: *comparison*, *count*, *unit* (singular)."""

    comparison: str
    count: Typed
    unit: str


def on(time: Typed, at: Moment) -> Typed:
    if at.end is None:
        return _is("=", time, at.start)
    return And((_is(">=", time, at.start), _is("<", time, at.end)))


def not_on(time: Typed, at: Moment) -> Typed:
    """Be at another time: false, as every comparison, when there is no time or no reference."""
    if at.end is None:
        return _is("!=", time, at.start)
    return Or((before(time, at), after(time, at)))


def between(time: Typed, first: Moment, last: Moment) -> Typed:
    return And((since(time, first), until(time, last)))


def before(time: Typed, at: Moment) -> Typed:
    return _is("<", time, at.start)


def after(time: Typed, at: Moment) -> Typed:
    return _is(">", time, at.start) if at.end is None else _is(">=", time, at.end)


def until(time: Typed, at: Moment) -> Typed:
    """Be before the end of *at*."""
    return _is("<=", time, at.start) if at.end is None else _is("<", time, at.end)


def since(time: Typed, at: Moment) -> Typed:
    """Be at or after the start of *at*."""
    return _is(">=", time, at.start)


def at_distance(time: Typed, relation: str, gap: Gap, at: Moment) -> Typed:
    """Compare the distance from *time* to *at* with *gap*, on the side that *relation* says."""
    sign = -1 if relation == "before" else 1
    mark = later(at.start, _times(sign, gap.count), gap.unit)
    if gap.comparison == "=":
        return _in_unit("=", time, mark, gap.unit)
    if gap.comparison == "!=":
        return And((_side(time, relation, at), _in_unit("!=", time, mark, gap.unit)))
    # Nearer to the reference is later when we look before it, and earlier when we look after it.
    towards = {-1: {"<": ">", "<=": ">=", ">": "<", ">=": "<="}, 1: {}}[sign]
    near = _is(towards.get(gap.comparison, gap.comparison), time, mark)
    return And((near, _side(time, relation, at))) if gap.comparison in ("<", "<=") else near


def _side(time: Typed, relation: str, at: Moment) -> Typed:
    """Bound a distance by its reference; a day or unit counts from its start in both directions."""
    if relation == "before":
        return _is("<=" if at.is_now else "<", time, at.start)
    return _is(">" if at.end is None else ">=", time, at.start)


def _in_unit(comparison: str, time: Typed, mark: Typed, unit: str) -> Typed:
    """Be in the calendar unit that contains *mark*, or be in another one."""
    if isinstance(mark, Const) and isinstance(mark.value, int):
        start = times.floor(mark.value, unit)
        found = Moment.of(times.Interval(start, times.shift(start, 1, unit)))
        return on(time, found) if comparison == "=" else not_on(time, found)
    return _is(comparison, _number_of_unit(time, unit), _number_of_unit(mark, unit))


def _number_of_unit(time: Typed, unit: str) -> Typed:
    """Count the units of the calendar up to *time*."""
    if unit in times.MONTHS:
        return op("month_number", (time, Const(times.MONTHS[unit], INTEGER)), INTEGER)
    length = times.FIXED[unit]
    # Counted from so long ago that there is nothing to round down below zero.
    first = times.first_start(unit) - times.AGES // length * length
    return op("unit_number", (time, Const(first, INTEGER), Const(length, INTEGER)), INTEGER)


def later(time: Typed, count: Typed, unit: str) -> Typed:
    """Move *time* by *count* units of the calendar."""
    if isinstance(count, Const) and isinstance(count.value, int | float):
        return _later(time, count.value, unit)
    if unit in times.FIXED:
        length = op("whole", (_times(times.FIXED[unit], count),), INTEGER)
        return op("later", (time, length), TIME)
    months = op("whole", (_times(times.MONTHS[unit], count),), INTEGER)
    return op("months_later", (time, months), TIME)


def _times(factor: int, count: Typed) -> Typed:
    if isinstance(count, Const) and isinstance(count.value, int | float):
        return Const(factor * count.value, count.type)
    return op("*", (count, Const(factor, INTEGER)), count.type)


def _later(time: Typed, count: float, unit: str) -> Typed:
    if isinstance(time, Const) and isinstance(time.value, int):
        return Const(times.shift(time.value, count, unit), TIME)
    if unit in times.FIXED:
        length = times.within_ages(count * times.FIXED[unit], "day")
        return op("later", (time, Const(length, INTEGER)), TIME)
    months = times.within_ages(count * times.MONTHS[unit], "month")
    return op("months_later", (time, Const(months, INTEGER)), TIME)


def _is(comparison: str, left: Typed, right: Typed) -> Typed:
    return Truth(op(comparison, (left, right), BOOLEAN))
