"""Times: epoch numbers of any unit and ISO strings to aware UTC datetimes, and back to ms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from segtoolkit.wire.bodies import first, number

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def epoch_to_datetime(value: object) -> datetime | None:
    """Read a time; the service mixes seconds, milliseconds and microseconds.

    The unit follows from the magnitude, so milliseconds before March 1973 read as seconds.
    0, which stands for unknown, and whatever is no time give None. ISO strings without a
    zone are UTC.

    >>> str(epoch_to_datetime(1573203600535)), epoch_to_datetime(0)
    ('2019-11-08 09:00:00.535000+00:00', None)
    >>> epoch_to_datetime(1573203600) == epoch_to_datetime("2019-11-08T09:00:00Z")
    True
    """
    epoch = number(value)
    if epoch is None:
        return _from_iso(value) if isinstance(value, str) else None
    if epoch == 0:
        return None
    try:
        return EPOCH + timedelta(**{_unit(epoch): epoch})
    except OverflowError:
        return None


def _unit(epoch: float) -> str:
    if abs(epoch) > 1e15:
        return "microseconds"
    return "milliseconds" if abs(epoch) > 1e11 else "seconds"


def _from_iso(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def first_time(body: Mapping[str, Any], *keys: str) -> datetime | None:
    """Return the first time that is known under *keys*."""
    return first(*(epoch_to_datetime(body.get(key)) for key in keys))


def datetime_to_ms(t: datetime) -> int:
    """Return milliseconds since 1970; *t* must be aware, finer parts are dropped."""
    return (t - EPOCH) // MILLISECOND


def optional_ms(t: datetime | None) -> int | None:
    return None if t is None else datetime_to_ms(t)


def optional_s(t: datetime | None) -> int | None:
    return None if t is None else datetime_to_ms(t) // 1000
