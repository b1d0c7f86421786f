"""Axes of time: any span goes in, a few ticks in UTC come out."""

from __future__ import annotations

from datetime import UTC

from matplotlib import dates as mdates
from matplotlib.axes import Axes


def make_time_axis(ax: Axes) -> None:
    """Make the x axis one of time, whatever zone the style says."""
    # With its usual five ticks at least, the locator finds no interval for some spans, and warns.
    locator = mdates.AutoDateLocator(tz=UTC, minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    formatter = mdates.ConciseDateFormatter(locator, tz=UTC)  # type: ignore[no-untyped-call]
    ax.xaxis_date(tz=UTC)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(formatter)
