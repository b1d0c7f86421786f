"""Work in steps, such as a load: what its thread tells goes in, the thread that waits shows it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeAlias

from segtoolkit import cards, interrupted
from segtoolkit.progress.choosing import NamedProgress, ProgressChoice, for_calls
from segtoolkit.progress.showing import NoProgress, Progress

# Is told what is done next, and how many records it is about, if that is known.
Step: TypeAlias = Callable[[str, int | None], object]

_TICK_S = 1.0


class Steps:
    """What is being done, for how long; *tell* may be called by any thread, *pulse* by who waits.

    Attributes:
        title: what the work is, such as ``load of profiles``.
        outcome: what came of it, once that is known.
    """

    def __init__(
        self,
        title: str,
        progress: Progress,
        tell: Step | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin work called *title*, whose steps go to *tell* as well as to *progress*."""
        self.title = title
        self.outcome: str | None = None
        self._progress = progress
        self._tell = tell
        self._clock = clock
        self._began_s = self._drawn_s = clock()
        self._told: deque[tuple[str, int | None]] = deque()
        self._what = ""
        self._rows: int | None = None

    @property
    def status(self) -> str:
        return self.outcome or self._what

    def tell(self, what: str, rows: int | None) -> None:
        """Say what is done next; what the caller's function raises is raised."""
        if self._tell is not None:
            self._tell(what, rows)
        else:
            self._told.append((what, rows))

    def pulse(self) -> None:
        """Show what was told meanwhile."""
        now_s = self._clock()
        while self._told:
            self._what, self._rows = self._told.popleft()
            self._progress.show(self)
            self._drawn_s = now_s
        if now_s - self._drawn_s >= _TICK_S:
            self._progress.tick(self)
            self._drawn_s = now_s

    def done(self, outcome: str) -> None:
        """Leave what came of the work on the screen; an empty *outcome* is no news."""
        self.pulse()
        if outcome:
            self.outcome = outcome
            self._progress.show(self)

    def leave(self, note: str) -> None:
        """Leave the step that was not finished on the screen."""
        self.pulse()
        self._progress.leave(self, note)

    def close(self) -> None:
        self._progress.close()

    def __repr__(self) -> str:
        return f"<{self.title} {self._seconds} · {self.outcome or self._step}>"

    def _repr_html_(self) -> str:
        what = cards.bold(self.outcome or self._step)
        colour = cards.colour_of("RUNNING" if self.outcome is None else "RESULT_READY")
        return cards.card(
            cards.line(what, f" {self._seconds} · {self.title}"), colour=colour
        )

    @property
    def _step(self) -> str:
        return self._what if self._rows is None else f"{self._what}: {self._rows:,} records"

    @property
    def _seconds(self) -> str:
        return cards.duration_text(timedelta(seconds=self._clock() - self._began_s))


@contextmanager
def steps_of(
    title: str, choice: NamedProgress | Step | None, of_client: ProgressChoice
) -> Iterator[Steps]:
    """Lend the steps of the work called *title*, and leave its end, or what stopped it, on the screen.

    A *choice* that is a function is told each step by the thread that does it.
    """
    if callable(choice):
        steps = Steps(title, NoProgress(), choice)
    else:
        steps = Steps(title, for_calls(choice, of_client))
    try:
        yield steps
    except KeyboardInterrupt as interrupt:
        notes = getattr(interrupt, "__notes__", ["Stopped: nothing of it is kept."])
        if not hasattr(interrupt, "__notes__"):
            interrupted.note(interrupt, notes[-1])
        steps.leave(notes[-1])
        raise
    except Exception as error:
        steps.leave(f"failed: {error}")
        raise
    finally:
        steps.close()
