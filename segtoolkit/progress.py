"""Show a waiting caller where a job or a group stands: a choice goes in, something that shows it comes out.

In a notebook that is one card, updated in place; elsewhere log lines. Neither needs ipywidgets.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from html import escape
from typing import Any, Literal, Protocol

from segtoolkit.errors import ConfigError

ProgressChoice = Literal["auto", "off", "log"] | Callable[[Any], object] | None

ENVIRONMENT = "SEGTOOLKIT_PROGRESS"

_log = logging.getLogger("segtoolkit")


class Shown(Protocol):
    """A job, or a group of jobs; *status* is what a log has a line for whenever it changes."""

    @property
    def status(self) -> str: ...
    def _repr_html_(self) -> str: ...


class Progress(Protocol):
    """What a waiting job or group reports to."""

    def show(self, job: Shown) -> None:
        """Show *job*, which was just read."""

    def tick(self, job: Shown) -> None:
        """Show that about a second went by without news."""

    def leave(self, job: Shown, note: str) -> None:
        """Leave *job* unfinished on the screen; *note* says why."""


def choose(choice: ProgressChoice = None) -> Progress:
    """Return what *choice* means here; None leaves it to ``SEGTOOLKIT_PROGRESS``, then "auto".

    "auto" is a card in a notebook and log lines elsewhere. A callable gets the job or group after
    every look at it, the last one included; what it raises ends the waiting.

    Raises:
        ConfigError: there is no such choice.
    """
    if callable(choice):
        return CallbackProgress(choice)
    named = choice or os.environ.get(ENVIRONMENT) or "auto"
    if named not in _CHOICES:
        known = ", ".join(f'"{name}"' for name in _CHOICES)
        raise ConfigError(
            f"no progress {named!r}; it is one of {known} or a function of the job"
        )
    return _CHOICES[named]()


class NoProgress:
    """Shows nothing."""

    def show(self, job: Shown) -> None: ...
    def tick(self, job: Shown) -> None: ...
    def leave(self, job: Shown, note: str) -> None: ...


class CallbackProgress(NoProgress):
    """Calls a function with the job after every look."""

    def __init__(self, function: Callable[[Any], object]) -> None:
        self._function = function

    def show(self, job: Shown) -> None:
        self._function(job)


class LogProgress(NoProgress):
    """Logs a line whenever the state changes."""

    def __init__(self) -> None:
        self._logged: str | None = None

    def show(self, job: Shown) -> None:
        if job.status != self._logged:
            self._logged = job.status
            # Written down now: a handler may format the line when the job has moved on.
            _log.info("%s", repr(job))

    def leave(self, job: Shown, note: str) -> None:
        _log.info("%s %s", repr(job), note)


class CardProgress:
    """Keeps one notebook output up to date; what it shows last is saved with the notebook."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, job: Shown) -> None:
        self._draw(_bundle(job))

    def tick(self, job: Shown) -> None:
        self._draw(_bundle(job))

    def leave(self, job: Shown, note: str) -> None:
        self._draw(_bundle(job, note))

    def _draw(self, bundle: dict[str, str]) -> None:
        from IPython.display import display  # noqa: PLC0415 - only kernels have it at hand

        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(bundle, raw=True)


def _bundle(job: Shown, note: str = "") -> dict[str, str]:
    html = job._repr_html_()
    return {
        "text/plain": f"{job!r} {note}".rstrip(),
        "text/html": html + (f"<div>{escape(note)}</div>" if note else ""),
    }


def _auto() -> Progress:
    return CardProgress() if _in_kernel() else LogProgress()


def _in_kernel() -> bool:
    # Who runs in a kernel has IPython loaded; nobody else should pay for the import.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


_CHOICES: dict[str, Callable[[], Progress]] = {
    "auto": _auto,
    "off": NoProgress,
    "log": LogProgress,
}
