"""Names of frames and their rows in, DataFrames of fixed columns and dtypes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd
from pandas.api.extensions import ExtensionDtype

from segtoolkit.models import JobStatus

Dtype = str | ExtensionDtype

TIME = "datetime64[ms, UTC]"
_DURATION = "timedelta64[ms]"
_STATUS = pd.CategoricalDtype([str(status) for status in JobStatus], ordered=True)

_ONE_EACH: Mapping[str, Mapping[str, Dtype]] = MappingProxyType(
    {
        "jobs": {
            "job_id": "string",
            "status": _STATUS,
            "segments": "Int64",
            "segment_ids": "string",
            "created_at": TIME,
            "started_at": TIME,
            "ended_at": TIME,
            "updated_at": TIME,
            "queued": _DURATION,
            "duration": _DURATION,
            "total_profiles": "Int64",
            "source": "string",
            "error": "string",
        },
        "profiles": {
            "segment_id": "string",
            "profiles": "Int64",
            "share": "Float64",
            "new": "Int64",
            "stayed": "Int64",
            "left": "Int64",
            "total_profiles": "Int64",
        },
        "by_namespace": {
            "segment_id": "string",
            "namespace": "string",
            "profiles": "Int64",
            "share": "Float64",
        },
        "by_status": {
            "segment_id": "string",
            "status": "string",
            "profiles": "Int64",
        },
        "history": {
            "segment_id": "string",
            "evaluated_at": TIME,
            "as_of": TIME,
            "job_id": "string",
            "status": _STATUS,
            "profiles": "Int64",
            "share": "Float64",
            "total_profiles": "Int64",
        },
        "reach": {
            "namespace": "string",
            "profiles": "Int64",
            "share": "Float64",
        },
        "timing": {
            "phase": "string",
            "started_at": TIME,
            "ended_at": TIME,
            "duration": _DURATION,
        },
        "comparison": {
            "segment_id": "string",
            "before": "Int64",
            "after": "Int64",
            "change": "Int64",
            "growth": "Float64",
        },
        "members": {
            "profile": "Int64",
            "namespace": "string",
            "id": "string",
        },
        "identities": {
            "profile": "Int64",
            "namespace": "string",
            "id": "string",
        },
        "overlap": {
            "audiences": "object",
            "degree": "Int64",
            "profiles": "Int64",
            "share": "Float64",
        },
        "audiences": {
            "segment_id": "string",
            "name": "string",
            "job_id": "string",
            "evaluated_at": TIME,
            "as_of": TIME,
            "is_current": "boolean",
        },
    }
)


# What jobs have frames of, a group has too: for all of its jobs, each row with its job before it.
GROUPED = ("profiles", "by_namespace", "by_status", "timing")

SCHEMAS: Mapping[str, Mapping[str, Dtype]] = MappingProxyType(
    {
        **_ONE_EACH,
        **{f"group_{name}": {"job_id": "string", **_ONE_EACH[name]} for name in GROUPED},
    }
)


def framed(name: str, rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """Return *rows* as the frame of that name, with its columns and dtypes also when there are none."""
    schema = SCHEMAS[name]
    table = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in schema]
    return pd.DataFrame(
        {
            column: pd.Series(cells, dtype=_widened(dtype, cells))
            for (column, dtype), cells in zip(schema.items(), table, strict=True)
        }
    )


def _widened(dtype: Dtype, cells: Iterable[str | None]) -> Dtype:
    """Return *dtype*, for categories with the strangers among *cells* at their end."""
    if not isinstance(dtype, pd.CategoricalDtype):
        return dtype
    known = list(dtype.categories)
    found = [cell for cell in cells if cell is not None]
    return pd.CategoricalDtype(list(dict.fromkeys([*known, *found])), ordered=True)
