"""A clock that nobody has to wait for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from segtoolkit import cards

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(repr=False)
class FakeClock(cards.Thing):
    """A clock that only sleeping moves on, at once.

    Attributes:
        elapsed_s: seconds that were slept in all.
        interrupt_at_s: when to press ■; None never does.
        breath_s: how long a sleep really takes, so that others get on with their work.
    """

    elapsed_s: float = 0.0
    interrupt_at_s: float | None = None
    breath_s: float = 0.0

    def _line(self) -> str:
        return f"{cards.time_text(self.now())}, {self.elapsed_s:g} s slept"

    def now(self) -> datetime:
        return START + timedelta(seconds=self.elapsed_s)

    def monotonic(self) -> float:
        return self.elapsed_s

    def sleep(self, seconds: float) -> None:
        if self.breath_s:
            time.sleep(self.breath_s)
        self.elapsed_s += seconds
        if self.interrupt_at_s is not None and self.elapsed_s >= self.interrupt_at_s:
            self.interrupt_at_s = None
            raise KeyboardInterrupt
