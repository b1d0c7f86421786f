"""What only the local road understands: arguments of the caller in, headers of the request out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from segtoolkit import wire
from segtoolkit.errors import ConfigError

AsOf: TypeAlias = datetime | str | None


def extras(as_of: AsOf, budget: int | None, *, is_local: bool) -> Mapping[str, str]:
    """Return the headers that ask for *as_of* and *budget*, none for None.

    Raises:
        ConfigError: one of them is not usable, or this is not the local road.
    """
    headers = {}
    if as_of is not None:
        headers[wire.AS_OF_HEADER] = _instant(as_of).isoformat()
    if budget is not None:
        headers[wire.BUDGET_HEADER] = _number(budget)
    if not is_local and as_of is not None:
        raise ConfigError(
            "as_of works on the local road only; the platform evaluates as of the start "
            "of the job"
        )
    if not is_local and budget is not None:
        raise ConfigError("budget works on the local road only; the platform has its own")
    return headers


def _number(budget: object) -> str:
    if isinstance(budget, int) and budget >= 1:
        return str(budget)
    raise ConfigError(f"budget is a number of profiles, such as 100_000, not {budget!r}")


def _instant(as_of: datetime | str) -> datetime:
    """Return *as_of* in UTC."""
    try:
        instant = datetime.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    except ValueError as error:
        raise ConfigError(
            f'as_of {as_of!r} is not ISO 8601; write such as "2026-01-01T00:00:00Z"'
        ) from error
    if instant.utcoffset() is None:
        raise ConfigError(
            f"as_of {as_of!s} has no time zone; write such as "
            '"2026-01-01T00:00:00Z" or datetime(…, tzinfo=UTC)'
        )
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ConfigError(
            f"as_of {as_of!s} is out of the years 1 to 9999 in UTC"
        ) from error
