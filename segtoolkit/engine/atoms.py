"""The profiles for which a test is true: from memory, by codes, or from DuckDB.

Answers are kept as packed bits for one version of the data, as many as fit the budget: a test is run once
however many segments, jobs and estimates ask for it. An instant is part of the test, so nothing stale
is ever found.
"""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from threading import Lock

import duckdb
import numpy as np
import numpy.typing as npt

from segtoolkit.engine import bits
from segtoolkit.engine.bits import Bits
from segtoolkit.engine.codes import Codes
from segtoolkit.engine.plan import holds_without_events
from segtoolkit.engine.sql import event_rows, query
from segtoolkit.pql.typed import Aggregate, Const, Op, Truth, Typed

BUDGET_BYTES = 768 * 2**20  # a third for answers, the rest for codes


class Atoms:
    """The tests of one version of the data, over *size* row ids; threads may share it."""

    def __init__(self, size: int, budget: int = BUDGET_BYTES) -> None:
        self._size = size
        self._budget = budget // 3
        self._codes = Codes(size, budget - self._budget)
        self._known: OrderedDict[Typed, Bits] = OrderedDict()
        self._lock = Lock()

    def expect(self, tests: Iterable[Typed]) -> None:
        """Prepare for *tests*: what is asked for often gets codes."""
        self._codes.expect(test for test in tests if test not in self._known)

    def find(self, cursor: duckdb.DuckDBPyConnection, test: Typed) -> Bits:
        """Return the rows for which *test* is true; not to be changed."""
        with self._lock:
            if (known := self._known.get(test)) is not None:
                self._known.move_to_end(test)
                return known
        found = self._codes.find(cursor, test)
        if found is None:
            found = _run(cursor, test, self._size)
        self._keep(test, found)
        return found

    def _keep(self, test: Typed, found: Bits) -> None:
        with self._lock:
            self._known[test] = found
            while len(self._known) * found.nbytes > self._budget:
                self._known.popitem(last=False)


def _run(cursor: duckdb.DuckDBPyConnection, test: Typed, size: int) -> Bits:
    match test:
        case Truth(
            Op(comparison, (Aggregate("count") as events, Const(int() as number)))
        ) if comparison in _COMPARISONS and holds_without_events(test) is False:
            enough = _COMPARISONS[comparison](_counts(cursor, events, size), number)
            return bits.from_flags(enough)
        case _:
            asked = query(test)
            found = cursor.execute(asked.sql, dict(asked.values)).fetchnumpy()
            return bits.from_rows(np.asarray(found["rid"]), size)


def _counts(
    cursor: duckdb.DuckDBPyConnection, events: Aggregate, size: int
) -> npt.NDArray[np.int64]:
    """Count the events of each row: adding up row ids beats any grouping of them."""
    asked = event_rows(events)
    found = cursor.execute(asked.sql, dict(asked.values)).fetchnumpy()
    return np.bincount(np.asarray(found["rid"]), minlength=size)[:size]


_COMPARISONS: Mapping[
    str, Callable[[npt.NDArray[np.int64], int], npt.NDArray[np.bool_]]
] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
