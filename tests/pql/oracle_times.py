"""Time in the oracle: instants and stretches in, how they lie to one another out; all in UTC."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# Weeks begin on Sunday, as this day is.
_ORIGIN = datetime(1970, 1, 4, tzinfo=UTC)
_STEPS = {
    "millisecond": timedelta(milliseconds=1),
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_MONTHS = {"month": 1, "year": 12, "decade": 120, "century": 1200, "millennium": 12_000}

OPERATORS: Mapping[str, Callable[..., bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, *end* excluded; of no length it is the instant *start*."""

    start: datetime
    end: datetime


def begin_of(unit: str, moment: datetime) -> datetime:
    if unit in _STEPS:
        return _ORIGIN + (moment - _ORIGIN) // _STEPS[unit] * _STEPS[unit]
    months = moment.year * 12 + moment.month - 1
    year, month = divmod(months // _MONTHS[unit] * _MONTHS[unit], 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def shifted(moment: datetime, count: int, unit: str) -> datetime:
    """Return *moment* moved by *count* units; a day that the month lacks becomes its last."""
    if unit in _STEPS:
        return moment + count * _STEPS[unit]
    months = moment.year * 12 + moment.month - 1 + count * _MONTHS[unit]
    first = moment.replace(year=months // 12, month=months % 12 + 1, day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(moment.day, last.day))


def day(year: int, month: int, day: int) -> Span | None:
    """Return a day of UTC; None if the calendar has no such day."""
    try:
        start = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
    return Span(start, start + timedelta(days=1))


def moment_of(value: datetime | Span) -> datetime:
    return value.start if isinstance(value, Span) else value


def span_of(value: datetime | Span) -> Span:
    return value if isinstance(value, Span) else Span(value, value)


def is_before(t: datetime, span: Span) -> bool:
    return t < span.start


def is_after(t: datetime, span: Span) -> bool:
    return t > span.start if span.start == span.end else t >= span.end


def is_on(t: datetime, span: Span) -> bool:
    return not is_before(t, span) and not is_after(t, span)


def is_distant(
    t: datetime,
    symbol: str,
    count: int,
    unit: str,
    relation: str,
    reference: datetime | Span,
) -> bool:
    """Tell whether *t* is as far from the start of *reference* as *symbol* and *count* ask.

    Exactly that far is: in the same calendar unit. Not exactly, less than and at most that far
    are also bounded by the reference itself.
    """
    start = span_of(reference).start
    edge = shifted(start, -count if relation == "before" else count, unit)
    if symbol == "=":
        return begin_of(unit, t) == begin_of(unit, edge)
    if symbol in ("!=", "<", "<=") and not is_beside(t, relation, reference):
        return False
    if symbol == "!=":
        return begin_of(unit, t) != begin_of(unit, edge)
    return OPERATORS[MIRRORED[symbol] if relation == "before" else symbol](t, edge)


def is_beside(t: datetime, relation: str, reference: datetime | Span) -> bool:
    """Tell whether *t* is before, or after, the start of *reference*.

    The start itself is before ``now`` and after what begins with it: days and calendar units.
    """
    start = span_of(reference).start
    if t == start and isinstance(reference, Span):
        return (reference.start == reference.end) is (relation == "before")
    return t < start if relation == "before" else t > start


# What a comparison of a moment with a stretch of time means.
RELATIONS: Mapping[str, Callable[[datetime, Span], bool]] = {
    "=": is_on,
    "!=": lambda t, span: not is_on(t, span),
    "<": is_before,
    "<=": lambda t, span: not is_after(t, span),
    ">": is_after,
    ">=": lambda t, span: not is_before(t, span),
}

OCCURS: Mapping[str, Callable[..., bool]] = {
    "on": is_on,
    "before": is_before,
    "after": is_after,
    "between": lambda t, start, end: not is_before(t, start) and not is_after(t, end),
}
