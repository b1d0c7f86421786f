"""Tasks go in from any thread; a thread does the newest one, and forgets those that it overtook."""

from __future__ import annotations

import atexit
import threading
import weakref
from collections.abc import Callable
from typing import TypeAlias

from segtoolkit.widgets.unheard import unheard

Task: TypeAlias = Callable[[], None]
_LAST_S = 2.0


class Newest:
    """Does one task at a time, the latest, once *pause_s* have gone by without a newer one.

    The thread ends when there is nothing to do. Tasks must not print.
    """

    def __init__(self, pause_s: float) -> None:
        self._pause_s = pause_s
        self._changed = threading.Condition()
        self._waiting: Task | None = None
        self._is_running = False
        atexit.register(_finish, weakref.ref(self))

    def put(self, task: Task) -> None:
        with self._changed:
            self._waiting = task
            self._changed.notify_all()
            if self._is_running:
                return
            self._is_running = True
        threading.Thread(target=self._run, name="segtoolkit-sizer", daemon=True).start()

    def join(self, timeout_s: float) -> bool:
        """Wait until nothing is left to do; tell whether that came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._is_running, timeout_s)

    def _run(self) -> None:
        while (task := self._next()) is not None:
            with unheard():
                task()

    def _next(self) -> Task | None:
        with self._changed:
            # As long as somebody types, there is a newer task within the pause.
            while self._waiting is not None and self._changed.wait(self._pause_s):
                pass
            task, self._waiting = self._waiting, None
            if task is None:
                self._is_running = False
                self._changed.notify_all()
            return task


def _finish(ref: weakref.ref[Newest]) -> None:
    """Let the last task end: DuckDB complains of whatever a thread holds when the process ends."""
    if (newest := ref()) is not None:
        newest.join(_LAST_S)
