"""The plot of audiences over their jobs."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segtoolkit.plots import canvas, times
from segtoolkit.plots.lives import Floats, days

# Colour and shape, so that lines are told apart by either.
_MARKS = (
    (canvas.BLUE, "o"),
    (canvas.ORANGE, "s"),
    (canvas.GREEN, "^"),
    (canvas.PURPLE, "D"),
    (canvas.SKY, "v"),
    (canvas.VERMILLION, "P"),
)


class Historic(Protocol):
    """What knows the sizes of audiences over jobs, such as a listing or a group."""

    def history(self) -> pd.DataFrame: ...


def size_history(
    data: pd.DataFrame | Historic, *, share: bool = False, ax: Axes | None = None
) -> Axes:
    """Draw one line per segment: its profiles after each of its jobs, on a UTC axis.

    A job stands at the instant that it is about, ``as_of``, or where that is unknown, at its end. One
    that counted nothing, because it failed or has not ended, leaves a gap in the line and a cross at
    the bottom. Of more than six segments, the six largest are drawn.

    Args:
        data: a ``history`` frame, a listing of jobs, or a group.
        share: draw parts of all profiles in place of numbers of profiles.
        ax: where to draw; a new figure by default.

    >>> from matplotlib.figure import Figure
    >>> from segtoolkit.frames import history_frame
    >>> ax = size_history(history_frame([]), ax=Figure().subplots())
    >>> ax.texts[0].get_text()
    'no jobs with segments'
    """
    measure = "share" if share else "profiles"
    columns = ["segment_id", "evaluated_at", measure]
    frame = canvas.frame_of(data, "history", columns)
    shown, hidden = _largest(frame, measure)
    ax = ax or canvas.new_axes(rows=8)
    timed, meant = _timed(shown)
    caption = [meant] + ["crosses: jobs without a count"] * bool(
        timed[measure].isna().any()
    )
    caption += [f"{hidden:,} smaller segments not shown"] * bool(hidden)
    ylabel = "share of all profiles" if share else "profiles"
    ax.set(title="Sizes over jobs", xlabel="\n".join(caption), ylabel=ylabel)
    if timed.empty:
        return canvas.labelled_empty(ax, "no jobs with segments")
    times.make_time_axis(ax)
    canvas.measure_axis(ax, share=share, along="y")
    canvas.describe(ax, _draw(ax, timed, measure))
    return ax


def _largest(frame: pd.DataFrame, measure: str) -> tuple[pd.DataFrame, int]:
    """Return the rows of the largest segments, and how many segments those leave out."""
    segments = frame["segment_id"].unique()
    hidden = len(segments) - len(_MARKS)
    if hidden <= 0:
        return frame, 0
    sizes = frame.groupby("segment_id", sort=False, observed=True)[measure].max()
    largest = sizes.astype("float64").sort_values(ascending=False, kind="stable")
    return frame[frame["segment_id"].isin(largest.index[: len(_MARKS)])], hidden


def _timed(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return the rows by the time at which they are drawn, and what that time is."""
    ended = frame["evaluated_at"]
    about = frame["as_of"] if "as_of" in frame else ended.where(ended.isna())
    timed = frame.assign(at=about.fillna(ended)).dropna(subset=["at"])
    known = {"as of": about.notna(), "end of the job": about.isna()}
    meant = " or ".join(what for what, rows in known.items() if rows.any())
    return timed.sort_values("at", kind="stable"), f"{meant or 'end of the job'} (UTC)"


def _draw(ax: Axes, timed: pd.DataFrame, measure: str) -> list[str]:
    """Draw a line per segment, and return what the lines say."""
    ids = [str(segment_id) for segment_id in timed["segment_id"].unique()]
    words, drawn = [], []
    for name, segment_id, (colour, mark) in zip(
        canvas.short_ids(ids), ids, _MARKS, strict=False
    ):
        rows = timed[timed["segment_id"] == segment_id]
        when = days(rows["at"])
        sizes = np.asarray(rows[measure].astype("float64"), np.float64)
        words.append(f"{name} {_spoken(sizes, share=measure == 'share')}")
        drawn += ax.plot(when, sizes, color=colour, marker=mark, markersize=5)
        _cross_out(ax, when[np.isnan(sizes)], colour)
    canvas.name_artists(ax, drawn, words)
    return words


def _cross_out(ax: Axes, when: Floats, colour: str) -> None:
    if not len(when):
        return
    at_the_bottom = ax.get_xaxis_transform()
    bottom = np.full(len(when), 0.02)
    ax.plot(when, bottom, "x", color=colour, transform=at_the_bottom)


def _spoken(sizes: Floats, *, share: bool) -> str:
    """Return the last size, and how it changed since the first one."""
    known = sizes[~np.isnan(sizes)]
    if not len(known):
        return "unknown"
    first, last = known[0], known[-1]
    change = f" ({last / first - 1:+.1%})" if len(known) > 1 and first else ""
    return canvas.number_text(last, share=share) + change
