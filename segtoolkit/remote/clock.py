"""The time as this room sees it; tests bring their own."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Seconds that only grow, and a pause that an interrupt ends."""

    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...
