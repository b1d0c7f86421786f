"""What something can be asked to do, as it is shown: its class goes in, a line of text or a card comes out."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from segtoolkit.cards import blocks, theme

# What sets names and code apart in docstrings.
_MARKS = re.compile(r"[`*]")


class Verbs:
    """Shows the methods of what has nothing else to show, as long as nobody asks it."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return such as ``<Schedules: .create(), .get(), .list()>``."""
        named = ", ".join(f".{name}()" for name, _ in _verbs(type(self)))
        return f"<{type(self).__name__}: {named}>"

    def _repr_html_(self) -> str:
        # Where it is reached, whoever reads this knows.
        about = _first_line(type(self)).partition(";")[0]
        rows = [
            (blocks.code(f".{name}()"), says.removesuffix("."))
            for name, says in _verbs(type(self))
        ]
        return blocks.card(
            blocks.line(blocks.bold(type(self).__name__), " · ", about),
            blocks.table(["ask it", "to"], rows, most=len(rows)),
            colour=theme.BLUE,
        )


def _verbs(kind: type) -> Iterator[tuple[str, str]]:
    """Yield the public methods of *kind* in the order in which they are written, and what they do."""
    for name, method in vars(kind).items():
        if inspect.isfunction(method) and not name.startswith("_"):
            yield name, _first_line(method)


def _first_line(documented: object) -> str:
    return _MARKS.sub("", (inspect.getdoc(documented) or "").partition("\n")[0])
