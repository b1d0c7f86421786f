"""The plot of what became of the members of audiences since the job before."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from segtoolkit.plots import canvas

_COLOURS = {
    "stayed": canvas.BLUE,
    "entered": canvas.GREEN,
    "in it, stayed or entered": canvas.SKY,
    "left": canvas.VERMILLION,
}
_TOGETHER = "in it, stayed or entered"
_KNOWN = ("existing", "realized", "exited")


class Counted(Protocol):
    """What knows its counts by status, such as the result of a job."""

    def by_status(self) -> pd.DataFrame: ...


def status_counts(
    data: pd.DataFrame | Counted, *, top: int = 20, ax: Axes | None = None
) -> Axes:
    """Draw one row per segment: who stayed and who entered to the right, who left to the left.

    Where the service does not tell those who entered from those who stayed, they are drawn
    together. Of several jobs in one frame, the last one says how a segment is.

    Args:
        data: a ``by_status`` frame, or the result of a job.
        top: how many segments to draw, the largest first.
        ax: where to draw; a new figure by default.

    >>> from matplotlib.figure import Figure
    >>> counts = {"existing": 40, "realized": 5, "exited": 2}
    >>> frame = pd.DataFrame(
    ...     {"segment_id": "gold", "status": counts.keys(), "profiles": counts.values()}
    ... )
    >>> ax = status_counts(frame, ax=Figure().subplots())
    >>> [float(bar.get_width()) for bar in ax.patches]
    [40.0, 5.0, -2.0]
    """
    canvas.check_top(top)
    columns = ["segment_id", "status", "profiles"]
    frame = canvas.frame_of(data, "by_status", columns)
    changes = _largest_first(_changes(frame))
    shown = changes.iloc[:top]
    ax = ax or canvas.new_axes(rows=len(shown))
    _label(ax, frame, hidden=len(changes) - len(shown))
    if shown.empty:
        return canvas.labelled_empty(ax, "no counts by status")
    _draw(ax, shown)
    names = canvas.short_ids([str(segment_id) for segment_id in shown.index])
    canvas.name_rows(ax, names)
    words = [_in_words(changes) for _, changes in shown.iterrows()]
    canvas.describe(ax, [f"{n} {w}" for n, w in zip(names, words, strict=True)])
    return ax


def _changes(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what is drawn, by segment; NaN for what is not known."""
    wide = frame.astype({"profiles": "float64"}).pivot_table(
        index="segment_id", columns="status", values="profiles", aggfunc="last"
    )
    wide = wide.reindex(index=frame["segment_id"].unique(), columns=list(_KNOWN))
    # Without "existing", "realized" counts all members.
    is_told = wide["existing"].notna()
    return pd.DataFrame(
        {
            "stayed": wide["existing"],
            "entered": wide["realized"].where(is_told),
            _TOGETHER: wide["realized"].where(~is_told),
            "left": wide["exited"],
        }
    )


def _largest_first(changes: pd.DataFrame) -> pd.DataFrame:
    inside = changes.drop(columns="left").sum(axis="columns")
    return changes.loc[inside.sort_values(ascending=False, kind="stable").index]


def _label(ax: Axes, frame: pd.DataFrame, *, hidden: int) -> None:
    strangers = [s for s in frame["status"].astype(str).unique() if s not in _KNOWN]
    caption = ["profiles: ← left since the job before | stayed + entered →"]
    caption += [f"{hidden:,} smaller segments not shown"] * bool(hidden)
    caption += [f"not drawn: {', '.join(strangers)}"] * bool(strangers)
    ax.set_title("Members by status")
    ax.set_xlabel("\n".join(caption), parse_math=False)
    canvas.measure_axis(ax, share=False)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{abs(x):,.0f}"))


def _draw(ax: Axes, shown: pd.DataFrame) -> None:
    known = shown.fillna(0.0)
    rows = np.arange(len(shown))
    drawn = [name for name in _COLOURS if shown[name].notna().any()]
    begin = np.zeros(len(shown))
    for name in drawn:
        widths = -known[name] if name == "left" else known[name]
        left = 0.0 if name == "left" else begin
        ax.barh(rows, widths, 0.7, left=left, color=_COLOURS[name])
        begin = begin if name == "left" else begin + known[name].to_numpy()
    ax.axvline(0, color=canvas.GREY, linewidth=1)
    for row, (_, changes) in enumerate(shown.iterrows()):
        _write(ax, row, begin[row], _sum(changes), to_the="right")
        number = canvas.number_text(changes["left"])
        _write(ax, row, -known["left"].iloc[row], number, to_the="left")
    _make_room(ax, most=float(begin.max()), least=-float(known["left"].max()))
    canvas.add_legend(ax, None, {name: _COLOURS[name] for name in drawn})


def _sum(changes: pd.Series) -> str:
    known = [changes[name] for name in ("stayed", "entered")]
    parts = known if np.isnan(changes[_TOGETHER]) else [changes[_TOGETHER]]
    return " + ".join(map(canvas.number_text, parts))


def _in_words(changes: pd.Series) -> str:
    names = ["stayed", "entered", "left"]
    if not np.isnan(changes[_TOGETHER]):
        names = [_TOGETHER, "left"]
    return ", ".join(f"{canvas.number_text(changes[name])} {name}" for name in names)


def _write(ax: Axes, row: int, end: float, words: str, *, to_the: str) -> None:
    is_right = to_the == "right"
    ax.annotate(
        words,
        (end, row),
        xytext=(4 if is_right else -4, 0),
        textcoords="offset points",
        ha="left" if is_right else "right",
        va="center",
        fontsize="small",
    )


def _make_room(ax: Axes, *, most: float, least: float) -> None:
    """Widen the axis for the words at both ends of the bars."""
    span = (most - least) or 1.0
    ax.set_xlim(least - 0.25 * span, most + 0.45 * span)
