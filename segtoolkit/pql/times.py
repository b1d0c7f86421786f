"""UTC calendar arithmetic on epoch microseconds: what ``last month`` and ``3 weeks`` mean.

An instant is an integer. An interval is half open: it begins at *start* and ends before *end*.
Weeks start on Sunday, months clamp to their last day (31 March - 1 month = 28 February).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000
DAY = 86_400 * SECOND
AGES = 10_000 * 366 * DAY

# Units of a fixed length, and units of so many months.
FIXED = {
    "millisecond": 1_000,
    "second": SECOND,
    "minute": 60 * SECOND,
    "hour": 3_600 * SECOND,
    "day": DAY,
    "week": 7 * DAY,
}
MONTHS = {"month": 1, "year": 12, "decade": 120, "century": 1_200, "millennium": 12_000}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Interval:
    start: int
    end: int


def from_datetime(moment: datetime) -> int:
    """Return the epoch microseconds of an aware datetime.

    >>> from_datetime(datetime(1970, 1, 2, tzinfo=UTC)) == DAY
    True
    """
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_datetime(us: int) -> datetime:
    """Return the UTC datetime of *us*, clamped to the years 1 to 9999."""
    lowest, highest = from_datetime(_FIRST), from_datetime(_LAST)
    return _EPOCH + timedelta(microseconds=min(max(us, lowest), highest))


def from_date(year: int, month: int, day: int) -> Interval:
    """Return the UTC day; ValueError if the calendar has no such day."""
    start = from_datetime(datetime(year, month, day, tzinfo=UTC))
    return Interval(start, start + DAY)


def from_iso(text: str) -> int | None:
    """Return the instant that *text* names, UTC if it has no offset; None if it is no time.

    >>> (
    ...     from_iso("1970-01-01T01:00:00+01:00"),
    ...     from_iso("1970-01-02") == DAY,
    ...     from_iso("soon"),
    ... )
    (0, True, None)
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def within_ages(length: float, unit: str) -> int:
    """Round *length*, in microseconds for days and in months, to at most ten thousand years.

    Beyond there are no dates, and numbers that are none either.
    """
    most = AGES if unit == "day" else 12 * 10_000
    return round(min(max(length, -most), most))


def shift(us: int, count: float, unit: str) -> int:
    """Move *us* by *count* units; a date outside the years 1 to 9999 is clamped to them.

    >>> to_datetime(shift(from_date(2023, 3, 31).start, -1, "month")).isoformat()
    '2023-02-28T00:00:00+00:00'
    """
    if unit in FIXED:
        moved = us + within_ages(count * FIXED[unit], "day")
        return from_datetime(to_datetime(moved))
    start = to_datetime(us)
    months = start.year * 12 + start.month - 1 + within_ages(count * MONTHS[unit], "month")
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        return from_datetime(_FIRST if year < 1 else _LAST)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return from_datetime(start.replace(year=year, month=month + 1, day=day))


def first_start(unit: str) -> int:
    """Return the start of some *unit* of a fixed length: weeks begin on a Sunday, 1970-01-04."""
    return 3 * DAY if unit == "week" else 0


def floor(us: int, unit: str) -> int:
    """Return the start of the calendar unit that contains *us*.

    >>> to_datetime(floor(from_date(2024, 5, 15).start, "week")).strftime("%a %d")
    'Sun 12'
    """
    if unit in FIXED:
        return us - (us - first_start(unit)) % FIXED[unit]
    moment = to_datetime(us)
    years = MONTHS[unit] // 12
    year = moment.year if not years else max(moment.year - moment.year % years, 1)
    month = 1 if years else moment.month
    return from_date(year, month, 1).start


def calendar_unit(us: int, relation: str, unit: str) -> Interval:
    """Return ``this``, ``last`` or ``next`` *unit* as seen from *us*."""
    steps = {"last": -1, "this": 0, "next": 1}[relation]
    start = shift(floor(us, unit), steps, unit)
    return Interval(start, shift(start, 1, unit))


def word(us: int, name: str) -> Interval:
    """Return the UTC day called ``today``, ``yesterday`` or ``tomorrow`` as seen from *us*."""
    start = floor(us, "day") + {"yesterday": -1, "today": 0, "tomorrow": 1}[name] * DAY
    return Interval(start, start + DAY)
