"""The members of segments in, as row ids; a Parquet file of their profiles out."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from duckdb import DuckDBPyConnection
from pyroaring import BitMap

from segtoolkit.local.audiences.fields import Field

FILE = "profiles.parquet"
_MEMBERS, _SEGMENTS = "exported_members", "exported_segments"


def write(
    cursor: DuckDBPyConnection,
    batch: Path,
    members: Mapping[str, BitMap],
    everyone: BitMap,
    fields: tuple[Field, ...],
) -> None:
    """Write into the folder *batch*, complete or not at all, one row per profile.

    It has the primary identity, the *segments* that the profile is in, by id, and *fields*.

    Args:
        cursor: sees the profiles of the merge policy.
        batch: the folder; it must not be there yet.
        members: row ids by segment.
        everyone: the row ids that are in one of them, or all where there is none.
        fields: what is selected of a profile.
    """
    _enter(cursor, members, everyone)
    unfinished = batch.with_name(f".{batch.name}")
    unfinished.mkdir(parents=True)
    try:
        query = _query(fields)
        cursor.sql(query).write_parquet(str(unfinished / FILE), compression="zstd")
        unfinished.rename(batch)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        for table in (_MEMBERS, _SEGMENTS):
            cursor.unregister(table)


def _enter(
    cursor: DuckDBPyConnection, members: Mapping[str, BitMap], everyone: BitMap
) -> None:
    # Nobody's segment is -1, so that a profile in none has an empty list.
    groups = {-1: everyone, **dict(enumerate(members.values()))}
    rows = [np.asarray(group.to_array(), dtype=np.int64) for group in groups.values()]
    numbers = np.repeat(np.fromiter(groups, np.int32), [len(one) for one in rows])
    cursor.register(_MEMBERS, {"rid": np.concatenate(rows), "segment": numbers})
    cursor.register(
        _SEGMENTS,
        {
            "segment": np.arange(len(members), dtype=np.int32),
            "id": np.array([*members], dtype=object),
        },
    )


def _query(fields: tuple[Field, ...]) -> str:
    selected = "".join(f", {field}" for field in fields)
    return f"""
        SELECT keys.namespace, keys.id, m.segments{selected}
        FROM (SELECT rid, coalesce(list(s.id ORDER BY segment) FILTER (s.id IS NOT NULL), [])
                     AS segments
              FROM {_MEMBERS} LEFT JOIN {_SEGMENTS} s USING (segment) GROUP BY rid) m
        JOIN keys USING (rid) LEFT JOIN profiles p USING (rid)
        ORDER BY keys.rid"""
