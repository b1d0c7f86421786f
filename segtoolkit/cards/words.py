"""Values as people read them: numbers, times and names go in, short text comes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segtoolkit.models import TimeSpan

UNKNOWN = "unknown"


def number_text(number: int | None) -> str:
    """Return such as ``13,146,432``; what is unknown is no zero.

    >>> number_text(13_146_432), number_text(None)
    ('13,146,432', 'unknown')
    """
    return UNKNOWN if number is None else f"{number:,}"


def counted(number: int, noun: str) -> str:
    """Return such as ``1 segment`` or ``1,200 segments``.

    >>> counted(1, "segment"), counted(1_200, "segment")
    ('1 segment', '1,200 segments')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def share_text(part: int | None, whole: int | None) -> str:
    """Return *part* of *whole* in per cent, never rounded to all or nothing of it.

    >>> share_text(1, 4), share_text(1, 10_000_000), share_text(1, 0)
    ('25.00%', '<0.01%', 'unknown')
    """
    if part is None or not whole:
        return UNKNOWN
    share = part / whole
    if 0 < share < 0.0001:
        return "<0.01%"
    return ">99.99%" if 0.9999 < share < 1 else f"{share:.2%}"


def time_text(moment: datetime) -> str:
    """Return *moment* to the second, in UTC, and say so.

    >>> time_text(datetime(2026, 1, 1, 12, tzinfo=UTC))
    '2026-01-01 12:00:00 UTC'
    """
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def duration_text(duration: timedelta) -> str:
    """Return *duration* as people say it, whole seconds.

    >>> [duration_text(timedelta(seconds=s)) for s in (4.7, 192, 3_720, 90_000)]
    ['4s', '3m12s', '1h02m', '1d01h']
    """
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d{hours:02}h"
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{seconds:02}s" if minutes else f"{seconds}s"


def span_text(span: TimeSpan) -> str:
    """Return such as ``5s from 2026-01-01 12:00:00 UTC``, as far as it is known."""
    took = "" if span.duration is None else duration_text(span.duration)
    began = "" if span.started_at is None else f"from {time_text(span.started_at)}"
    ended = "" if span.ended_at is None else f"until {time_text(span.ended_at)}"
    return " ".join(filter(None, (took, began or ended))) or UNKNOWN


def short_id(job_id: str) -> str:
    return job_id[:8]


def whole(text: str) -> str:
    """Return *text* without halves of characters, which no kernel can send."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def one_line(text: str, most: int = 80) -> str:
    r"""Return *text* without line breaks, cut where it is long.

    >>> one_line("a\n b"), one_line("abcdef", most=4)
    ('a b', 'abc…')
    """
    # Not all of a very long text is looked at.
    flat = " ".join(whole(text[: 2 * most]).split())
    is_cut = len(flat) > most or len(text) > 2 * most
    return f"{flat[: most - 1]}…" if is_cut else flat
