"""What a caller gives to be loaded, in; files or a table that DuckDB reads, out.

Paths and globs are looked up here, so that every refusal names what was asked for. Records that
hold objects or lists in Python are written to a temporary NDJSON file and go the way of files.
"""

from __future__ import annotations

import glob
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard
from uuid import UUID

from duckdb import DuckDBPyRelation

from segtoolkit.errors import DataError

Source: TypeAlias = str | Path | Sequence[str | Path] | Sequence[Mapping[str, Any]] | Any

_FORMATS = {".ndjson": "json", ".jsonl": "json", ".json": "json", ".parquet": "parquet"}
_WILD = "*?["
_LISTS = (list, tuple, set, frozenset)
_BETWEEN_TELLING = 5_000  # records, which take a tenth of a second

Told: TypeAlias = Callable[[int], object]


def _nobody(_records: int) -> None:
    """Be told, and do nothing."""


@dataclass(frozen=True, slots=True)
class JsonFiles:
    """NDJSON files. *label* names them in messages where they only stand for something else."""

    paths: tuple[str, ...]
    label: str | None = None


@dataclass(frozen=True, slots=True)
class ParquetFiles:
    """Parquet files. *label* names them in messages where they only stand for something else."""

    paths: tuple[str, ...]
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A DataFrame or an Arrow table without nested Python objects."""

    content: Any
    label: str


Opened: TypeAlias = JsonFiles | ParquetFiles | Table


def stem_of(source: Source) -> str:
    """Return the name that *source* gives its dataset; empty for one in memory.

    >>> stem_of("exports/profiles.ndjson.gz"), stem_of("exports/events-*.parquet")
    ('profiles', 'events')
    """
    if not isinstance(source, str | Path):
        return stem_of(source[0]) if _are_paths(source) else ""
    path = Path(source)
    if path.is_file():  # brackets are a part of its name then, and no glob
        return _without_suffixes(path.name)
    return _plain_name(path.name) or _plain_name(path.parent.name)


def _plain_name(name: str) -> str:
    return "".join(c for c in _without_suffixes(name) if c not in "*?[]").strip("-_. ")


def _without_suffixes(name: str) -> str:
    for suffix in (".gz", *_FORMATS):
        name = name.removesuffix(suffix)
    return name


@contextmanager
def opened(source: Source, told: Told = _nobody) -> Iterator[Opened]:
    """Lend *source* in a form that DuckDB reads.

    *told* is told now and then how many records were written down, where that is needed; what it
    raises ends it.

    Raises:
        DataError: there is no such file, or it is of no known kind, or nothing is in it.
    """
    if isinstance(source, str | Path):
        yield _files([source])
    elif _are_paths(source):
        yield _files(source)
    elif isinstance(source, DuckDBPyRelation):
        with _copied(source) as copied:
            yield copied
    elif _is_dataframe(source):
        with _opened_frame(source, told) as table:
            yield table
    elif hasattr(source, "__arrow_c_stream__"):
        yield Table(source, "Arrow table")
    elif _are_records(source):
        with _written(source, "list of dicts", told) as files:
            yield files
    else:
        raise DataError(
            f"a source of the type {type(source).__name__} cannot be loaded; give a path, a glob, a list of paths, "
            "a DataFrame, an Arrow table, a relation of DuckDB or a list of dicts"
        )


def _are_paths(source: Source) -> TypeGuard[Sequence[str | Path]]:
    return (
        isinstance(source, Sequence)
        and len(source) > 0
        and all(isinstance(part, str | Path) for part in source)
    )


def _are_records(source: Source) -> TypeGuard[Sequence[Mapping[str, Any]]]:
    return isinstance(source, Sequence) and all(isinstance(r, Mapping) for r in source)


def _files(asked: Sequence[str | Path]) -> JsonFiles | ParquetFiles:
    paths = tuple(path for part in asked for path in _found(str(part)))
    formats = {_format(path) for path in paths}
    if len(formats) > 1:
        raise DataError(
            f"NDJSON and Parquet in one dataset: {', '.join(paths)}; load one kind"
        )
    return JsonFiles(paths) if formats == {"json"} else ParquetFiles(paths)


def _found(asked: str) -> list[str]:
    path = Path(asked).expanduser()
    if path.is_dir():
        raise DataError(
            f"this is a folder; name its files, such as {str(path / '*.parquet')!r}",
            file=asked,
        )
    if path.exists():
        return [str(path)]
    if not any(wild in asked for wild in _WILD):
        raise DataError(
            f"there is no such file (looked from {Path.cwd()}); check the path", file=asked
        )
    found = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207 - also absolute globs
    if not found:
        raise DataError(f"no file matches (looked from {Path.cwd()})", file=asked)
    return [file for match in found for file in _found(match)]


def _format(path: str) -> str:
    name = path.lower()
    suffix = Path(name.removesuffix(".gz")).suffix
    kind = _FORMATS.get(suffix)
    if kind is None or (kind == "parquet" and name.endswith(".gz")):
        raise DataError(
            f"files of the kind {''.join(Path(path).suffixes[-2:]) or '(no extension)'!r} "
            "cannot be loaded; give .ndjson, .jsonl or .json (one object per line, also .gz) "
            "or .parquet; a CSV is read by duckdb.read_csv or pandas.read_csv, whose table "
            "can be given with an identityMap or _id",
            file=path,
        )
    return kind


def _is_dataframe(source: Any) -> bool:
    # Whoever has a DataFrame has imported pandas.
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(source, pandas.DataFrame)


@contextmanager
def _opened_frame(frame: Any, told: Told) -> Iterator[Opened]:
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise DataError("this column occurs twice", file="DataFrame", field=str(twice))
    if any(_holds_objects(frame.iloc[:, n]) for n in range(frame.shape[1])):
        with _written(frame.to_dict("records"), "DataFrame", told) as files:
            yield files
    else:
        yield Table(frame, "DataFrame")


def _holds_objects(column: Any) -> bool:
    # What pandas calls mixed: dicts and lists, and also values of several types.
    kind = sys.modules["pandas"].api.types.infer_dtype(column.astype(object), skipna=True)
    return column.dtype.kind == "O" and str(kind).startswith("mixed")


@contextmanager
def _written(
    records: Iterable[Mapping[str, Any]], label: str, told: Told
) -> Iterator[JsonFiles]:
    with tempfile.TemporaryDirectory(prefix="segtoolkit-") as folder:
        path = Path(folder, "records.ndjson")
        with path.open("w", encoding="utf-8") as file:
            for number, record in enumerate(records, 1):
                file.write(_as_line(record, label, number))
                if number % _BETWEEN_TELLING == 0:
                    told(number)
        yield JsonFiles((str(path),), label)


@contextmanager
def _copied(relation: DuckDBPyRelation) -> Iterator[ParquetFiles]:
    """Lend what *relation* yields as a file: it belongs to a connection of its own."""
    with tempfile.TemporaryDirectory(prefix="segtoolkit-") as folder:
        path = str(Path(folder, "relation.parquet"))
        relation.write_parquet(path)
        yield ParquetFiles((path,), "DuckDB relation")


def _as_line(record: Mapping[str, Any], label: str, number: int) -> str:
    line = {}
    for name, value in record.items():
        try:
            line[str(name)] = _as_json(value)
        except TypeError as cause:
            raise DataError(str(cause), file=label, line=number, field=str(name)) from cause
    return f"{json.dumps(line, ensure_ascii=False)}\n"


def _as_json(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case Mapping():
            return {str(name): _as_json(part) for name, part in value.items()}
        case _ if isinstance(value, _LISTS) or getattr(value, "ndim", False):
            return [_as_json(part) for part in value]
        case _ if _is_missing(value):
            return None
        case float():
            return value
        case Decimal():
            return float(value)
        case date() | time():
            return value.isoformat()
        case UUID():
            return str(value)
        case _ if hasattr(value, "dtype"):  # numpy knows finer times than datetime
            return str(value) if value.dtype.kind == "M" else _as_json(value.item())
        case _:
            raise TypeError(
                f"a value of the type {type(value).__name__} cannot be loaded; "
                "give text, numbers, dates, lists or dicts"
            )


def _is_missing(value: Any) -> bool:
    # NaN and NaT differ from themselves; pandas.NA does not even say.
    try:
        return bool(value != value)  # noqa: PLR0124
    except TypeError:
        return True
