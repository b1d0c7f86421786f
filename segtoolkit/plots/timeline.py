"""The plot of jobs along time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segtoolkit.plots import canvas, lives, times

_NO_JOB = "no job"
_WAITING = {"NEW": canvas.GREY, "QUEUED": canvas.GREY, _NO_JOB: canvas.GREY}
_ENDED = {
    "SUCCEEDED": canvas.GREEN,
    "FAILED": canvas.VERMILLION,
    "CANCELLED": canvas.PURPLE,
}
_STATE_COLOURS = _WAITING | {"PROCESSING": canvas.SKY, "CANCELLING": canvas.ORANGE} | _ENDED
_STRANGER_COLOUR = canvas.BLUE

# Matplotlib cannot place ticks within a shorter span so far from its epoch, and warns.
_SHORTEST_SPAN_S = 0.2


class Tabular(Protocol):
    """What turns into a frame of jobs, such as a listing or a group."""

    def to_frame(self) -> pd.DataFrame: ...


def status_timeline(
    data: pd.DataFrame | Tabular, *, top: int = 30, ax: Axes | None = None
) -> Axes:
    """Draw one horizontal bar per job on a UTC axis: its time in the queue, then the rest.

    The first job is at the top; the job's short id and its state name the row. A job that has
    not ended reaches to the latest time in the frame, when it was still alive. A job without a
    start is drawn from its creation, or else its last update, in the colour of its state.

    Args:
        data: a ``jobs`` frame, a listing of jobs, or a group.
        top: most jobs to draw; of more, the newest are drawn, and the others counted below.
        ax: where to draw; a new figure by default.

    >>> from matplotlib.figure import Figure
    >>> from segtoolkit.frames import jobs_frame
    >>> ax = status_timeline(jobs_frame([]), ax=Figure().subplots())
    >>> ax.texts[0].get_text()
    'no jobs'
    """
    canvas.check_top(top)
    columns = ["job_id", "status", "duration", *lives.COLUMNS]
    frame = canvas.frame_of(data, "to_frame", columns)
    shown = lives.newest(frame, top).reset_index(drop=True)
    ax = ax or canvas.new_axes(rows=len(shown))
    others = Counter(_states(frame)) - Counter(_states(shown))
    ax.set(title="Segment jobs", xlabel="\n".join(["time (UTC)", *_rest(shown, others)]))
    if shown.empty:
        return canvas.labelled_empty(ax, "no jobs")
    states, drawn = _states(shown), lives.lives_of(shown)
    _draw_lives(ax, drawn, [_state_colour(state) for state in states])
    names = [f"{i}  {s}" for i, s in zip(_names(shown), states, strict=True)]
    canvas.name_rows(ax, names)
    _name_states(ax, states)
    told = [
        f"{n.replace('  ', ' ')} {w}" for n, w in zip(names, drawn["words"], strict=True)
    ]
    canvas.describe(ax, [_counts(Counter(_states(frame))), *told])
    return ax


def _states(frame: pd.DataFrame) -> list[str]:
    # Segments of a group that were not submitted yet, or refused, have no state.
    return [_NO_JOB if pd.isna(state) else str(state) for state in frame["status"]]


def _names(frame: pd.DataFrame) -> list[str]:
    names = frame["job_id"].astype("string")
    if "segment_ids" in frame.columns:
        names = names.fillna(frame["segment_ids"].astype("string"))
    return canvas.short_ids([str(name) for name in names])


def _rest(shown: pd.DataFrame, others: Counter[str]) -> list[str]:
    if not others:
        return []
    jobs = canvas.counted(len(shown) + others.total(), "job")
    return [f"the newest {len(shown):,} of {jobs}; the others: {_counts(others)}"]


def _counts(states: Counter[str]) -> str:
    return ", ".join(f"{number:,} {state}" for state, number in states.most_common())


def _draw_lives(ax: Axes, drawn: pd.DataFrame, colours: Sequence[str]) -> None:
    _write_beside(ax, drawn)
    timed = drawn.assign(colour=colours).dropna()
    if timed.empty:
        ax.set_xticks([])
        return
    times.make_time_axis(ax)
    _draw_bars(ax, timed)
    _make_room(ax, first=timed["begin"].min(), last=timed["end"].max())


def _draw_bars(ax: Axes, timed: pd.DataFrame) -> None:
    queued, rest = timed["start"] - timed["begin"], timed["end"] - timed["start"]
    ax.barh(timed.index, queued, 0.7, left=timed["begin"], color=canvas.GREY)
    # The edge keeps a job of milliseconds visible among jobs of hours.
    ax.barh(
        timed.index,
        rest,
        0.7,
        left=timed["start"],
        color=timed["colour"],
        edgecolor=timed["colour"],
        linewidth=1,
    )


def _write_beside(ax: Axes, drawn: pd.DataFrame) -> None:
    for row in range(0, len(drawn), canvas.legible_step(len(drawn))):
        end, words = drawn["end"].iloc[row], drawn["words"].iloc[row]
        is_timeless = bool(np.isnan(end))
        ax.annotate(
            words,
            (0.0 if is_timeless else end, row),
            xycoords=ax.get_yaxis_transform() if is_timeless else ax.transData,
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize="small",
        )


def _make_room(ax: Axes, *, first: float, last: float) -> None:
    """Widen the axis for the words beside the bars."""
    span = max(last - first, _SHORTEST_SPAN_S / lives.SECONDS_A_DAY)
    ax.update_datalim([(first - 0.02 * span, 0), (first + 1.2 * span, 0)])
    ax.autoscale_view(scaley=False)


def _name_states(ax: Axes, states: Sequence[str]) -> None:
    present = sorted(set(states) - set(_WAITING), key=[*_STATE_COLOURS, *states].index)
    canvas.add_legend(
        ax, None, {"queued": canvas.GREY} | {s: _state_colour(s) for s in present}
    )


def _state_colour(state: str) -> str:
    return _STATE_COLOURS.get(state, _STRANGER_COLOUR)
