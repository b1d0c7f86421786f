"""The profiles for which a test is true: from the shelf, by codes, or from DuckDB.

Answers are kept as packed bits for one version of the data: a test is run once however many segments, jobs
and estimates ask for it. An instant is part of the test, so nothing stale is ever found.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import TypeAlias

import duckdb
import numpy as np
import numpy.typing as npt

from segtoolkit.engine import bits
from segtoolkit.engine.bits import Bits
from segtoolkit.engine.codes import Codes, NoCodes
from segtoolkit.engine.plan import holds_without_events
from segtoolkit.engine.rows import Ints, row_ids
from segtoolkit.engine.shelf import Shelf
from segtoolkit.engine.sql import event_rows, query
from segtoolkit.pql.typed import Aggregate, Const, Op, Truth, Typed

Counts: TypeAlias = npt.NDArray[np.integer]


class Atoms:
    """The tests of one version of the data, over *size* row ids; threads may share it.

    What it keeps is on *shelf*, under keys that begin with *version*. *codes* answer what they can.
    """

    def __init__(
        self, version: str, size: int, shelf: Shelf, codes: Codes | NoCodes
    ) -> None:
        self._version = version
        self._size = size
        self._shelf = shelf
        self._codes = codes

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
            rows = row_ids(cursor, event_rows(events))
            return _often(
                rows, size, lambda counts: _COMPARISONS[comparison](counts, number)
            )
        case _:
            return bits.from_parts(row_ids(cursor, query(test)), size)


def _often(
    parts: Iterable[Ints], size: int, enough: Callable[[Counts], npt.NDArray[np.bool_]]
) -> Bits:
    """Return the rows that occur *enough*, not counting those that never do.

    Adding up row ids beats any grouping of them; of few, a place for everybody costs more.
    """
    few: list[Ints] = []
    number = 0
    for part in (waiting := iter(parts)):
        few.append(part)
        number += len(part)
        if number * _FEW > size:
            return bits.from_flags(enough(_added_up(chain(few, waiting), size)))
    rows, counts = np.unique(np.concatenate([*few, _NOBODY]), return_counts=True)
    return bits.from_rows(rows[enough(counts)], size)


def _added_up(parts: Iterable[Ints], size: int) -> Counts:
    counts = np.zeros(size, dtype=np.int32)
    for rows in parts:
        # Events lie in the order of their rows, so that a part of them is about few.
        first, last = int(rows.min()), int(rows.max()) + 1
        counts[first:last] += np.bincount(rows - first, minlength=last - first)
    return counts


_FEW = 16
_NOBODY = np.empty(0, dtype=np.int64)
_COMPARISONS: Mapping[str, Callable[[Counts, int], npt.NDArray[np.bool_]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
