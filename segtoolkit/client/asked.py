"""What only the local road understands: arguments of the caller in, headers of the request out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from segtoolkit import wire
from segtoolkit.client.instants import instant
from segtoolkit.errors import ConfigError

AsOf: TypeAlias = datetime | str | None


def extras(as_of: AsOf, budget: int | None, *, is_local: bool) -> Mapping[str, str]:
    """Return the headers that ask for *as_of* and *budget*, none for None.

    Raises:
        ConfigError: one of them is not usable, or this is not the local road.
    """
    headers = {}
    if as_of is not None:
        headers[wire.AS_OF_HEADER] = instant(as_of, "as_of").isoformat()
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
