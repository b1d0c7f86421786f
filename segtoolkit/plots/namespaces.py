"""The plot of an audience's namespaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segtoolkit.plots import canvas

_COLOURS = (
    canvas.SKY,
    canvas.ORANGE,
    canvas.GREEN,
    canvas.PURPLE,
    canvas.BLUE,
    canvas.VERMILLION,
)
_OVERLAP = "a profile counts once per namespace; bars do not add up"


class Namespaced(Protocol):
    """What knows its counts by namespace, such as the result of a job."""

    def by_namespace(self) -> pd.DataFrame: ...


class Audience(Protocol):
    """A set of profiles that knows where it can be reached."""

    @property
    def label(self) -> str: ...
    @property
    def size(self) -> int: ...
    def by_namespace(self) -> Mapping[str, int]: ...


class Estimate(Protocol):
    """The size of an audience, and where it can be reached."""

    @property
    def size(self) -> int | None: ...
    @property
    def by_namespace(self) -> Mapping[str, int]: ...


Reach: TypeAlias = pd.DataFrame | Namespaced | Audience | Estimate


def namespace_counts(
    data: Reach,
    *,
    top: int = 10,
    share: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw one horizontal bar per namespace and segment: the profiles reachable there.

    Shows the *top* namespaces, largest first, and one row for all others; as namespaces
    overlap, its bar is the largest of them and no sum. Of more than six segments, the six
    largest are drawn.

    Args:
        data: a ``by_namespace`` frame, the result of a job, an audience, or an estimate.
        top: how many namespaces get a row of their own.
        share: draw parts of the segment's profiles in place of numbers of profiles.
        ax: where to draw; a new figure by default.

    >>> from matplotlib.figure import Figure
    >>> counts = {"segment_id": ["gold"] * 2, "namespace": ["ECID", "Email"]}
    >>> frame = pd.DataFrame({**counts, "profiles": [45, 20], "share": [0.9, 0.4]})
    >>> ax = namespace_counts(frame, ax=Figure().subplots())
    >>> [float(bar.get_width()) for bar in ax.patches]
    [45.0, 20.0]
    """
    canvas.check_top(top)
    measure = "share" if share else "profiles"
    columns = ["segment_id", "namespace", measure]
    frame = canvas.frame_of(_counted(data), "by_namespace", columns)
    wide = _largest_first(_pivoted(frame, measure))
    table = _cut(wide.iloc[:, : len(_COLOURS)], top)
    ax = ax or canvas.new_axes(rows=table.size)
    _label_measure(ax, share=share, hidden=wide.shape[1] - table.shape[1])
    if table.empty:
        return canvas.labelled_empty(ax, "no counts by namespace")
    _draw_groups(ax, table, share=share)
    canvas.name_rows(ax, [str(namespace) for namespace in table.index])
    _name_segments(ax, [str(segment_id) for segment_id in table.columns])
    canvas.describe(ax, _in_words(table, share=share))
    return ax


def _counted(data: Any) -> Any:
    """Return a frame of an audience's or an estimate's counts, and anything else as it is."""
    if isinstance(data, pd.DataFrame):
        return data
    found = getattr(data, "by_namespace", None)
    counts = found() if callable(found) else found
    if not isinstance(counts, Mapping):
        return data if counts is None else counts
    profiles = pd.array(list(counts.values()), dtype="Int64")
    share = profiles / data.size if data.size else pd.array([None] * len(counts), "Float64")
    return pd.DataFrame(
        {
            "segment_id": getattr(data, "label", "estimate"),
            "namespace": list(counts),
            "profiles": profiles,
            "share": share,
        }
    )


def _pivoted(frame: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return namespaces by segments, both in the order of *frame*, as floats."""
    # Joined frames of several jobs repeat themselves: the largest is drawn.
    wide = frame.astype({measure: "float64"}).pivot_table(
        index="namespace", columns="segment_id", values=measure, aggfunc="max"
    )
    # Pivoting loses what is wholly unknown.
    return wide.reindex(
        index=frame["namespace"].unique(), columns=frame["segment_id"].unique()
    )


def _largest_first(wide: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by their largest cell, and the columns likewise if some must go."""
    rows = wide.max(axis="columns").sort_values(ascending=False, kind="stable").index
    if wide.shape[1] <= len(_COLOURS):
        return wide.loc[rows]
    columns = wide.max(axis="index").sort_values(ascending=False, kind="stable").index
    return wide.loc[rows, columns]


def _cut(wide: pd.DataFrame, top: int) -> pd.DataFrame:
    others = len(wide) - top
    if others <= 1:
        return wide
    rest = wide.iloc[top:].max().to_frame(f"{others} others, each at most").T
    return pd.concat([wide.iloc[:top], rest])


def _label_measure(ax: Axes, *, share: bool, hidden: int) -> None:
    measure = "share of the segment's profiles" if share else "profiles"
    caption = [measure, _OVERLAP] + [f"{hidden} smaller segments not shown"] * bool(hidden)
    ax.set(title="Profiles by namespace", xlabel="\n".join(caption))
    canvas.measure_axis(ax, share=share)


def _draw_groups(ax: Axes, table: pd.DataFrame, *, share: bool) -> None:
    """Draw the columns of *table* side by side in every row, each bar with its number."""
    height = 0.8 / table.shape[1]
    rows = np.arange(len(table))
    for place, (segment_id, colour) in enumerate(
        zip(table.columns, _COLOURS, strict=False)
    ):
        widths = table[segment_id].to_numpy()
        middle = rows + height * (place + 0.5) - 0.4
        bars = ax.barh(middle, np.nan_to_num(widths), height, color=colour)
        numbers = [canvas.number_text(width, share=share) for width in widths]
        ax.bar_label(bars, numbers, padding=3, fontsize="small")
    ax.margins(x=0.2)
    if not table.fillna(0).to_numpy().any():
        ax.set_xlim(0, 1)


def _in_words(table: pd.DataFrame, *, share: bool) -> list[str]:
    several = table.shape[1] > 1
    return [
        f"{namespace} {canvas.number_text(size, share=share)}{f' of {segment_id}' * several}"
        for namespace, row in table.iterrows()
        for segment_id, size in row.items()
    ]


def _name_segments(ax: Axes, segment_ids: Sequence[str]) -> None:
    names = canvas.short_ids(segment_ids)
    if len(names) == 1:
        ax.set_title(f"{ax.get_title()} · {names[0]}", parse_math=False)
        return
    canvas.add_legend(ax, "segment", dict(zip(names, _COLOURS, strict=False)))
