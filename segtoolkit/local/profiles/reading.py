"""Files or a table in; raw records out, and how to make each column canonical."""

from __future__ import annotations

import glob
from typing import NoReturn, assert_never

from duckdb import DuckDBPyConnection

from segtoolkit.errors import DataError
from segtoolkit.local.profiles import faults, ndjson, typed
from segtoolkit.local.profiles.raw import Records, label_of, unreadable
from segtoolkit.local.profiles.sources import JsonFiles, Opened, ParquetFiles, Table
from segtoolkit.local.profiles.tables import one


def read(cursor: DuckDBPyConnection, source: Opened) -> Records:
    """Find out what *source* holds.

    Raises:
        DataError: there is a fault in it, or no record.
    """
    match source:
        case JsonFiles():
            records = ndjson.read(cursor, source)
        case ParquetFiles():
            records = typed.read_parquet(cursor, source)
        case Table():
            records = typed.read_table(cursor, source)
        case _:
            assert_never(source)
    if not records.columns:
        raise DataError(
            "there are no records in it; nothing was loaded", file=label_of(source)
        )
    return records


def forget(cursor: DuckDBPyConnection) -> None:
    """Drop what was copied of a source."""
    typed.forget(cursor)


def place_of(cursor: DuckDBPyConnection, source: Opened, row: int) -> tuple[str, int]:
    """Return file and line (or row, where there are no lines) of a record, counted from 1."""
    match source:
        case JsonFiles():
            return faults.line_of(source, row)
        case Table(label=label):
            return label, row
        case ParquetFiles(paths):
            for path in paths:
                (rows,) = one(
                    cursor, "SELECT count(*) FROM read_parquet(?)", [glob.escape(path)]
                )
                if row <= rows:
                    return path, row
                row -= rows
            raise AssertionError(row)
        case _:
            assert_never(source)


def raise_fault(source: Opened, cause: Exception) -> NoReturn:
    """Raise what is wrong with *source*, which was read and then would not fit."""
    if isinstance(source, JsonFiles):
        faults.raise_first(source)
    raise unreadable(source, cause) from cause
