"""A run of the engine that another thread can stop: a cursor goes in, the engine's answer comes out.

DuckDB heeds ``interrupt()`` of another thread at once, and Ctrl-C of its own after minutes; so
nobody who may have to stop a run may be the thread that computes it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from contextvars import copy_context
from typing import TypeVar

import duckdb

from segtoolkit.errors import StoreError

T = TypeVar("T")

_PULSE_S = 0.05


class Stopped(StoreError):
    """Raised by a run that was told to stop."""

    def __init__(self) -> None:
        super().__init__("stopped before the end; the store is being closed")


class Run:
    """One use of *cursor* by the engine."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self._interrupting = threading.Lock()
        self._over = threading.Event()
        self._told_to_stop = False

    def step(self, _done: int, _total: int) -> None:
        """Let the run go on, unless it was told to stop."""
        if self._told_to_stop:
            raise Stopped

    def stop(self, *, within_s: float = 10) -> None:
        """Make the run end and return when it has, or after *within_s*.

        An interrupt between two statements has no effect, hence one every 50 ms.
        """
        self._told_to_stop = True
        for _ in range(round(within_s / _PULSE_S)):
            self._interrupt()
            if self._over.wait(_PULSE_S):
                return

    def end(self) -> None:
        """Say that the cursor is no longer in use, so that nobody interrupts its next life."""
        with self._interrupting:
            self._over.set()

    def _interrupt(self) -> None:
        with self._interrupting:
            if not self._over.is_set():
                self._cursor.interrupt()


class Runs:
    """The runs of a service that are under way, by name."""

    def __init__(self) -> None:
        self._by_name: dict[str, Run] = {}
        self._unwanted: set[str] = set()
        self._closed = False

    @contextmanager
    def run(self, name: str, cursor: duckdb.DuckDBPyConnection) -> Iterator[Run]:
        """Lend a run over *cursor* that `stop_soon` and `close` find until it is given back.

        Raises:
            Stopped: it was told to stop, or no more runs are wanted.
        """
        run = self._by_name[name] = Run(cursor)
        try:
            if self._closed or name in self._unwanted:
                raise Stopped
            yield run
        except duckdb.InterruptException as error:
            raise Stopped from error
        finally:
            self._unwanted.discard(name)
            del self._by_name[name]
            run.end()

    def stop(self, name: str) -> None:
        """Make the run of that name end, and return when it has; one to come will not begin."""
        self._unwanted.add(name)
        if (run := self._by_name.get(name)) is not None:
            run.stop()

    def stop_soon(self, name: str) -> None:
        """Make the run of that name end, if it is under way; return at once."""
        if (run := self._by_name.get(name)) is not None:
            threading.Thread(target=run.stop, name="segtoolkit-stop", daemon=True).start()

    def close(self) -> None:
        """Make all runs end, let no other begin, and return when they have ended."""
        self._closed = True
        for run in tuple(self._by_name.values()):
            run.stop()


def aside(work: Callable[[], T], *, stop: Callable[[], None]) -> T:
    """Do *work* in a thread of its own; on Ctrl-C in this one, *stop* it and pass that on."""
    future: Future[T] = Future()
    context = copy_context()  # what is noted there is noted here
    args = (_settle, future, work)
    threading.Thread(target=context.run, args=args, daemon=True).start()
    try:
        # A wait without end would not notice the interrupt of a kernel on Windows.
        while not wait([future], timeout=_PULSE_S).done:
            pass
    except KeyboardInterrupt:
        stop()
        raise
    return future.result()


def _settle(future: Future[T], work: Callable[[], T]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it is raised again where the result is awaited
        future.set_exception(error)
