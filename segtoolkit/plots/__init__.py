"""DataFrames in, matplotlib Axes out.

Every function takes the frame first (or the object that makes it), draws on *ax* or on a new
figure, and returns the ``Axes``. None of them shows anything, sets a style or says something
by colour alone. Text takes its colour from the caller's style, so dark themes work; ``alt_text``
says in words what was drawn.
"""

from __future__ import annotations

from segtoolkit.plots.figures import alt_text
from segtoolkit.plots.history import size_history
from segtoolkit.plots.namespaces import namespace_counts
from segtoolkit.plots.overlaps import overlap
from segtoolkit.plots.statuses import status_counts
from segtoolkit.plots.timeline import status_timeline

__all__ = [
    "alt_text",
    "namespace_counts",
    "overlap",
    "size_history",
    "status_counts",
    "status_timeline",
]
