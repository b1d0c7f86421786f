"""Which views are live: a new one goes in, and those that it takes the place of are retired.

These are the views of the same thing, and those that the same cell made when it was run before. Without
that, every run of a cell would leave a thread that asks the service for nobody.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol


class Retiring(Protocol):
    def retire(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a view stands.

    Attributes:
        shown: what it shows.
        cell: the cell that made it; None where the front end does not say.
        run: the request that ran the cell.
    """

    shown: Hashable
    cell: str | None = None
    run: str | None = None

    def is_taken_by(self, newer: Place) -> bool:
        """Tell whether *newer* stands for the same; two views of one run of a cell are two."""
        is_run_again = self.cell is not None and self.cell == newer.cell
        return self.shown == newer.shown or (is_run_again and self.run != newer.run)


_live: list[tuple[Place, weakref.ref[Retiring]]] = []
_lock = threading.Lock()


def take(place: Place, view: Retiring) -> None:
    """Let *view* stand at *place*, and retire whatever stood there."""
    with _lock:
        known = [(old, found) for old, ref in _live if (found := ref()) is not None]
        retired = [found for old, found in known if old.is_taken_by(place)]
        kept = [(old, weakref.ref(found)) for old, found in known if found not in retired]
        _live[:] = [*kept, (place, weakref.ref(view))]
    for old_view in retired:
        old_view.retire()


def here(shown: Hashable) -> Place:
    """Return the place of what is *shown* by the cell that runs now."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return Place(shown)
    parent = kernel.get_parent("shell") or {}
    cell = parent.get("metadata", {}).get("cellId")
    return Place(shown, cell, parent.get("header", {}).get("msg_id"))
