"""Queries of any size, read a part at a time: a query goes in, its columns come out in pieces.

So what is held of ten million row ids is a bit each, and never eight bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from segtoolkit.engine.sql import Query

Ints = npt.NDArray[np.integer]
_VECTORS = 1024  # of 2,048 rows


def row_ids(cursor: duckdb.DuckDBPyConnection, asked: Query) -> Iterator[Ints]:
    """Yield the row ids that *asked* finds, in its order, some at a time."""
    for (rows,) in columns(cursor, asked):
        yield rows


def columns(cursor: duckdb.DuckDBPyConnection, asked: Query) -> Iterator[tuple[Ints, ...]]:
    """Yield the columns of *asked*, all of whole numbers without nulls, some rows at a time."""
    cursor.execute(asked.sql, dict(asked.values))
    while len(part := _part(cursor)):
        yield tuple(part[name].to_numpy() for name in part)


def _part(cursor: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return cursor.fetch_df_chunk(_VECTORS)
