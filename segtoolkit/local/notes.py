"""Warnings on the way to the caller: noted where they arise, collected around a request."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from contextvars import ContextVar

from segtoolkit.warned import collecting

_noted: ContextVar[list[str] | None] = ContextVar("noted", default=None)


def note(warnings: Iterable[str]) -> None:
    """Pass *warnings* to whoever collects in this context, if anybody does."""
    if (notes := _noted.get()) is not None:
        notes += (warning for warning in warnings if warning not in notes)


def collected() -> AbstractContextManager[list[str]]:
    """Lend the list that what is noted meanwhile, in this context, goes to.

    >>> with collected() as notes:
    ...     note(["nobody has `x`"])
    >>> notes
    ['nobody has `x`']
    """
    return collecting(_noted)
