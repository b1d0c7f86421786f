"""NDJSON files in; raw records out, and how to make each column canonical.

Nearly all records are like the first ones. What those look like is made a pattern; the records that
do not match it are looked at closely, so that the types found are those of every record. Dates are
told from other texts by us and not by DuckDB, whose versions differ there: a field is a DATE or a
TIMESTAMP if all its texts are ISO 8601 (as RFC 3339 has it, the zone may be left out for UTC).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from duckdb import DuckDBPyConnection

from segtoolkit.local.profiles import faults, patterns, raw, shapes, sql
from segtoolkit.local.profiles.raw import FIXED, Column, Records
from segtoolkit.local.profiles.shapes import ClashError, Fields, ListOf, Scalar, Shape
from segtoolkit.local.profiles.sources import JsonFiles
from segtoolkit.local.profiles.sql import literal, quoted
from segtoolkit.local.profiles.tables import one

_AS_TEXT = {"DATE": "VARCHAR", "TIMESTAMP": "VARCHAR"}
_NDJSON = "format = 'newline_delimited'"
_DAY = r"\d{4}-\d\d-\d\d"
_MOMENT = rf"{_DAY}([T ]\d\d:\d\d:\d\d([.]\d+)?(Z|[+-]\d\d(:?\d\d)?)?)?"
_SAMPLE = 1000
_CLOSE = "temp.looked_at_closely"


def read(cursor: DuckDBPyConnection, files: JsonFiles) -> Records:
    paths = raw.listed(files.paths)
    try:
        fields = _fields(cursor, f"read_json_objects({paths}, {_NDJSON})", files)
        columns = f"columns = {{{_columns_as_text(fields)}}}"
        relation = f"read_json({paths}, {_NDJSON}, {columns})"
        if fields:
            cursor.sql(
                f"SELECT * FROM {relation} LIMIT 0"
            )  # names that DuckDB takes for one
    except (ClashError, *raw.UNREADABLE) as cause:
        faults.raise_first(files)
        raise raw.unreadable(files, cause) from cause
    cursor.execute(f"DROP TABLE {_CLOSE}")
    return Records(
        relation,
        {
            name: Column(shape, raw.canonical(sql.cleaned(shape, quoted(name)), shape))
            for name, shape in fields.items()
        },
    )


def _fields(cursor: DuckDBPyConnection, lines: str, files: JsonFiles) -> dict[str, Shape]:
    """Return the fields of all records and what each is; none if there is no record."""
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE {_CLOSE} AS FROM {lines} LIMIT {_SAMPLE}")
    of_first = _dated(cursor, _structure(cursor, files))
    if not of_first:
        return {}
    cursor.execute(
        f"INSERT INTO {_CLOSE} FROM {lines} WHERE NOT regexp_full_match(json, ?)",
        [patterns.pattern_of(of_first)],
    )
    return _dated(cursor, _structure(cursor, files))


def _columns_as_text(fields: Mapping[str, Shape]) -> str:
    return ", ".join(
        f"{literal(name)}: {literal(sql.type_of(shape, _AS_TEXT))}"
        for name, shape in fields.items()
    )


def _structure(cursor: DuckDBPyConnection, files: JsonFiles) -> dict[str, Shape]:
    rows = cursor.execute(f"""
        SELECT DISTINCT json_structure(json) AS structure FROM {_CLOSE}
        ORDER BY length(structure) DESC, structure""").fetchall()
    if not rows:
        return {}
    structures = [json.loads(text) for (text,) in rows]
    if not all(map(_is_sound, structures)):
        faults.raise_first(files)
        # What is left of the doubts are records without a field.
        structures = [structure for structure in structures if isinstance(structure, dict)]
    names = dict.fromkeys(name for structure in structures for name in structure)
    free = [
        {n: s for n, s in structure.items() if n not in FIXED} for structure in structures
    ]
    united = shapes.united(shapes.from_structure(structure) for structure in free)
    found: Mapping[str, Shape] = united.members if isinstance(united, Fields) else {}
    fields = {name: FIXED.get(name) or found[name] for name in names}
    # DuckDB takes no record without a field; this one is made in any case.
    return fields or {"_id": FIXED["_id"]}


def _is_sound(structure: Any) -> bool:
    """Tell whether a record's structure raises no doubt that only its text can settle."""
    if not isinstance(structure, dict):
        return False
    free = {name: part for name, part in structure.items() if name not in FIXED}
    return (
        not _has_mixed_list(free)
        and _is_scalar(structure.get("_id", "NULL"))
        and _is_scalar(structure.get("eventType", "NULL"))
        and _is_identity_map(structure.get("identityMap", "NULL"))
        and _is_map(structure.get("segmentMembership", "NULL"))
    )


