"""How waiting is shown: the caller's choice goes in, what shows it here comes out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, Literal

from segtoolkit.errors import ConfigError
from segtoolkit.progress.bar import BarProgress
from segtoolkit.progress.card import CardProgress
from segtoolkit.progress.later import LaterProgress
from segtoolkit.progress.showing import (
    CallbackProgress,
    LogProgress,
    NoProgress,
    Progress,
)

NamedProgress = Literal["auto", "off", "log"]
ProgressChoice = NamedProgress | Callable[[Any], object] | Progress | None

ENVIRONMENT = "SEGTOOLKIT_PROGRESS"


def choose(choice: ProgressChoice = None) -> Progress:
    """Return what *choice* means here; None leaves it to ``SEGTOOLKIT_PROGRESS``, then "auto".

    "auto" is a card in a notebook, a bar on a terminal, and log lines elsewhere. A callable gets the
    job or group after every look at it, the last one included; what it raises ends the waiting. A `Progress` of one's own is taken as it is.

    Raises:
        ConfigError: there is no such choice.
    """
    if isinstance(choice, Progress):
        return choice
    if callable(choice):
        return CallbackProgress(choice)
    named = choice or os.environ.get(ENVIRONMENT) or "auto"
    if named not in _CHOICES:
        known = ", ".join(f'"{name}"' for name in _CHOICES)
        raise ConfigError(
            f"no progress {named!r}; it is one of {known} or a function of the job"
        )
    return _CHOICES[named]()


def for_calls(choice: ProgressChoice, of_client: ProgressChoice) -> Progress:
    """Return what *choice* means for a call that is mostly over at once, such as a sizing.

    Cards and bars wait for half a second, so that only long calls have one. None takes the
    client's choice, but not its function, which is one of jobs.

    Raises:
        ConfigError: there is no such choice.
    """
    if choice is None and callable(of_client):
        return NoProgress()
    chosen = choose(of_client if choice is None else choice)
    is_drawn = isinstance(chosen, CardProgress | BarProgress)
    return LaterProgress(chosen) if is_drawn else chosen


def in_kernel() -> bool:
    """Tell whether this is a notebook's kernel."""
    # Who runs in a kernel has IPython loaded; nobody else should pay for the import.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def _auto() -> Progress:
    if in_kernel():
        return CardProgress()
    # A process without a terminal may have no stderr at all.
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    return BarProgress() if is_terminal else LogProgress()


_CHOICES: dict[str, Callable[[], Progress]] = {
    "auto": _auto,
    "off": NoProgress,
    "log": LogProgress,
}
