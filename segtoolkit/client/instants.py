"""Moments as callers write them: datetimes, ISO 8601 or durations in, aware datetimes in UTC out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from segtoolkit.errors import ConfigError
from segtoolkit.jobs.polling import seconds_of

_DATE = re.compile(r"\s*\d{4}-?\d\d")


def instant(given: datetime | str, name: str) -> datetime:
    """Return *given* in UTC.

    Raises:
        ConfigError: it is no moment, has no time zone, or is out of range; *name* is in the message.
    """
    try:
        moment = datetime.fromisoformat(given) if isinstance(given, str) else given
    except ValueError as error:
        raise ConfigError(
            f'{name} {given!r} is not ISO 8601; write such as "2026-01-01T00:00:00Z"'
        ) from error
    if moment.utcoffset() is None:
        raise ConfigError(
            f"{name} {given!s} has no time zone; write such as "
            '"2026-01-01T00:00:00Z" or datetime(…, tzinfo=UTC)'
        )
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ConfigError(
            f"{name} {given!s} is out of the years 1 to 9999 in UTC"
        ) from error


def ago(given: datetime | timedelta | str, name: str, now: datetime) -> datetime:
    """Return the moment that *given* is: a duration is counted back from *now*.

    Raises:
        ConfigError: as for `instant`, or the duration is negative.

    >>> now = datetime(2026, 1, 8, tzinfo=UTC)
    >>> ago("7d", "since", now) == ago("2026-01-01T01:00+01:00", "since", now)
    True
    """
    if isinstance(given, datetime) or (isinstance(given, str) and _is_date(given)):
        return instant(given, name)
    try:
        return now - timedelta(seconds=seconds_of(given))
    except (ConfigError, OverflowError) as error:
        raise ConfigError(
            f'{name} {given!s} is neither a duration such as "7d" nor a moment such as '
            '"2026-01-01T00:00:00Z"'
        ) from error


def _is_date(text: str) -> bool:
    return _DATE.match(text) is not None
