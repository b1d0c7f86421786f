"""The profiles for which a test is true: from the shelf, by codes, or from DuckDB.

Answers are kept as packed bits for one version of the data: a test is run once however many segments, jobs
and estimates ask for it. An instant is part of the test, so nothing stale is ever found.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping

import duckdb
import numpy as np
import numpy.typing as npt

from segtoolkit.engine import bits
from segtoolkit.engine.bits import Bits
from segtoolkit.engine.codes import Codes
from segtoolkit.engine.plan import holds_without_events
from segtoolkit.engine.rows import row_ids
from segtoolkit.engine.shelf import Shelf
from segtoolkit.engine.sql import event_rows, query
from segtoolkit.pql.typed import Aggregate, Const, Op, Truth, Typed


class Atoms:
    """The tests of one version of the data, over *size* row ids; threads may share it.

    What it keeps is on *shelf*, under keys that begin with *version*.
    """

    def __init__(self, version: str, size: int, shelf: Shelf) -> None:
        self._version = version
        self._size = size
        self._shelf = shelf
        self._codes = Codes(version, size, shelf)

    def expect(self, tests: Iterable[Typed]) -> None:
        """Prepare for *tests*: what is asked for often gets codes."""
        self._codes.expect(test for test in tests if not self._shelf.has(self._key(test)))

    def find(self, cursor: duckdb.DuckDBPyConnection, test: Typed) -> Bits:
        """Return the rows for which *test* is true, and perhaps some that are no profile's."""
        found = self._shelf.take(self._key(test))
        if found is None:
            found = self._codes.find(cursor, test)
            if found is None:
                found = _run(cursor, test, self._size)
            self._shelf.put(self._key(test), found)
        return found

    def _key(self, test: Typed) -> tuple[str, Typed]:
        return self._version, test


def _run(cursor: duckdb.DuckDBPyConnection, test: Typed, size: int) -> Bits:
    match test:
        case Truth(
            Op(comparison, (Aggregate("count") as events, Const(int() as number)))
        ) if comparison in _COMPARISONS and holds_without_events(test) is False:
            enough = _COMPARISONS[comparison](_counts(cursor, events, size), number)
            return bits.from_flags(enough)
        case _:
            return bits.from_parts(row_ids(cursor, query(test)), size)


def _counts(
    cursor: duckdb.DuckDBPyConnection, events: Aggregate, size: int
) -> npt.NDArray[np.int32]:
    """Count the events of each row: adding up row ids beats any grouping of them."""
    counts = np.zeros(size, dtype=np.int32)
    for rows in row_ids(cursor, event_rows(events)):
        # Events lie in the order of their rows, so that a part of them is about few.
        first, last = int(rows.min()), int(rows.max()) + 1
        counts[first:last] += np.bincount(rows - first, minlength=last - first)
    return counts


_COMPARISONS: Mapping[
    str, Callable[[npt.NDArray[np.int32], int], npt.NDArray[np.bool_]]
] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
