"""Jobs as stretches of time: a frame of jobs goes in; when each began, started and ended comes out.

Times are days since the epoch of matplotlib, as its axes have them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib import dates as mdates

Floats = npt.NDArray[np.float64]

COLUMNS = ("created_at", "started_at", "ended_at", "updated_at")
SECONDS_A_DAY = 86_400
WAITING = frozenset({"NEW", "QUEUED"})
ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})


def lives_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Return begin, start and end of every job, and the words beside its bar.

    All three are NaN where no time is known. Times that contradict each other are put in
    order, as no bar can be drawn backwards.
    """
    created, started, ended, updated = (days(frame[column]) for column in COLUMNS)
    state = frame["status"].astype(str)
    is_final = state.isin(ENDED).to_numpy()
    latest = np.fmax.reduce([created, started, ended, updated], axis=None)
    begin = _known(np.fmin(created, started), np.fmin(ended, updated))
    last_seen = np.where(is_final, updated, latest)
    end = np.fmax(_known(ended, last_seen), np.fmax(begin, started))
    no_start = np.where(state.isin(WAITING), end, begin)
    seconds = _known(_seconds(frame["duration"]), (ended - begin) * SECONDS_A_DAY)
    words = [
        _words(first, taken, is_final=bool(final))
        for first, taken, final in zip(begin, seconds, is_final, strict=True)
    ]
    lives = pd.DataFrame({"begin": begin, "start": _known(started, no_start), "end": end})
    return lives.where(lives["begin"].notna()).assign(words=words)


def newest(frame: pd.DataFrame, number: int) -> pd.DataFrame:
    """Return the *number* jobs with the latest times, in the order of *frame*."""
    latest = np.fmax.reduce([days(frame[column]) for column in COLUMNS], axis=0)
    order = np.argsort(-_known(latest, np.full(len(frame), -np.inf)), kind="stable")
    return frame.iloc[np.sort(order[:number])]


def days(times: pd.Series) -> Floats:
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
