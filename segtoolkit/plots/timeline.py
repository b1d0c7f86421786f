"""The plot of jobs along time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes

from segtoolkit.plots import canvas

Floats = npt.NDArray[np.float64]

_WAITING = {"NEW": canvas.GREY, "QUEUED": canvas.GREY}
_ENDED = {
    "SUCCEEDED": canvas.GREEN,
    "FAILED": canvas.VERMILLION,
    "CANCELLED": canvas.PURPLE,
}
_STATE_COLOURS = _WAITING | {"PROCESSING": canvas.SKY, "CANCELLING": canvas.ORANGE} | _ENDED
_STRANGER_COLOUR = canvas.BLUE

_TIMES = ("created_at", "started_at", "ended_at", "updated_at")
_SECONDS_A_DAY = 86_400
# Matplotlib cannot place ticks within a shorter span so far from its epoch, and warns.
_SHORTEST_SPAN_S = 0.2


class Tabular(Protocol):
    """What turns into a frame of jobs, such as a listing."""

    def to_frame(self) -> pd.DataFrame: ...


def status_timeline(data: pd.DataFrame | Tabular, *, ax: Axes | None = None) -> Axes:
    """Draw one horizontal bar per job on a UTC axis: its time in the queue, then the rest.

    The first job is at the top; the job's short id and its state name the row. A job that has
    not ended reaches to the latest time in the frame, when it was still alive. A job without a
    start is drawn from its creation, or else its last update, in the colour of its state.

    Args:
        data: a ``jobs`` frame, or a listing of jobs.
        ax: where to draw; a new figure by default.

    >>> from matplotlib.figure import Figure
    >>> from segtoolkit.frames import jobs_frame
    >>> ax = status_timeline(jobs_frame([]), ax=Figure().subplots())
    >>> ax.texts[0].get_text()
    'no jobs'
    """
    frame = canvas.frame_of(data, "to_frame", ["job_id", "status", "duration", *_TIMES])
    ax = ax or canvas.new_axes(rows=len(frame))
    ax.set(title="Segment jobs", xlabel="time (UTC)")
    if frame.empty:
        return canvas.labelled_empty(ax, "no jobs")
    states = [str(state) for state in frame["status"]]
    _draw_lives(ax, _lives(frame), [_state_colour(state) for state in states])
    ids = canvas.short_ids([str(job_id) for job_id in frame["job_id"]])
    canvas.name_rows(ax, [f"{i}  {state}" for i, state in zip(ids, states, strict=True)])
    _name_states(ax, states)
    return ax


def _lives(frame: pd.DataFrame) -> pd.DataFrame:
    """Return begin, start and end of every job in days, and the words beside its bar.

    All three are NaN where no time is known. Times that contradict each other are put in
    order, as no bar can be drawn backwards.
    """
    created, started, ended, updated = (_days(frame[column]) for column in _TIMES)
    state = frame["status"].astype(str)
    is_final = state.isin(list(_ENDED)).to_numpy()
    latest = np.fmax.reduce([created, started, ended, updated], axis=None)
    begin = _known(np.fmin(created, started), np.fmin(ended, updated))
    last_seen = np.where(is_final, updated, latest)
    end = np.fmax(_known(ended, last_seen), np.fmax(begin, started))
    no_start = np.where(state.isin(list(_WAITING)), end, begin)
    seconds = _known(_seconds(frame["duration"]), (ended - begin) * _SECONDS_A_DAY)
    words = [
        _words(first, taken, is_final=bool(final))
        for first, taken, final in zip(begin, seconds, is_final, strict=True)
    ]
    lives = pd.DataFrame({"begin": begin, "start": _known(started, no_start), "end": end})
    return lives.where(lives["begin"].notna()).assign(words=words)


def _days(times: pd.Series) -> Floats:
    naive = pd.to_datetime(times, utc=True).dt.tz_localize(None).to_numpy("datetime64[us]")
    return np.asarray(mdates.date2num(naive), np.float64)  # type: ignore[no-untyped-call]


def _seconds(durations: pd.Series) -> Floats:
    return np.asarray(pd.to_timedelta(durations).dt.total_seconds(), np.float64)


def _known(values: Floats, otherwise: Floats) -> Floats:
    return np.where(np.isnan(values), otherwise, values)


def _words(begin: float, seconds: float, *, is_final: bool) -> str:
    if np.isnan(begin):
        return "no times known"
    if not np.isnan(seconds):
        return _spoken(seconds)
    return "end unknown" if is_final else "not ended"


def _spoken(seconds: float) -> str:
    """Return a duration as people say it.

    >>> [_spoken(s) for s in (0.0123, 5.25, 59.99, 778.46, 27_000)]
    ['12 ms', '5.2 s', '1m 00s', '12m 58s', '7h 30m']
    """
    if seconds < 0:
        return f"-{_spoken(-seconds)}"
    if seconds < 1:
        return f"{seconds * 1_000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return (
        f"{minutes}m {rest:02}s"
        if minutes < 60
        else f"{minutes // 60:,}h {minutes % 60:02}m"
    )


def _draw_lives(ax: Axes, lives: pd.DataFrame, colours: Sequence[str]) -> None:
    _write_beside(ax, lives)
    timed = lives.assign(colour=colours).dropna()
    if timed.empty:
        ax.set_xticks([])
        return
    _make_time_axis(ax)
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


def _make_time_axis(ax: Axes) -> None:
    # With its usual five ticks at least, the locator finds no interval for some spans, and warns.
    locator = mdates.AutoDateLocator(tz=UTC, minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    formatter = mdates.ConciseDateFormatter(locator, tz=UTC)  # type: ignore[no-untyped-call]
    ax.xaxis_date(tz=UTC)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(formatter)


def _write_beside(ax: Axes, lives: pd.DataFrame) -> None:
    for row in range(0, len(lives), canvas.legible_step(len(lives))):
        end, words = lives["end"].iloc[row], lives["words"].iloc[row]
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
    span = max(last - first, _SHORTEST_SPAN_S / _SECONDS_A_DAY)
    ax.update_datalim([(first - 0.02 * span, 0), (first + 1.2 * span, 0)])
    ax.autoscale_view(scaley=False)


def _name_states(ax: Axes, states: Sequence[str]) -> None:
    present = sorted(set(states) - set(_WAITING), key=[*_STATE_COLOURS, *states].index)
    canvas.add_legend(
        ax, None, {"queued": canvas.GREY} | {s: _state_colour(s) for s in present}
    )


def _state_colour(state: str) -> str:
    return _STATE_COLOURS.get(state, _STRANGER_COLOUR)
