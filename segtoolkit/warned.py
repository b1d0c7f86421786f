"""Warn the line of the notebook or script that called this package, however deep the call went."""

from __future__ import annotations

import inspect
import warnings


def warn(text: str, category: type[Warning]) -> None:
    """Warn of *text* where code that is not this package's called it."""
    warnings.warn(text, category, stacklevel=_levels_to_caller())


def _levels_to_caller() -> int:
    frame, levels = inspect.currentframe(), 0
    while frame is not None and frame.f_globals.get("__name__", "").startswith(
        "segtoolkit."
    ):
        frame, levels = frame.f_back, levels + 1
    return levels
