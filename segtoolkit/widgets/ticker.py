"""A function that names its own pauses goes in; a thread that calls it until it names none comes out."""

from __future__ import annotations

import atexit
import threading
import weakref
from collections.abc import Callable

from segtoolkit.widgets.unheard import unheard

_LAST_S = 2.0


class Ticker:
    """Calls *tick* in a daemon thread, again after as many seconds as it returns.

    *tick* must not print, as nobody knows in which cell that would show. If it raises, that is the end.
    """

    def __init__(self, tick: Callable[[], float | None]) -> None:
        self._tick = tick
        self._lock = threading.Lock()
        self._stopping: threading.Event | None = None
        self._thread: threading.Thread | None = None
        atexit.register(_finish, weakref.ref(self))

    @property
    def is_running(self) -> bool:
        return self._stopping is not None

    def start(self) -> None:
        """Begin to tick, at once; nothing if it does already."""
        with self._lock:
            if self._stopping is not None:
                return
            # Each life has its own event, so that a stopped thread cannot be woken by the next start.
            self._stopping = threading.Event()
            args = (self._stopping,)
        self._thread = threading.Thread(
            target=self._run, args=args, name="segtoolkit-view", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Tick no more; a tick that is under way ends by itself."""
        with self._lock:
            if self._stopping is not None:
                self._stopping.set()
            self._stopping = None

    def join(self, timeout_s: float) -> None:
        """Wait until the thread has ended, for *timeout_s* at most."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self, stopping: threading.Event) -> None:
        pause: float | None = 0.0
        while pause is not None and not stopping.wait(pause):
            pause = None
            with unheard():
                pause = self._tick()
        with self._lock:
            if self._stopping is stopping:
                self._stopping = None


def _finish(ref: weakref.ref[Ticker]) -> None:
    """End with the process: DuckDB complains of whatever a thread still holds then."""
    if (ticker := ref()) is not None:
        ticker.stop()
        ticker.join(_LAST_S)
