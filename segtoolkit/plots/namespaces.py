"""The plot of an audience's namespaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter

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


def namespace_counts(
    data: pd.DataFrame | Namespaced,
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
        data: a ``by_namespace`` frame, or the result of a job.
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
    if top < 1:
        raise ValueError(f"top must be at least 1, not {top}")
    measure = "share" if share else "profiles"
    frame = canvas.frame_of(data, "by_namespace", ["segment_id", "namespace", measure])
    wide = _largest_first(_pivoted(frame, measure))
    table = _cut(wide.iloc[:, : len(_COLOURS)], top)
    ax = ax or canvas.new_axes(rows=table.size)
    _label_measure(ax, share=share, hidden=wide.shape[1] - table.shape[1])
    if table.empty:
        return canvas.labelled_empty(ax, "no counts by namespace")
    _draw_groups(ax, table, "{:.1%}" if share else "{:,.0f}")
    canvas.name_rows(ax, [str(namespace) for namespace in table.index])
    _name_segments(ax, [str(segment_id) for segment_id in table.columns])
    return ax


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
    # The bars carry their numbers; few ticks keep "10,000,000" apart on a narrow axis.
    ax.xaxis.set_major_locator(
        MaxNLocator(nbins=4, steps=[1, 2, 5, 10], integer=not share, min_n_ticks=1)
    )
    ax.xaxis.set_major_formatter(
        PercentFormatter(1.0) if share else StrMethodFormatter("{x:,.0f}")
    )


def _draw_groups(ax: Axes, table: pd.DataFrame, spelling: str) -> None:
    """Draw the columns of *table* side by side in every row, each bar with its number."""
    height = 0.8 / table.shape[1]
    rows = np.arange(len(table))
    for place, (segment_id, colour) in enumerate(
        zip(table.columns, _COLOURS, strict=False)
    ):
        widths = table[segment_id].to_numpy()
        middle = rows + height * (place + 0.5) - 0.4
        bars = ax.barh(middle, np.nan_to_num(widths), height, color=colour)
        numbers = ["unknown" if np.isnan(w) else spelling.format(w) for w in widths]
        ax.bar_label(bars, numbers, padding=3, fontsize="small")
    ax.margins(x=0.2)
    if not table.fillna(0).to_numpy().any():
        ax.set_xlim(0, 1)


def _name_segments(ax: Axes, segment_ids: Sequence[str]) -> None:
    names = canvas.short_ids(segment_ids)
    if len(names) == 1:
        ax.set_title(f"{ax.get_title()} · {names[0]}", parse_math=False)
        return
    canvas.add_legend(ax, "segment", dict(zip(names, _COLOURS, strict=False)))
