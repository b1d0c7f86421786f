"""What waiting reports to: something that stands somewhere goes in, and is shown, called back or logged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

_log = logging.getLogger("segtoolkit")


class Shown(Protocol):
    """What is waited for; *status* is what a log has a line for whenever it changes."""

    @property
    def status(self) -> str: ...
    def _repr_html_(self) -> str: ...


@runtime_checkable
class Measured(Protocol):
    """What knows which part of it is done, 0 to 1; None while that is unknown."""

    @property
    def fraction(self) -> float | None: ...


@runtime_checkable
class Progress(Protocol):
    """What somebody who waits reports to."""

    def show(self, shown: Shown) -> None:
        """Show what was just read, or has changed."""

    def tick(self, shown: Shown) -> None:
        """Show that about a second went by without news."""

    def leave(self, shown: Shown, note: str) -> None:
        """Leave it unfinished on the screen; *note* says why."""

    def close(self) -> None:
        """Stay as it is: nothing follows."""


class NoProgress:
    """Shows nothing."""

    def show(self, shown: Shown) -> None: ...
    def tick(self, shown: Shown) -> None: ...
    def leave(self, shown: Shown, note: str) -> None: ...
    def close(self) -> None: ...


class CallbackProgress(NoProgress):
    """Calls a function after every look."""

    def __init__(self, function: Callable[[Any], object]) -> None:
        self._function = function

    def show(self, shown: Shown) -> None:
        self._function(shown)


class LogProgress(NoProgress):
    """Logs a line whenever the state changes."""

    def __init__(self) -> None:
        self._logged: str | None = None

    def show(self, shown: Shown) -> None:
        if shown.status != self._logged:
            self._logged = shown.status
            # Written down now: a handler may format the line when the job has moved on.
            _log.info("%s", repr(shown))

    def leave(self, shown: Shown, note: str) -> None:
        _log.info("%s %s", repr(shown), note)
