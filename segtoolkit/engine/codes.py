"""Columns of the profiles as dictionary codes in memory: the same question of each value is asked once.

A test that asks for one column only is run over the distinct values of that column, and the answer is looked
up by code for every profile: a few milliseconds where a scan takes a hundred. Codes are built for a
column that is asked for often, and go when the data changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from itertools import count
from operator import or_
from threading import Lock
from typing import TypeAlias

import duckdb
import numpy as np
import numpy.typing as npt

from segtoolkit.engine.bits import Bits
from segtoolkit.engine.rows import columns
from segtoolkit.engine.shelf import Shelf
from segtoolkit.engine.sql import Query, column_sql, query_of_values
from segtoolkit.pql.trees import children, rewritten
from segtoolkit.pql.typed import PROFILE, Aggregate, Get, Member, Row, Sequence, Typed
from segtoolkit.pql.types import DOUBLE, INTEGER, TIME, Struct

Array: TypeAlias = npt.NDArray[np.unsignedinteger]
Flags: TypeAlias = npt.NDArray[np.bool_]

# Building the codes of a column costs about as much as so many scans of it.
WORTH_BUILDING = 8
# Columns of more values are not worth it; numbers make a compact dictionary.
MOST_VALUES, MOST_NUMBERS = 2**16 - 1, 2**21
_BYTES_OF_A_VALUE = 64  # while a dictionary is made
# Of so many values one first asks whether those that pass are neighbours, and does not list them.
_MANY_VALUES = 50_000
# So many runs of neighbouring codes are compared sooner than looked up.
_MOST_RUNS = 3
_ROWS_AT_A_TIME = 2**17  # what a core has at hand


@dataclass(frozen=True, slots=True)
class Column:
    """A coded column: its values by code are in *table*, in their order; 0 is no value of anybody."""

    table: str
    highest: int


class Codes:
    """The coded columns of one version of the data, over *size* row ids, a multiple of 8.

    The codes lie on *shelf*, under keys that begin with *version*.
    """

    def __init__(self, version: str, size: int, shelf: Shelf) -> None:
        self._version = version
        self._size = size
        self._shelf = shelf
        self._asked: Counter[Get] = Counter()
        self._columns: dict[Get, Column | None] = {}
        values = duckdb.connect(config={"threads": "1", "memory_limit": "256MB"})
        self._values = values.cursor()  # in notebooks a connection shows a bar of its own
        self._numbers = count()
        self._lock = Lock()

    def expect(self, tests: Iterable[Typed]) -> None:
        """Take note of the columns that *tests* are going to ask for."""
        with self._lock:
            self._asked.update(c for test in tests if (c := only_column(test)) is not None)

    def find(self, cursor: duckdb.DuckDBPyConnection, test: Typed) -> Bits | None:
        """Return the rows that pass *test*, or are no profile's; None if codes cannot tell yet."""
        column = only_column(test)
        if column is None:
            return None
        with self._lock:
            coded = self._coded(cursor, column)
            if coded is None:
                return None
            codes = self._codes(cursor, column, coded)
            value = Row("d.v", column.type)
            of_value = rewritten(test, lambda node: value if node == column else None)
            passing = self._passing(coded, of_value)
        return _look_up(codes, passing)

    def _coded(self, cursor: duckdb.DuckDBPyConnection, column: Get) -> Column | None:
        if column not in self._columns:
            if self._asked[column] < WORTH_BUILDING:
                return None
            self._columns[column] = self._build(cursor, column)
        return self._columns[column]

    def _build(self, cursor: duckdb.DuckDBPyConnection, column: Get) -> Column | None:
        """Rank the values of *column*; None if there are too many, or nobody has any."""
        most = self._most_values(column)
        _rank(cursor, column, most + 1)
        ranked = cursor.execute(f"SELECT v FROM {_RANKED} ORDER BY code").fetchall()
        ((kind,),) = cursor.execute(
            f"SELECT any_value(typeof(v)) FROM {_RANKED}"
        ).fetchall()
        if not 0 < len(ranked) <= most:
            return None
        table = f"d{next(self._numbers)}"
        # A type whose values do not come back from Python as they went is left to scans, and so
        # is a dictionary that is larger than it should be.
        with suppress(
            duckdb.ConversionException,
            duckdb.NotImplementedException,
            duckdb.OutOfMemoryException,
        ):
            self._values.execute(
                f"CREATE TABLE {table} AS SELECT (row_number() OVER ())::UINTEGER AS code, v"
                f" FROM (SELECT unnest($values::{kind}[]) AS v)",
                {"values": [value for (value,) in ranked]},
            )
            codes = _read_codes(cursor, column, len(ranked), self._size)
            self._shelf.put((self._version, "codes", column), codes)
            return Column(table, len(ranked))
        return None

    def _most_values(self, column: Get) -> int:
        if column.type in (INTEGER, DOUBLE, TIME):
            return min(MOST_NUMBERS, self._shelf.memory // _BYTES_OF_A_VALUE)
        return MOST_VALUES

    def _codes(
        self, cursor: duckdb.DuckDBPyConnection, column: Get, coded: Column
    ) -> Array:
        key = (self._version, "codes", column)
        codes = self._shelf.take(key)
        if codes is None:
            _rank(cursor, column, coded.highest)
            codes = _read_codes(cursor, column, coded.highest, self._size)
            self._shelf.put(key, codes)
        return codes

    def _passing(self, column: Column, test: Typed) -> Flags:
        """Return for each code whether its value passes *test*."""
        passing = np.zeros(column.highest + 1, dtype=bool)
        asked = query_of_values(test, column.table)
        if column.highest > _MANY_VALUES:
            first, last, number = self._bounds(asked)
            if last - first + 1 == number:
                passing[first : last + 1] = True
                return passing
        found = self._values.execute(asked.sql, dict(asked.values)).fetchnumpy()
        passing[np.asarray(found["code"])] = True
        return passing

    def _bounds(self, asked: Query) -> tuple[int, int, int]:
        bounds = "coalesce(min(code), 1), coalesce(max(code), 0), count(*)"
        sql = f"SELECT {bounds} FROM ({asked.sql})"
        ((first, last, number),) = self._values.execute(sql, dict(asked.values)).fetchall()
        return first, last, number


class NoCodes:
    """Knows no codes: of few profiles a scan takes no time, and what codes take would be felt."""

    def expect(self, tests: Iterable[Typed]) -> None:
        """Take no note of *tests*."""

    def find(self, _cursor: duckdb.DuckDBPyConnection, _test: Typed) -> None:
        """Leave it to a scan."""


_RANKED = "temp.ranked_values"


def _rank(cursor: duckdb.DuckDBPyConnection, column: Get, most: int) -> None:
    """Rank the different values of *column*, or so many of them at most, for this cursor alone."""
    distinct = f"SELECT DISTINCT {column_sql(column)} AS v FROM profiles p LIMIT {most}"
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE ranked_values AS"
        f" SELECT v, (row_number() OVER (ORDER BY v))::UINTEGER AS code FROM ({distinct})"
    )


