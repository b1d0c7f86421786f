"""How deep an expression may be nested, and room on Python's stack for one that is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

DEEPEST = 500

# Levels that fit into Python's usual thousand calls, whatever walks the tree; and the calls that
# `DEEPEST` levels take, four times over.
_SHALLOW = 100
_CALLS = 10_000


def make_room(levels: int) -> None:
    """Let Python call as deep as *levels* of nesting need.

    The limit is only ever raised, and only when an expression needs it: other threads may rely on it.
    Python calls of Python take no C stack, so half a megabyte of that is enough.
    """
    if levels > _SHALLOW and sys.getrecursionlimit() < _CALLS:
        sys.setrecursionlimit(_CALLS)


def with_room(work: Callable[[], T]) -> T:
    """Do *work*, once more with all the room there is if it runs out of it."""
    try:
        return work()
    except RecursionError:
        make_room(DEEPEST)
        return work()
