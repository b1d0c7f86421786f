"""Audiences in, DataFrames out: who is in them, where they overlap, which job each is of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from segtoolkit.frames.schemas import SCHEMAS, TIME, framed

# What numpy's masked arrays hold, by column.
Columns: TypeAlias = Mapping[str, Any]
_NULLABLE = {"i": "Int64", "u": "Int64", "f": "Float64", "b": "boolean"}


def members_frame(columns: Columns, texts: Collection[str] = ()) -> pd.DataFrame:
    """Return one row per member.

    Args:
        columns: those below, then one per field asked for; masked where there is no value.
        texts: names of the fields that hold text.

    Columns:
        profile: row id of the profile in its store.
        namespace: of the identity by which the profile was loaded.
        id: that identity.

    >>> columns = {"profile": [7], "namespace": ["CRMID"], "id": ["ann"]}
    >>> members_frame(columns).to_numpy().tolist()
    [[7, 'CRMID', 'ann']]
    """
    return _from_columns("members", columns, texts)


def identities_frame(columns: Columns) -> pd.DataFrame:
    """Return one row per member and identity.

    Columns:
        profile: row id of the profile in its store.
        namespace: of the identity.
        id: the identity.
    """
    return _from_columns("identities", columns, ())


def overlap_frame(sizes: Mapping[tuple[str, ...], int], total: int | None) -> pd.DataFrame:
    """Return one row per combination of audiences that some profile is in, largest first.

    A profile counts once: in the row of exactly those audiences that it is in.

    Columns:
        audiences: tuple of the names.
        degree: how many they are.
        profiles: profiles that are in all of them, and in no other one.
        share: *profiles* as a part of all profiles, 0 to 1.

    >>> overlap_frame({("gold",): 2, ("gold", "us"): 3}, 10).to_numpy().tolist()
    [[('gold', 'us'), 2, 3, 0.3], [('gold',), 1, 2, 0.2]]
    """
    ordered = sorted(sizes.items(), key=lambda item: (-item[1], len(item[0])))
    return framed(
        "overlap",
        ((names, len(names), n, n / total if total else None) for names, n in ordered),
    )


def pairs_frame(names: Sequence[str], counts: Sequence[Sequence[int]]) -> pd.DataFrame:
    """Return a square of the profiles that two audiences share; the diagonal has their sizes.

    >>> pairs_frame(["gold", "us"], [[5, 3], [3, 9]]).loc["gold", "us"]
    np.int64(3)
    """
    columns = {
        name: pd.array(cells, dtype="Int64")
        for name, cells in zip(names, counts, strict=True)
    }
    frame = pd.DataFrame(columns, index=list(names))
    frame.index.name, frame.columns.name = "audience", "with"
    return frame


def audiences_frame(rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """Return one row per segment: the job that its members are of.

    Columns:
        segment_id: id of the segment definition.
        name: its name.
        job_id: the last job that evaluated it.
        evaluated_at: when that job ended.
        as_of: what ``now`` meant to it.
        is_current: whether the data is still what it was; unknown where the job did not say.
    """
    return framed("audiences", rows)


def _from_columns(name: str, columns: Columns, texts: Collection[str]) -> pd.DataFrame:
    schema = SCHEMAS[name]
    own: dict[str, Any] = {**schema, **dict.fromkeys(texts, "string")}
    return pd.DataFrame({c: _series(values, own.get(c)) for c, values in columns.items()})


def _series(values: Any, dtype: str | None) -> Any:
    cells = np.ma.asarray(values)
    kind = cells.dtype.kind
    if kind == "M":
        naive: Any = pd.Series(cells.filled(np.datetime64("NaT")))
        return naive.dt.tz_localize("UTC").astype(TIME)
    if dtype is None and kind not in _NULLABLE:
        return pd.Series(cells.filled(None), dtype="object")
    # Over the mask, as integers that go by way of NaN lose their last digits.
    shown: Any = pd.Series(cells.data, dtype=dtype or _NULLABLE[kind])
    return shown.mask(np.ma.getmaskarray(cells))
