"""Rows of the parts of dates, all in UTC; ``occurs`` and the time words are in `constructs`."""

from __future__ import annotations

from segtoolkit.pql.functions.row import called
from segtoolkit.pql.rules import values

TIMES = (
    called(
        "time.getMonth()",
        "The month of a date or time in UTC, 1 to 12; null when it is null.",
        "person.birthDate.getMonth() = today.getMonth()",
        values.date_part("month"),
    ),
    called(
        "time.getYear()",
        "The year of a date or time in UTC; null when it is null.",
        "person.birthDate.getYear() < 1980",
        values.date_part("year"),
    ),
    called(
        "time.getDayOfMonth()",
        "The day of the month of a date or time in UTC, 1 to 31; null when it is null. With "
        "`getMonth()` it finds birthdays, whatever the year.",
        "person.birthDate.getDayOfMonth() = today.getDayOfMonth()",
        values.date_part("day"),
    ),
    called(
        "currentMonth()",
        "The month in UTC, 1 to 12, at the instant for which the job evaluates.",
        "person.birthDate.getMonth() = currentMonth()",
        values.current("month"),
    ),
    called(
        "currentYear()",
        "The year in UTC at the instant for which the job evaluates.",
        "currentYear() - person.birthDate.getYear() >= 18",
        values.current("year"),
    ),
    called(
        "currentDayOfMonth()",
        "The day of the month in UTC, 1 to 31, at the instant for which the job evaluates.",
        "person.birthDate.getDayOfMonth() = currentDayOfMonth()",
        values.current("day"),
    ),
    called(
        "date(year, month, day)",
        "A whole day in UTC: a time is after it from the next day on, and `<=` includes it. A day that the "
        "calendar does not have is refused; where the parts are fields, it is null.",
        "loyalty.joinDate occurs after date(currentYear() - 1, 10, 1)",
        values.date,
    ),
)
