"""How a job looks in a notebook: a record goes in, one line of text or a piece of HTML comes out."""

from __future__ import annotations

from datetime import timedelta
from html import escape

from segtoolkit.models import JobMetrics, JobRecord, JobStatus

# Okabe and Ito's colours keep apart for colour-blind eyes, on white and on black.
_COLOURS = {
    JobStatus.NEW: "#999999",
    JobStatus.QUEUED: "#999999",
    JobStatus.PROCESSING: "#56b4e9",
    JobStatus.CANCELLING: "#e69f00",
    JobStatus.CANCELLED: "#e69f00",
    JobStatus.FAILED: "#d55e00",
    JobStatus.SUCCEEDED: "#009e73",
}
_UNKNOWN_COLOUR = "#cc79a7"
BOX = (
    "border:1px solid var(--jp-border-color2, #9994);border-left:4px solid {colour};"
    "padding:.4em .8em;margin:.2em 0;max-width:46em;"
    "color:var(--jp-ui-font-color1, inherit);font-size:var(--jp-ui-font-size1, 13px)"
)
FAINT = "color:var(--jp-ui-font-color2, inherit);opacity:.85"
_ROWS_SHOWN = 10


def colour_of(status: str) -> str:
    return _COLOURS.get(JobStatus(status), _UNKNOWN_COLOUR)


def short_id(job_id: str) -> str:
    return job_id[:8]


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


def job_line(record: JobRecord, elapsed: timedelta | None) -> str:
    """Return such as ``Job 468eeefd QUEUED 4s · 2 segments``."""
    parts = ["Job", short_id(record.id), str(record.status)]
    parts += [] if elapsed is None else [duration_text(elapsed)]
    return " · ".join([" ".join(parts), *_progress_text(record), segments_text(record)])


def _progress_text(record: JobRecord) -> list[str]:
    progress = record.progress
    return [] if progress is None else [f"{progress.done:,} of {progress.total:,} tests"]


def segments_text(record: JobRecord) -> str:
    if any(segment.segment_id == "*" for segment in record.segments):
        return "all segments"
    number = len(record.segment_ids)
    return f"{number} segment{'' if number == 1 else 's'}"


def job_card(record: JobRecord, elapsed: timedelta | None, remark: str = "") -> str:
    """Return HTML without scripts; *remark* is one more line of plain text."""
    colour = colour_of(record.status)
    name = f'<code title="{escape(record.id)}">{escape(short_id(record.id))}</code>'
    state = f"<b>{escape(record.status)}</b>{_elapsed_html(elapsed)}"
    about = escape(_named_segments(record)) + _created_html(record)
    lines = [
        f"<div>{' · '.join([state, *_progress_text(record), f'job {name}'])}</div>",
        f'<div style="{FAINT}">{about}</div>',
        *(f"<div>{escape(line)}</div>" for line in (*_faults(record), remark) if line),
    ]
    return f'<div style="{BOX.format(colour=colour)}">{"".join(lines)}</div>'


def _elapsed_html(elapsed: timedelta | None) -> str:
    return "" if elapsed is None else f" {duration_text(elapsed)}"


def _named_segments(record: JobRecord, shown: int = 3) -> str:
    named = ", ".join(record.segment_ids[:shown])
    more = ", …" if len(record.segment_ids) > shown else ""
    return f"{segments_text(record)}{': ' if named else ''}{named}{more}"


def _created_html(record: JobRecord) -> str:
    if record.created_at is None:
        return ""
    return f" · created {record.created_at:%Y-%m-%d %H:%M:%S} UTC"


def _faults(record: JobRecord) -> list[str]:
    return (
        [fault_text(record)] if record.errors or record.status == JobStatus.FAILED else []
    )


def fault_text(record: JobRecord) -> str:
    """Return why *record* failed, as far as the service said; never a call stack."""
    if not record.errors:
        return f"the service gave no reason{_request_text(record)}"
    first, more = record.errors[0], len(record.errors) - 1
    code = f" [code {first.code}]" if first.code else ""
    return f"{first.message}{code}" + (f" (and {more} more in .errors)" if more else "")


def _request_text(record: JobRecord) -> str:
    return f"; quote request {record.request_id}" if record.request_id else ""


def result_line(record: JobRecord) -> str:
    """Return such as ``JobResult 468eeefd · gold 1,234 · lapsed unknown``."""
    metrics = record.metrics or JobMetrics()
    named = [f"{name} {_count_text(metrics, name)}" for name in record.segment_ids[:3]]
    more = [segments_text(record)] if len(record.segment_ids) > len(named) else []
    return " · ".join([f"JobResult {short_id(record.id)}", *named, *more])


def _count_text(metrics: JobMetrics, segment_id: str) -> str:
    count = metrics.segmented_profile_counter.get(segment_id)
    return "unknown" if count is None else f"{count:,}"


def result_card(record: JobRecord) -> str:
    """Return HTML: one row per segment, at most ten."""
    metrics = record.metrics or JobMetrics()
    total = "" if metrics.total_profiles is None else f" of {metrics.total_profiles:,}"
    rows = "".join(
        f"<tr><td>{escape(name)}</td>"
        f'<td style="text-align:right">{_count_text(metrics, name)}</td></tr>'
        for name in record.segment_ids[:_ROWS_SHOWN]
    )
    hidden = len(record.segment_ids) - _ROWS_SHOWN
    more = (
        f'<div style="{FAINT}">and {hidden} more in .to_frame()</div>' if hidden > 0 else ""
    )
    return (
        f'<div style="{BOX.format(colour=_COLOURS[JobStatus.SUCCEEDED])}">'
        f"<div><b>Result</b> of job <code>{escape(short_id(record.id))}</code></div>"
        f"<table><tr><th>segment</th><th>profiles{total}</th></tr>{rows}</table>{more}</div>"
    )
