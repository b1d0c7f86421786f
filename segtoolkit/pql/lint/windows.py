"""``occurs`` to a window of time: how far before or after what, as far as it is known in advance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from math import inf

from segtoolkit.pql import nodes as n

DAY = 86_400.0
_HOUR, _INSTANT = 3_600.0, 0.001

# The shortest and the longest that a unit can be, in seconds.
SECONDS: Mapping[str, tuple[float, float]] = {
    "millisecond": (0.001, 0.001),
    "second": (1, 1),
    "minute": (60, 60),
    "hour": (_HOUR, _HOUR),
    "day": (DAY, DAY),
    "week": (7 * DAY, 7 * DAY),
    "month": (28 * DAY, 31 * DAY),
    "year": (365 * DAY, 366 * DAY),
    "decade": (3_652 * DAY, 3_653 * DAY),
    "century": (36_524 * DAY, 36_525 * DAY),
    "millennium": (365_242 * DAY, 365_243 * DAY),
}

TODAY = n.TimeWord("today")
NOW = n.TimeWord("now")
_CALENDAR = n.Name("")  # what absolute dates are measured from; no name of an expression
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_UNITS_OFF = {"last": -1, "this": 0, "next": 1}


@dataclass(frozen=True, slots=True)
class Window:
    """At the widest, from *least* to *most* seconds after the beginning of *frame*."""

    frame: n.Expr
    least: float
    most: float


def window(occurs: n.Occurs) -> Window | None:
    """Return the window of *occurs*; None when it cannot be told in advance."""
    if isinstance(occurs.reference, n.TimeRange):
        return _between(occurs.reference)
    frame, start, end = extent(occurs.reference)
    if occurs.distance is not None:
        return _apart(occurs.distance, occurs.relation, frame, start)
    match occurs.relation:
        case "before":
            return Window(frame, -inf, start - _INSTANT)
        case "after":
            return Window(frame, end if end > start else end + _INSTANT, inf)
        case _:
            return Window(frame, start, end - _INSTANT if end > start else end)


def extent(reference: n.Expr) -> tuple[n.Expr, float, float]:
    """Return what *reference* is measured from, and in seconds where it begins and ends."""
    match reference:
        case n.TimeWord(word) if word in _DAYS:
            start = _DAYS[word] * DAY
            return TODAY, start, start + DAY
        case n.CalendarUnit(relation, unit):
            start = _UNITS_OFF[relation] * SECONDS[unit][1]
            return n.CalendarUnit("this", unit), start, start + SECONDS[unit][1]
        case n.Call("date", (n.Literal(year), n.Literal(month), n.Literal(day))):
            ordinal = _ordinal(year, month, day)
            if ordinal is not None:
                return _CALENDAR, ordinal * DAY, (ordinal + 1) * DAY
        case _:
            pass
    return reference, 0.0, 0.0


def ends_before(start: n.Expr, end: n.Expr) -> bool:
    """Tell whether the range from *start* to *end* is empty, whatever the time of evaluation."""
    frame, first, _ = extent(start)
    other, last, _ = extent(end)
    if frame == other:
        return first > last
    here, there = _units_off(start), _units_off(end)
    if here is None or there is None:
        return False
    match there[0], here[0]:
        case (-1, 0):  # the last month ends where this one begins: before today
            return _is_part(here[1], there[1])
        case (0, 1):
            return _is_part(there[1], here[1])
        case ends, begins:
            return ends < 0 < begins


def _units_off(reference: n.Expr) -> tuple[int, str] | None:
    """Return how many units *reference* is away, and the unit; now is shorter than all of them."""
    match reference:
        case n.TimeWord("now"):
            return 0, "now"
        case n.TimeWord(word):
            return _DAYS[word], "day"
        case n.CalendarUnit(relation, unit):
            return _UNITS_OFF[relation], unit
        case _:
            return None


def _is_part(inner: str, outer: str) -> bool:
    """Tell whether each *inner* lies within one *outer*; a week may lie in two months."""
    order = ("now", *SECONDS)
    if inner == "week":
        return outer == "week"
    return order.index(inner) <= order.index(outer)


def _ordinal(*parts: object) -> int | None:
    whole = [part for part in parts if isinstance(part, int)]
    try:
        return date(*whole).toordinal() if len(whole) == 3 else None
    except (ValueError, OverflowError):
        return None


def _between(reference: n.TimeRange) -> Window | None:
    frame, start, _ = extent(reference.start)
    other, _, end = extent(reference.end)
    return Window(frame, start, end) if frame == other else None


def _apart(
    distance: n.Distance, relation: str, frame: n.Expr, start: float
) -> Window | None:
    """Return the window that lies *distance* from *start*, on the side of *relation*."""
    count = distance.duration.count
    if not isinstance(count, n.Literal) or not isinstance(count.value, int | float):
        return None
    shortest, longest = SECONDS[distance.duration.unit]
    short, long = count.value * shortest, count.value * longest
    near, far = {
        "=": (max(0.0, short - longest), long + longest),
        "<": (0.0, long - _INSTANT),
        "<=": (0.0, long),
        ">": (short + _INSTANT, inf),
        ">=": (short, inf),
    }.get(distance.comparison, (0.0, inf))
    if relation == "before":
        return Window(frame, start - far, start - near)
    return Window(frame, start + near, start + far)


class Span(IntEnum):
    """How far back a condition on events looks."""

    ALL = 0  # as far as there are events
    LONG = 1
    DAY = 2  # at most 24 hours


def span(condition: n.Expr | None, is_time: Callable[[n.Occurs], bool]) -> Span:
    """Return how far back *condition* looks; *is_time* picks what asks for the event's time."""
    match condition:
        case n.Occurs() if is_time(condition):
            return _span_of(condition)
        case n.Call("and", args):
            return max((span(arg, is_time) for arg in args), default=Span.ALL)
        case n.Call("or", args):
            return min(span(arg, is_time) for arg in args)
        case _:
            return Span.ALL


def _span_of(occurs: n.Occurs) -> Span:
    found = window(occurs)
    if found is None:
        is_open = occurs.relation == "before" and _is_at_least(occurs.distance)
        return Span.ALL if is_open else Span.LONG
    if found.least == -inf:
        return Span.ALL
    return Span.DAY if found.least >= _EARLIEST.get(found.frame, inf) else Span.LONG


# A day back from now. What begins today or later is less than that.
_EARLIEST: Mapping[n.Expr, float] = {
    NOW: -DAY,
    TODAY: 0.0,
    n.CalendarUnit("this", "day"): 0.0,
    **{n.CalendarUnit("this", unit): -_HOUR for unit in ("hour", "minute", "second")},
}


def _is_at_least(distance: n.Distance | None) -> bool:
    return distance is None or distance.comparison in (">", ">=", "!=")


def is_relative(reference: n.Expr) -> bool:
    """Tell whether *reference* moves with the time of evaluation."""
    if isinstance(reference, n.TimeRange):
        return is_relative(reference.start) or is_relative(reference.end)
    return isinstance(reference, n.TimeWord | n.CalendarUnit)
