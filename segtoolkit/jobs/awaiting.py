"""Waiting in an event loop: a call that blocks goes in, what may be awaited comes out.

A thread waits; whatever it has to say is said by the loop's own thread, so that nothing is shown or
called back elsewhere. Any event loop of asyncio will do, and it goes on meanwhile.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, suppress
from contextvars import copy_context
from typing import Any, Generic, TypeVar

from segtoolkit.progress import Progress, Shown

T = TypeVar("T")

# Does the waiting, showing where it stands in the progress given; yields what has come.
Wait = Callable[[Progress], Iterator[T]]


async def outcome_of(
    wait: Wait[T], shown: Progress, waited: Shown, advice: Callable[[], str]
) -> T:
    """Return what *wait* yields first; otherwise as `outcomes_of`."""
    async with aclosing(outcomes_of(wait, shown, waited, advice)) as outcomes:
        return await anext(outcomes)


async def outcomes_of(
    wait: Wait[T], shown: Progress, waited: Shown, advice: Callable[[], str]
) -> AsyncGenerator[T, None]:
    """Yield what *wait* yields, as it comes; if this is cancelled, *waited* is left to itself.

    *advice* then says how to come by it again.
    """
    relay: Relay[T] = Relay(shown)
    threading.Thread(
        target=relay.run, args=(wait,), name="segtoolkit-wait", daemon=True
    ).start()
    try:
        while (came := await relay.arrivals.get()) is not None:
            if isinstance(came, BaseException):
                raise came
            yield came[0]
    except asyncio.CancelledError as cancelled:
        cancelled.add_note(advice())
        shown.leave(waited, "stopped waiting; the work goes on")
        raise
    finally:
        relay.is_given_up = True
        shown.close()


class _GivenUp(Exception):
    """Ends the waiting of a thread that nobody listens to any more."""


class Relay(Generic[T]):
    """Hands over to the loop what a thread that waits shows, finds and raises.

    Attributes:
        arrivals: what was found, each in a tuple; what was raised; None at the end.
        is_given_up: whether the thread is to end, at its next look or within about a second.
    """

    def __init__(self, shown: Progress) -> None:
        self.arrivals: asyncio.Queue[tuple[T] | BaseException | None] = asyncio.Queue()
        self.is_given_up = False
        self._has_tick = False
        self._shown = shown
        self._loop = asyncio.get_running_loop()
        # A kernel knows by it to which cell an output belongs.
        self._context = copy_context()

    def run(self, wait: Wait[T]) -> None:
        """Wait, in a thread of its own."""
        try:
            for found in wait(self):
                self._say(self.arrivals.put_nowait, (found,))
            self._say(self.arrivals.put_nowait, None)
        except _GivenUp:
            return
        except BaseException as error:  # noqa: BLE001 - it is raised where it is awaited
            with suppress(_GivenUp):
                self._say(self.arrivals.put_nowait, error)

    def show(self, shown: Shown) -> None:
        self._relay(self._shown.show, shown)

    def tick(self, shown: Shown) -> None:
        # A loop that is busy must not find a heap of these when it comes back.
        if self._loop.is_closed():
            raise _GivenUp
        if self.is_given_up or not self._has_tick:
            self._has_tick = True
            self._relay(self._tick, shown)

    def _tick(self, shown: Shown) -> None:
        self._has_tick = False
        self._shown.tick(shown)

    def leave(self, shown: Shown, note: str) -> None:
        self._relay(self._shown.leave, shown, note)

    def close(self) -> None:
        """Leave that to the loop, which may have more to show."""

    def _relay(self, show: Callable[..., object], *what: Any) -> None:
        if self.is_given_up:
            raise _GivenUp
        self._say(self._try_to, show, *what)

    def _try_to(self, show: Callable[..., object], *what: Any) -> None:
        """Show something; what a caller's function raises ends the waiting."""
        if self.is_given_up:
            return
        try:
            show(*what)
        except Exception as error:  # noqa: BLE001 - it is raised where it is awaited
            self.is_given_up = True
            self.arrivals.put_nowait(error)

    def _say(self, act: Callable[..., object], *what: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(act, *what, context=self._context)
        except RuntimeError:  # the loop is closed: nobody listens
            raise _GivenUp from None
