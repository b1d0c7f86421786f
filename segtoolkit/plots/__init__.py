"""DataFrames in, matplotlib Axes out.

Every function takes the frame first (or the object that makes it), draws on *ax* or on a new
figure, and returns the ``Axes``. None of them shows anything, sets a style or says something
by colour alone. Text takes its colour from the caller's style, so dark themes work.
"""

from __future__ import annotations

from segtoolkit.plots.namespaces import namespace_counts
from segtoolkit.plots.timeline import status_timeline

__all__ = ["namespace_counts", "status_timeline"]
