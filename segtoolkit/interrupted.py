"""Ctrl-C and ■: neither they nor what is said of them may be lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType


def note(interrupt: KeyboardInterrupt, text: str) -> None:
    """Add *text* to *interrupt*, and leave its traceback so that notebooks can show both.

    A signal may strike where no line of the source is, such as at the jump at the end of a loop; IPython
    fails to print a traceback that ends there, and shows neither it nor the notes.
    """
    interrupt.add_note(text)
    _cut(interrupt.__traceback__)


@contextmanager
def as_interrupt() -> Iterator[None]:
    """Raise what DuckDB makes of a signal that comes during a query as what it is; there, the query failed."""
    try:
        yield
    except RuntimeError as error:
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from None
        raise


def _cut(entry: TracebackType | None) -> None:
    """Take off what is called from *entry* by code without a line; typeshed knows only lines that are there."""
    while entry is not None:
        below = entry.tb_next
        if below is not None and below.tb_lineno is None:
            entry.tb_next = None
        entry = entry.tb_next
