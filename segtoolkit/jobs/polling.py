"""Watch something that goes on elsewhere: its reader goes in, why watching ended comes out."""

from __future__ import annotations

import logging
import math
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Protocol

from segtoolkit.cards import Thing
from segtoolkit.errors import (
    APIError,
    ConfigError,
    RateLimited,
    ServerError,
    TransportError,
)

Timeout = float | timedelta | str | None

# Failures to read that may pass; all others are the service's last word.
PASSING = (TransportError, ServerError, RateLimited)

_log = logging.getLogger("segtoolkit")
_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[dhms])\s*", re.IGNORECASE)
TICK_S = 1.0


class Clock(Protocol):
    """The time as the client sees it; tests bring their own."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        # Unlike a thread's join, waiting on an event ends at once on an interrupt.
        threading.Event().wait(seconds)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Polling(Thing):
    """How often to look; everything in seconds.

    Attributes:
        first: pause before the first look, and again after every change of state.
        factor: by which a pause is longer than the one before.
        most: the longest pause, unless the service asks for a longer one.
        jitter: part of a pause left to chance, 0 to 1, so that notebooks do not ask in step.
        grace: how long the service may fail to answer before watching ends.
    """

    first: float = 1.0
    factor: float = 1.5
    most: float = 20.0
    jitter: float = 0.1
    grace: float = 300.0

    def _line(self) -> str:
        return f"every {self.first:g} to {self.most:g} s"

    def _known(self) -> Mapping[str, object]:
        return {"longer each time by": self.factor, "silence borne": f"{self.grace:g} s"}

    def pause(self, quiet: int, draw: float = 0.5) -> float:
        """Return the pause after *quiet* looks without news; *draw* is a chance in [0, 1).

        >>> [Polling().pause(quiet) for quiet in (0, 1, 2, 100_000)]
        [1.0, 1.5, 2.25, 20.0]
        >>> round(Polling().pause(0, draw=0.0), 3)
        0.9
        """
        # Far beyond *most* already, and short of what a float can hold.
        length = min(self.first * self.factor ** min(quiet, 64), self.most)
        return length * (1 + self.jitter * (2 * draw - 1))


class Watched(Protocol):
    """What `watch` needs to know: attributes are as last read, *refresh* reads once."""

    @property
    def status(self) -> str: ...
    @property
    def is_final(self) -> bool: ...
    def refresh(self) -> object: ...


class Ending(Enum):
    FINAL = auto()
    DEADLINE = auto()
    UNREADABLE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Why watching ended; *error* is what went wrong at the last look, if anything did."""

    ending: Ending
    error: APIError | TransportError | None = None


def watch(
    watched: Watched,
    *,
    polling: Polling,
    clock: Clock,
    timeout_s: float = math.inf,
    pause_s: float | None = None,
    on_look: Callable[[], object] = lambda: None,
    on_tick: Callable[[], object] = lambda: None,
) -> Outcome:
    """Look at *watched* until it is final, and a last time at the deadline.

    Failures that may pass are borne for *polling.grace* seconds; others are raised at once.

    Args:
        watched: what to look at.
        polling: how often.
        clock: gives the time and sleeps.
        timeout_s: seconds to watch at most.
        pause_s: seconds before the first look; *polling.first* if not given.
        on_look: called after every look that succeeded.
        on_tick: called about every second in between.
    """
    deadline = clock.monotonic() + timeout_s
    outage = Outage(polling.grace)
    quiet = 0
    pause = drawn(polling, quiet) if pause_s is None else pause_s
    while True:
        left = max(deadline - clock.monotonic(), 0.0)
        _rest(min(pause, left), clock, on_tick)
        before = watched.status
        error = _failure_of(watched)
        if outage.note(error, clock.monotonic()):
            _log.warning("Reading failed, trying on for %g s: %s", polling.grace, error)
        if error is None:
            on_look()
        if watched.is_final:
            return Outcome(ending=Ending.FINAL)
        if pause >= left:
            return Outcome(ending=Ending.DEADLINE, error=error)
        if outage.is_too_long:
            return Outcome(ending=Ending.UNREADABLE, error=error)
        quiet = quiet + 1 if watched.status == before else 0
        pause = max(drawn(polling, quiet), asked_pause(error))


def drawn(polling: Polling, quiet: int) -> float:
    """Return the pause after *quiet* looks, with its part of chance."""
    return polling.pause(quiet, random.random())  # noqa: S311 - spreads load, hides nothing


def _rest(seconds: float, clock: Clock, on_tick: Callable[[], object]) -> None:
    while seconds > TICK_S:
        clock.sleep(TICK_S)
        seconds -= TICK_S
        on_tick()
    if seconds > 0:
        clock.sleep(seconds)


def _failure_of(watched: Watched) -> APIError | TransportError | None:
    try:
        watched.refresh()
    except PASSING as error:
        return error
    return None


@dataclass(slots=True)
class Outage:
    """How long looking has failed without a break."""

    grace_s: float
    since: float | None = None
    lasted_s: float = 0.0

    def note(self, error: Exception | None, now: float) -> bool:
        """Note how looking went; tell whether an outage began."""
        begins = error is not None and self.since is None
        if error is None:
            self.since = None
        elif self.since is None:
            self.since = now
        self.lasted_s = 0.0 if self.since is None else now - self.since
        return begins

    @property
    def is_too_long(self) -> bool:
        return self.since is not None and self.lasted_s >= self.grace_s


def asked_pause(answer: object) -> float:
    """Return how many seconds the service asked to be left alone."""
    return (answer.retry_after or 0.0) if isinstance(answer, APIError) else 0.0


def seconds_of(timeout: Timeout) -> float:
    """Return *timeout* in seconds; None is for ever.

    Raises:
        ConfigError: it is negative or cannot be read.

    >>> seconds_of("30m"), seconds_of("1h 30m"), seconds_of(2.5), seconds_of(None)
    (1800.0, 5400.0, 2.5, inf)
    """
    match timeout:
        case None:
            return math.inf
        case str():
            seconds = _seconds_in(timeout)
        case timedelta():
            seconds = timeout.total_seconds()
        case _:
            seconds = float(timeout)
    if not seconds >= 0:
        raise ConfigError(f"a timeout cannot be {timeout!r}; None waits for ever")
    return seconds


def _seconds_in(text: str) -> float:
    parts = _DURATION.findall(text.strip())
    if not parts or _DURATION.sub("", text.strip()):
        raise ConfigError(
            f'cannot read the timeout {text!r}; write "90s", "30m" or "1h 30m"'
        )
    return sum(float(number) * _UNITS[unit.lower()] for number, unit in parts)