def _has_mixed_list(structure: Any) -> bool:
    match structure:
        case dict():
            return any(map(_has_mixed_list, structure.values()))
        case [item]:
            return item == "JSON" or _has_mixed_list(item)
        case _:
            return False


def _is_scalar(structure: Any) -> bool:
    return isinstance(structure, str) and structure != "JSON"


def _is_map(structure: Any) -> bool:
    return isinstance(structure, dict) or structure in ("NULL", "JSON")


def _is_identity_map(structure: Any) -> bool:
    if not isinstance(structure, dict):
        return structure in ("NULL", "JSON")
    return all(_is_entries(part) for part in structure.values())


def _is_entries(structure: Any) -> bool:
    match structure:
        case "NULL" | ["NULL"]:
            return True
        case [{"id": kind, **entry}]:
            is_text = kind in ("VARCHAR", "UBIGINT", "BIGINT", "HUGEINT", "DOUBLE")
            return is_text and entry.get("primary") in (None, "NULL", "BOOLEAN")
        case _:
            return False


def _dated(cursor: DuckDBPyConnection, fields: Mapping[str, Shape]) -> dict[str, Shape]:
    """Return *fields* with DATE and TIMESTAMP where all texts are ISO 8601."""
    tests = {
        (name, *path): tested
        for name, shape in fields.items()
        if name not in FIXED
        for path, tested in sql.texts(shape, f"record.{quoted(name)}")
    }
    if not tests:
        return dict(fields)
    records = _records(fields)
    moments = _passing(cursor, tests, _is_moment, records)
    days = _passing(cursor, {p: tests[p] for p in moments}, _is_day, records)
    types = {**dict.fromkeys(moments, "TIMESTAMP"), **dict.fromkeys(days, "DATE")}
    return {name: shapes.retyped(shape, types, (name,)) for name, shape in fields.items()}


def _records(fields: Mapping[str, Shape]) -> str:
    free = Fields({name: shape for name, shape in fields.items() if name not in FIXED})
    structure = literal(json.dumps(_as_structure(free)))
    return f"(SELECT json_transform(json, {structure}) AS record FROM {_CLOSE})"


def _as_structure(shape: Shape) -> Any:
    """Return *shape* as `json_transform` takes it; what is no text is of no interest."""
    match shape:
        case Fields(members) if members:
            return {name: _as_structure(member) for name, member in members.items()}
        case ListOf(item):
            return [_as_structure(item)]
        case Scalar("VARCHAR"):
            return "VARCHAR"
        case _:
            return "JSON"


def _passing(
    cursor: DuckDBPyConnection,
    tests: Mapping[shapes.Path, Any],
    test: sql.Test,
    records: str,
) -> list[shapes.Path]:
    if not tests:
        return []
    asked = ", ".join(f"bool_and({tested(test)})" for tested in tests.values())
    row = one(cursor, f"SELECT {asked} FROM {records}")
    return [path for path, passed in zip(tests, row, strict=True) if passed]


def _is_moment(text: str) -> str:
    return _matches(text, _MOMENT, "TIMESTAMP WITH TIME ZONE")


def _is_day(text: str) -> str:
    return _matches(text, _DAY, "DATE")


def _matches(text: str, pattern: str, kind: str) -> str:
    is_one = f"regexp_full_match({text}, {literal(pattern)}) AND TRY_CAST({text} AS {kind}) IS NOT NULL"
    return f"CASE WHEN {text} IS NOT NULL THEN {is_one} END"