def _read_codes(
    cursor: duckdb.DuckDBPyConnection, column: Get, highest: int, size: int
) -> Array:
    """Return the rank of each row's value."""
    ranked = Query(
        f"SELECT p.rid, d.code FROM profiles p"
        f" JOIN {_RANKED} d ON {column_sql(column)} IS NOT DISTINCT FROM d.v",
        {},
    )
    codes = np.zeros(size, dtype=np.min_scalar_type(highest))
    for rows, ranks in columns(cursor, ranked):
        codes[rows] = ranks
    return codes


def _look_up(codes: Array, passing: Flags) -> Bits:
    """Return the rows whose code passes, and perhaps some of code 0."""
    passes = _comparison(codes.dtype.type, passing)
    found = np.empty(len(codes) // 8, dtype=np.uint8)
    for start in range(0, len(codes), _ROWS_AT_A_TIME):
        part = np.packbits(
            passes(codes[start : start + _ROWS_AT_A_TIME]), bitorder="little"
        )
        found[start // 8 : start // 8 + len(part)] = part
    return found.view(np.uint64)


def _comparison(code: type[np.unsignedinteger], passing: Flags) -> Callable[[Array], Flags]:
    """Return the quickest test of codes that says what *passing* says, but of code 0."""
    edges = np.flatnonzero(np.diff(passing[1:], prepend=False, append=False)) + 1
    runs = [(code(a), code(b - 1)) for a, b in edges.reshape(-1, 2).tolist()]
    if len(runs) > _MOST_RUNS:
        return passing.take
    highest = len(passing) - 1
    if not runs:
        return lambda codes: np.zeros(len(codes), dtype=bool)
    return lambda codes: reduce(or_, (_between(codes, *run, highest) for run in runs))


def _between(
    codes: Array, low: np.unsignedinteger, high: np.unsignedinteger, highest: int
) -> Flags:
    if low == high:
        return np.asarray(codes == low)
    if high == highest:
        return np.asarray(codes >= low)
    if low == 1:
        return np.asarray(codes <= high)
    return np.asarray((codes >= low) & (codes <= high))


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
