"""Progress of what is mostly over at once: it is shown when it takes long, and not before."""

from __future__ import annotations

import time
from collections.abc import Callable

from segtoolkit.progress.showing import NoProgress, Progress, Shown

PATIENCE_S = 0.5


class LaterProgress(NoProgress):
    """Passes on to *progress* what lasts longer than *patience_s*, its end included."""

    def __init__(
        self,
        progress: Progress,
        patience_s: float = PATIENCE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._progress = progress
        self._clock = clock
        self._from_s = clock() + patience_s

    def show(self, shown: Shown) -> None:
        if self._is_late():
            self._progress.show(shown)

    def tick(self, shown: Shown) -> None:
        if self._is_late():
            self._progress.tick(shown)

    def leave(self, shown: Shown, note: str) -> None:
        # What was stopped is worth a word, however short it was.
        self._progress.leave(shown, note)

    def close(self) -> None:
        self._progress.close()

    def _is_late(self) -> bool:
        return self._clock() >= self._from_s
