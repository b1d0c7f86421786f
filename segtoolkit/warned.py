"""Warn the line of the notebook or script that called this package, however deep the call went."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

_kept: ContextVar[list[str] | None] = ContextVar("kept", default=None)


def warn(text: str, category: type[Warning]) -> None:
    """Warn of *text* where code that is not this package's called it."""
    if (texts := _kept.get()) is not None:
        texts.append(text)
    else:
        warnings.warn(text, category, stacklevel=_levels_to_caller())


def kept() -> AbstractContextManager[list[str]]:
    """Lend the list that warnings of this thread go to meanwhile: a thread has no line that called it.

    >>> with kept() as texts:
    ...     warn("nobody has `x`", UserWarning)
    >>> texts
    ['nobody has `x`']
    """
    return collecting(_kept)


@contextmanager
def collecting(into: ContextVar[list[str] | None]) -> Iterator[list[str]]:
    """Lend a new list that *into* holds meanwhile, in this context."""
    texts: list[str] = []
    token = into.set(texts)
    try:
        yield texts
    finally:
        into.reset(token)


def _levels_to_caller() -> int:
    frame, levels = inspect.currentframe(), 0
    while frame is not None and frame.f_globals.get("__name__", "").startswith(
        "segtoolkit."
    ):
        frame, levels = frame.f_back, levels + 1
    return levels
