"""Results as text tables for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral

import pandas as pd

from segtoolkit.jobs import JobResult


def result_text(result: JobResult) -> str:
    """Return the four tables of a job: size, namespaces, status, timing."""
    tables = {
        "Size": result.to_frame()[["segment_id", "profiles", "share", "total_profiles"]],
        "Reach by namespace (a profile counts once in each, so these do not add up)": _wide(
            result.by_namespace(), "namespace"
        ),
        "Status since the last job: entered, stayed, left": _wide(
            result.by_status(), "status"
        ),
        "Timing (UTC)": result.timing(),
    }
    return "\n\n".join(f"{title}\n{as_text(frame)}" for title, frame in tables.items())


def _wide(frame: pd.DataFrame, across: str) -> pd.DataFrame:
    """Return one row a segment and one column a value of *across*, in the order they come."""
    columns, segments = frame[across].unique(), frame["segment_id"].unique()
    wide = frame.pivot_table(
        index="segment_id", columns=across, values="profiles", sort=False
    )
    return wide.reindex(index=segments, columns=columns).astype("Int64").reset_index()


def as_text(frame: pd.DataFrame) -> str:
    """Return *frame* as aligned text: counts with separators, shares in per cent, unknown as -.

    >>> print(as_text(pd.DataFrame({"profiles": pd.array([1234, None], "Int64")})))
    profiles
       1,234
           -
    """
    if frame.empty:
        return "(none)"
    shown = pd.DataFrame(
        {name: [_cell(value, name) for value in frame[name]] for name in frame.columns}
    )
    left = {
        name: _left(shown[name]) for name in frame.columns if frame[name].dtype == "string"
    }
    return shown.to_string(index=False, formatters=left, justify="right")


def _cell(value: object, column: str) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return "-"
    match value:
        case pd.Timestamp():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case pd.Timedelta():
            return f"{value.total_seconds():.3f} s"
        case float() if column == "share":
            return f"{value:.2%}"
        case Integral():
            return f"{int(value):,}"
        case _:
            return str(value)


def _left(column: pd.Series[str]) -> Callable[[str], str]:
    width = max(column.str.len().max(), len(str(column.name)))
    return lambda text: text.ljust(width)
