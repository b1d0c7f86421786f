"""Doubts about a submission: what is to be submitted and what was lately go in, sentences come out.

The limits are those published for evaluation on demand. The service may enforce others, so none
of this is asked for unless the caller wants it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from segtoolkit.errors import (
    APIError,
    ConfigError,
    GuardError,
    GuardWarning,
    TransportError,
)
from segtoolkit.models import JobRecord
from segtoolkit.warned import warn

Guards: TypeAlias = Literal["off", "warn", "raise"]

MOST_SEGMENTS = 20
RUNS_A_DAY = 2
_PRODUCTION = "prod"


def checked(guards: str) -> Guards:
    """Return *guards* if there is such a choice.

    Raises:
        ConfigError: there is not.
    """
    for known in get_args(Guards):
        if guards == known:
            return known  # type: ignore[no-any-return] # get_args knows no types
    raise ConfigError(f'no guards {guards!r}; it is one of "off", "warn", "raise"')


def tell(doubts: Iterable[str], guards: Guards) -> None:
    """Warn of all *doubts*, or refuse for them.

    Raises:
        GuardError: there are some, and *guards* is "raise".
    """
    told = list(doubts)
    if told and guards == "raise":
        raise GuardError(f"not submitted: {'; '.join(told)}")
    for doubt in told:
        warn(doubt, GuardWarning)


def looked_up(
    recent: Callable[[], Iterable[JobRecord]], guards: Guards
) -> tuple[JobRecord, ...]:
    """Return the *recent* jobs; none, and a warning, if they cannot be listed and *guards* only tell.

    Raises:
        APIError, TransportError: they cannot be listed, and *guards* is "raise".
    """
    try:
        return tuple(recent())
    except (APIError, TransportError) as error:
        if guards == "raise":
            raise
        warn(f"the runs of today are not known: {error}", GuardWarning)
        return ()


def doubts(
    jobs: Sequence[Sequence[str]],
    recent: Sequence[JobRecord],
    now: datetime,
    sandbox: str | None = None,
) -> Iterator[str]:
    """Yield what is doubtful about submitting *jobs*, each of some segments.

    Args:
        jobs: the ids of the segments of each.
        recent: the newest jobs of the sandbox, newest first.
        now: aware.
        sandbox: its name, if that is known.
    """
    found = [too_many_segments(jobs), over_quota(len(jobs), recent, now)]
    yield from filter(None, [*found, in_production(recent, sandbox)])


def too_many_segments(jobs: Sequence[Sequence[str]]) -> str | None:
    """Return the doubt that a job is of more segments than can be evaluated on demand."""
    most = max(map(len, jobs), default=0)
    if most <= MOST_SEGMENTS:
        return None
    return (
        f"a job of {most} segments is more than the {MOST_SEGMENTS} that can be evaluated on "
        "demand; split it"
    )


def over_quota(number: int, recent: Sequence[JobRecord], now: datetime) -> str | None:
    """Return the doubt that *number* more jobs are beyond the runs of a day, which begins at 00:00 UTC."""
    today = now.date()
    ran = sum(
        job.source == "api"
        and job.created_at is not None
        and job.created_at.date() == today
        for job in recent
    )
    if ran + number <= RUNS_A_DAY:
        return None
    return (
        f"{ran} jobs were submitted since 00:00 UTC and {number} would follow; a sandbox may "
        f"have {RUNS_A_DAY} runs on demand a day"
    )


def in_production(recent: Sequence[JobRecord], sandbox: str | None) -> str | None:
    """Return the doubt that the sandbox is a production one."""
    known = next((job.sandbox for job in recent if job.sandbox is not None), None)
    is_production = known.type == "production" if known and known.type else None
    if is_production or (is_production is None and sandbox == _PRODUCTION):
        name = sandbox or (known.name if known else _PRODUCTION)
        return f"the sandbox {name!r} is a production one; its memberships will change"
    return None
