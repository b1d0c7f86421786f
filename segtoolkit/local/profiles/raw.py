"""What all ways of reading share: the table of raw records, and what is made of its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import duckdb
from duckdb import DuckDBPyConnection

from segtoolkit.errors import DataError
from segtoolkit.local.profiles import shapes, sql
from segtoolkit.local.profiles.shapes import Scalar, Shape
from segtoolkit.local.profiles.sources import JsonFiles, Opened, ParquetFiles, Table
from segtoolkit.local.profiles.tables import IDENTITY_MAP, SEGMENT_MEMBERSHIP

RAW = "temp.raw_records"
WITH_ZONE = {"TIMESTAMP": "TIMESTAMP WITH TIME ZONE"}

# What these fields are by definition, whatever a reader makes of their values.
FIXED: Mapping[str, Shape] = {
    "_id": Scalar("VARCHAR"),
    "eventType": Scalar("VARCHAR"),
    "identityMap": IDENTITY_MAP,
    "segmentMembership": SEGMENT_MEMBERSHIP,
}

# What DuckDB raises at what it cannot read; anything else is not about the source.
UNREADABLE = (
    duckdb.BinderException,
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.IOException,
    duckdb.NotImplementedException,
    duckdb.OutOfRangeException,
)
_KINDS = {JsonFiles: "NDJSON", ParquetFiles: "Parquet", Table: "a table"}


@dataclass(frozen=True, slots=True)
class Column:
    """A field as it will be kept: its shape, and SQL that makes it from the raw column."""

    shape: Shape
    sql: str


def label_of(source: Opened) -> str:
    """Return what to call *source* in a message."""
    match source:
        case JsonFiles(label=str(label)) | Table(label=label):
            return label
        case JsonFiles(paths) | ParquetFiles(paths):
            return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"
        case _:
            assert_never(source)


def keep(cursor: DuckDBPyConnection, relation: str, values: Sequence[Any] = ()) -> None:
    """Make the table `RAW` of what SQL *relation* yields."""
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE raw_records AS SELECT * FROM {relation}",
        list(values),
    )


def canonical(value: str, shape: Shape) -> str:
    """Return SQL that casts *value*, whose times may be texts, to *shape*."""
    # A text cast straight to TIMESTAMP loses its offset without a word.
    if shapes.holds_type(shape, "TIMESTAMP"):
        value = f"CAST({value} AS {sql.type_of(shape, WITH_ZONE)})"
    return f"CAST({value} AS {sql.type_of(shape)})"


def unreadable(source: Opened, cause: Exception) -> DataError:
    """Return what to raise where DuckDB could not read *source* and only it knows why."""
    said = str(cause).splitlines()[0]
    kind = _KINDS[type(source)]
    return DataError(f"cannot be read as {kind}: {said}", file=label_of(source))
