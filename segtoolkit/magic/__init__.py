"""Cells of PQL: ``%load_ext segtoolkit``, and a cell that begins with ``%%pql`` sizes itself."""

from __future__ import annotations

from IPython.core.interactiveshell import InteractiveShell

from segtoolkit.magic.cell import Cells
from segtoolkit.magic.completion import Completions

__all__ = ["load", "unload"]

_MAGIC = "pql"


def load(shell: InteractiveShell) -> None:
    """Give *shell* the magic ``%%pql``, and completion inside such cells."""
    unload(shell)
    cells = Cells(shell)
    shell.magics_manager.register_function(cells.pql, "cell", _MAGIC)
    shell.Completer.custom_matchers.append(Completions(shell).offer)


def unload(shell: InteractiveShell) -> None:
    """Take from *shell* what `load` gave it."""
    shell.magics_manager.magics["cell"].pop(_MAGIC, None)
    matchers = shell.Completer.custom_matchers
    matchers[:] = [
        m for m in matchers if not isinstance(getattr(m, "__self__", None), Completions)
    ]
