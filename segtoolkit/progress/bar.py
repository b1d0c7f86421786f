"""Progress on a terminal: what is waited for goes in, one line on stderr that is kept up to date comes out."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from contextlib import suppress
from typing import Any

from segtoolkit.progress.showing import Measured, NoProgress, Shown

# What the words are left before the bar is shortened.
_WORDS_COLUMNS = 59


class BarProgress(NoProgress):
    """Keeps one line up to date, with a bar where a part of the whole is known; the last one stays."""

    def __init__(self) -> None:
        self._bar: Any = None

    def show(self, shown: Shown) -> None:
        self._draw(shown)

    def tick(self, shown: Shown) -> None:
        self._draw(shown)

    def leave(self, shown: Shown, note: str) -> None:
        self._draw(shown, note)
        self.close()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _draw(self, shown: Shown, note: str = "") -> None:
        if self._bar is None:
            self._bar = _bar()
        done = shown.fraction if isinstance(shown, Measured) else None
        text = f"{shown!r} {note}".rstrip()
        room = _columns() - 1
        bar_columns = min(max(room - _WORDS_COLUMNS, 5), 20)
        self._bar.bar_format = "{desc}" if done is None else _MEASURED.format(bar_columns)
        self._bar.n = done or 0.0
        room -= 0 if done is None else len("100%|| ") + bar_columns
        # A line that is longer than the terminal could not be taken back.
        self._bar.set_description_str(_cut(text, room))


_MEASURED = "{{percentage:3.0f}}%|{{bar:{}}}| {{desc}}"


def _columns() -> int:
    # It is stderr that is drawn on: stdout may be a file, and have no width.
    with suppress(AttributeError, OSError, ValueError):
        known = os.get_terminal_size(sys.stderr.fileno()).columns
        return shutil.get_terminal_size((known or 80, 24)).columns
    return shutil.get_terminal_size().columns


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(room - 1, 0)] + "…"


def _bar() -> Any:
    from tqdm import tqdm  # noqa: PLC0415 - only terminals need it

    class Bar(tqdm):  # type: ignore[type-arg]
        # No thread that draws by itself, and no lock that other processes know.
        monitor_interval = 0
        _lock = threading.RLock()

    return Bar(total=1.0, leave=True, file=sys.stderr, bar_format="{desc}")
