"""A run of the engine that another thread can stop: a cursor goes in, the engine's answer comes out.

DuckDB heeds ``interrupt()`` of another thread at once, and Ctrl-C of its own after minutes; so
nobody who may have to stop a run may be the thread that computes it.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import TypeVar

import duckdb

from segtoolkit import interrupted
from segtoolkit.errors import StoreError

T = TypeVar("T")

TOO_LATE = "It came too late: what was asked for is done."

_PULSE_S = 0.05
_PATIENCE_S = 0.5  # of somebody at the keyboard
_PATIENCE_OF_CLOSING_S = 10.0

_pulse: ContextVar[Callable[[], object] | None] = ContextVar("pulse", default=None)


class Stopped(StoreError):
    """Raised by a run that was told to stop."""

    def __init__(self) -> None:
        super().__init__("stopped before the end; the store is being closed")


class Run:
    """One use of *cursor* by the engine; without one it ends at its next step only."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection | None) -> None:
        self._cursor = cursor
        self._interrupting = threading.Lock()
        self._over = threading.Event()
        self._told_to_stop = False

    def go_on(self) -> None:
        """Let the run go on, unless it was told to stop.

        Raises:
            Stopped: it was.
        """
        if self._told_to_stop:
            raise Stopped

    def tell_to_stop(self) -> None:
        """Interrupt the statement of this moment, and let no step follow; return at once."""
        self._told_to_stop = True
        with self._interrupting:
            if self._cursor is not None and not self._over.is_set():
                self._cursor.interrupt()

    def stop(self, *, within_s: float) -> None:
        """Make the run end, and return when it has or after *within_s*; it will not get far."""
        self.tell_to_stop()
        threading.Thread(target=self._insist, name="segtoolkit-stop", daemon=True).start()
        self._over.wait(within_s)

    def end(self) -> None:
        """Say that the cursor is no longer in use, so that nobody interrupts its next life."""
        with self._interrupting:
            self._over.set()

    def _insist(self) -> None:
        # An interrupt between two statements has no effect.
        while not self._over.wait(_PULSE_S):
            self.tell_to_stop()


class Runs:
    """The runs of a service that are under way, by name."""

    def __init__(self) -> None:
        self._by_name: dict[str, Run] = {}
        self._unwanted: set[str] = set()
        self._closed = False

    @contextmanager
    def run(self, name: str, cursor: duckdb.DuckDBPyConnection | None) -> Iterator[Run]:
        """Lend a run over *cursor* that `stop` and `close` find until it is given back.

        Raises:
            Stopped: it was told to stop, however late, or no more runs are wanted.
        """
        run = self._by_name[name] = Run(cursor)
        try:
            if self._closed or name in self._unwanted:
                run.tell_to_stop()
            run.go_on()
            yield run
            # What was told to stop is not kept, even if no step noticed.
            run.go_on()
        except Exception as error:
            if not isinstance(error, Stopped):
                run.go_on()  # an interrupt shows as many errors
            if isinstance(error, duckdb.InterruptException):
                raise Stopped from error
            raise
        finally:
            self._unwanted.discard(name)
            del self._by_name[name]
            run.end()

    def stop(self, name: str) -> None:
        """Make the run of that name end, and return when it has or soon; one to come will not begin."""
        self._unwanted.add(name)
        if (run := self._by_name.get(name)) is not None:
            run.stop(within_s=_PATIENCE_S)

    def stop_soon(self, name: str) -> None:
        """Make the run of that name end, if it is under way; return at once."""
        if (run := self._by_name.get(name)) is not None:
            run.stop(within_s=0)

    def tell_to_stop(self, name: str) -> None:
        """Interrupt the run of that name once, if it is under way; return at once."""
        if (run := self._by_name.get(name)) is not None:
            run.tell_to_stop()

    def under_way(self) -> frozenset[str]:
        """Return the names of all runs there are."""
        return frozenset(self._by_name)

    def close(self) -> None:
        """Make all runs end, let no other begin, and return when they have ended."""
        self._closed = True
        for run in tuple(self._by_name.values()):
            run.stop(within_s=_PATIENCE_OF_CLOSING_S)


@contextmanager
def pulsing(pulse: Callable[[], object]) -> Iterator[None]:
    """Have *pulse* called many times a second while this context waits for work that is done aside."""
    token = _pulse.set(pulse)
    try:
        yield
    finally:
        _pulse.reset(token)


def aside(work: Callable[[], T], *, stop: Callable[[], None]) -> T:
    """Do *work* in a thread of its own; on Ctrl-C in this one, *stop* it and pass that on."""
    future: Future[T] = Future()
    with stopped_by_ctrl_c(future, stop):
        begin(work, future)
        await_(future)
    return future.result()


@contextmanager
def stopped_by_ctrl_c(future: Future[T], stop: Callable[[], None]) -> Iterator[None]:
    """On Ctrl-C within, *stop* what settles *future*, and pass that on."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        stop()
        settled = wait([future], timeout=_PATIENCE_S).done
        if settled and future.exception() is None:
            interrupted.note(interrupt, TOO_LATE)
        raise


def begin(work: Callable[[], T], future: Future[T]) -> None:
    """Begin *work* in a thread of its own; its outcome settles *future*."""
    context = copy_context()  # what is noted there is noted here
    context.run(_pulse.set, None)  # but what is shown, is shown here only
    args = (_settle, future, work)
    threading.Thread(target=context.run, args=args, daemon=True).start()


def await_(future: Future[T], *, within_s: float = math.inf) -> None:
    """Return when *future* is settled, or after *within_s*."""
    deadline = time.monotonic() + within_s
    pulse = _pulse.get()
    while (left := deadline - time.monotonic()) > 0:
        # A wait without end would not notice the interrupt of a kernel on Windows.
        if wait([future], timeout=min(left, _PULSE_S)).done:
            return
        if pulse is not None:
            pulse()


def _settle(future: Future[T], work: Callable[[], T]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it is raised again where the result is awaited
        future.set_exception(error)
