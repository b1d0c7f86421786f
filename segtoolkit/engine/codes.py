"""Columns of the profiles as dictionary codes in memory: the same question of each value is asked once.

A test that asks for one column only is run over the distinct values of that column, and the answer is looked
up by code for every profile: a few milliseconds where a scan takes a hundred. Codes are built for a
column that is asked for often, and go when the data changes.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from threading import Lock
from typing import TypeAlias

import duckdb
import numpy as np
import numpy.typing as npt

from segtoolkit.engine import bits
from segtoolkit.engine.bits import Bits
from segtoolkit.engine.sql import column_sql, query_of_values
from segtoolkit.pql.trees import children, rewritten
from segtoolkit.pql.typed import PROFILE, Aggregate, Get, Member, Row, Sequence, Typed
from segtoolkit.pql.types import DOUBLE, INTEGER, TIME, Struct

Array: TypeAlias = npt.NDArray[np.unsignedinteger]

# Building the codes of a column costs about as much as so many scans of it.
WORTH_BUILDING = 8
# Columns of more values are not worth it; numbers make a compact dictionary.
MOST_VALUES, MOST_NUMBERS = 2**16 - 1, 2**21
BUDGET_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True)
class Column:
    """A coded column: the code of each row, 0 where there is no profile; *table* has the values."""

    table: str
    codes: Array
    highest: int


class Codes:
    """The coded columns of one version of the data, over *size* row ids."""

    def __init__(self, size: int, budget: int = BUDGET_BYTES) -> None:
        self._size = size
        self._budget = budget
        self._asked: Counter[Get] = Counter()
        self._columns: OrderedDict[Get, Column | None] = OrderedDict()
        self._values = duckdb.connect(config={"threads": "1", "memory_limit": "256MB"})
        self._numbers = count()
        self._lock = Lock()

    def expect(self, tests: Iterable[Typed]) -> None:
        """Take note of the columns that *tests* are going to ask for."""
        with self._lock:
            self._asked.update(c for test in tests if (c := only_column(test)) is not None)

    def find(self, cursor: duckdb.DuckDBPyConnection, test: Typed) -> Bits | None:
        """Return the rows that pass *test*; None if codes cannot tell, or are not worth it yet."""
        column = only_column(test)
        if column is None:
            return None
        with self._lock:
            coded = self._coded(cursor, column)
            if coded is None:
                return None
            value = Row("d.v", column.type)
            of_value = rewritten(test, lambda node: value if node == column else None)
            passing = self._passing(coded, of_value)
        return bits.from_flags(_look_up(coded.codes, passing))

    def _coded(self, cursor: duckdb.DuckDBPyConnection, column: Get) -> Column | None:
        if column not in self._columns:
            if self._asked[column] < WORTH_BUILDING:
                return None
            self._columns[column] = self._build(cursor, column)
            self._make_room()
        self._columns.move_to_end(column)
        return self._columns[column]

    def _build(self, cursor: duckdb.DuckDBPyConnection, column: Get) -> Column | None:
        """Code the rows by the rank of their value; None if there are too many values."""
        most = MOST_NUMBERS if column.type in (INTEGER, DOUBLE, TIME) else MOST_VALUES
        distinct = f"SELECT DISTINCT {column_sql(column)} AS v FROM profiles p"
        kinds = cursor.execute(f"SELECT typeof(v) FROM ({distinct}) LIMIT 1").fetchall()
        (highest,) = cursor.execute(
            f"SELECT count(*) FROM ({distinct} LIMIT {most + 1})"
        ).fetchall()[0]
        if not kinds or highest > most:
            return None
        values = cursor.execute(f"SELECT v FROM ({distinct}) ORDER BY v").fetchall()
        table = f"d{next(self._numbers)}"
        # A type whose values do not come back from Python as they went is left to scans.
        with suppress(duckdb.ConversionException, duckdb.NotImplementedException):
            self._values.execute(
                f"CREATE TABLE {table} AS SELECT row_number() OVER () AS code, v"
                f" FROM (SELECT unnest($values::{kinds[0][0]}[]) AS v)",
                {"values": [value for (value,) in values]},
            )
            return Column(table, self._codes_of(cursor, column, distinct, highest), highest)
        return None

    def _codes_of(
        self, cursor: duckdb.DuckDBPyConnection, column: Get, distinct: str, highest: int
    ) -> Array:
        rows = cursor.execute(
            f"WITH d AS (SELECT v, row_number() OVER (ORDER BY v) AS code FROM ({distinct}))"
            f" SELECT p.rid, d.code FROM profiles p"
            f" JOIN d ON {column_sql(column)} IS NOT DISTINCT FROM d.v"
        ).fetchnumpy()
        codes = np.zeros(self._size, dtype=np.min_scalar_type(highest))
        codes[np.asarray(rows["rid"])] = np.asarray(rows["code"])
        return codes

    def _passing(self, column: Column, test: Typed) -> npt.NDArray[np.bool_]:
        """Return for each code whether its value passes *test*; 0 is no value of anybody."""
        asked = query_of_values(test, column.table)
        found = self._values.execute(asked.sql, dict(asked.values)).fetchnumpy()
        passing = np.zeros(column.highest + 1, dtype=bool)
        passing[np.asarray(found["code"])] = True
        return passing

    def _make_room(self) -> None:
        """Forget the columns that were not asked for the longest."""
        while len(self._columns) > 1 and self._bytes() > self._budget:
            _, forgotten = self._columns.popitem(last=False)
            if forgotten is not None:
                self._values.execute(f"DROP TABLE {forgotten.table}")

    def _bytes(self) -> int:
        return sum(column.codes.nbytes for column in self._columns.values() if column)


def _look_up(codes: Array, passing: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return for each row whether its code passes; equal or neighbouring values need no table."""
    ranks = np.flatnonzero(passing)
    if len(ranks) == 0:
        return np.zeros(len(codes), dtype=bool)
    low, high = codes.dtype.type(ranks[0]), codes.dtype.type(ranks[-1])
    if low == high:
        return np.asarray(codes == low)
    if int(high) - int(low) + 1 == len(ranks):
        return np.asarray((codes >= low) & (codes <= high))
    return passing.take(codes)


def only_column(test: Typed) -> Get | None:
    """Return the one column of the profile that *test* asks for; None if it asks for more, or none."""
    found: set[Get] = set()
    waiting = [test]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Get) and _is_column(node):
            found.add(node)
        elif isinstance(node, Aggregate | Sequence | Member) or _is_profile(node):
            return None
        else:
            waiting += children(node)
        if len(found) > 1:
            return None
    return found.pop() if found else None


def _is_column(node: Get) -> bool:
    base: Typed = node
    while isinstance(base, Get):
        base = base.base
    return _is_profile(base) and not isinstance(node.type, Struct)


def _is_profile(node: Typed) -> bool:
    return isinstance(node, Row) and node.name == PROFILE
