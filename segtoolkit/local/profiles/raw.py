"""What all ways of reading share: raw records that SQL names, and what is made of their columns."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import assert_never

import duckdb

from segtoolkit.errors import DataError
from segtoolkit.local.profiles import shapes, sql
from segtoolkit.local.profiles.shapes import Scalar, Shape
from segtoolkit.local.profiles.sources import JsonFiles, Opened, ParquetFiles, Table
from segtoolkit.local.profiles.tables import IDENTITY_MAP, SEGMENT_MEMBERSHIP

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


@dataclass(frozen=True, slots=True)
class Records:
    """Records as they come: *relation* is SQL that yields them, in order, whenever it is asked."""

    relation: str
    columns: Mapping[str, Column]


def label_of(source: Opened) -> str:
    """Return what to call *source* in a message."""
    match source:
        case (
            JsonFiles(label=str(label))
            | ParquetFiles(label=str(label))
            | Table(label=label)
        ):
            return label
        case JsonFiles(paths) | ParquetFiles(paths):
            return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"
        case _:
            assert_never(source)


def listed(paths: Iterable[str]) -> str:
    """Return SQL for a list of files, whose names are no globs."""
    return f"[{', '.join(sql.literal(glob.escape(path)) for path in paths)}]"


def is_about(source: Opened, cause: duckdb.Error) -> bool:
    """Tell whether what failed is to be found in *source*: a value, or a file that names it."""
    match source:
        case JsonFiles(paths) | ParquetFiles(paths) if isinstance(
            cause, duckdb.IOException
        ):
            return any(path in str(cause) for path in paths)
        case _:
            # A value that does not fit, such as a time that is none.
            return isinstance(cause, duckdb.DataError | duckdb.InvalidInputException)


def canonical(value: str, shape: Shape, *, has_texts: bool = True) -> str:
    """Return SQL that casts *value* to *shape*; *has_texts* where it may have texts for times."""
    # A text cast straight to TIMESTAMP loses its offset without a word.
    if has_texts and shapes.holds_type(shape, "TIMESTAMP"):
        value = f"CAST({value} AS {sql.type_of(shape, WITH_ZONE)})"
    return f"CAST({value} AS {sql.type_of(shape)})"


def unreadable(source: Opened, cause: Exception) -> DataError:
    """Return what to raise where DuckDB could not read *source* and only it knows why."""
    said = str(cause).splitlines()[0]
    kind = _KINDS[type(source)]
    return DataError(f"cannot be read as {kind}: {said}", file=label_of(source))
