"""Jobs and what they found as they are shown: records go in, one line of text or a card comes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from markupsafe import Markup

from segtoolkit.cards import blocks, theme
from segtoolkit.cards.words import (
    counted,
    duration_text,
    number_text,
    one_line,
    share_text,
    short_id,
)

if TYPE_CHECKING:
    from segtoolkit.models import JobMetrics, JobRecord

_NAMES_SHOWN = 3


def job_line(record: JobRecord, elapsed: timedelta | None, kind: str = "Job") -> str:
    """Return such as ``Job 468eeefd QUEUED 4s · 2 segments``."""
    parts = [kind, one_line(short_id(record.id)), one_line(record.status)]
    parts += [] if elapsed is None else [duration_text(elapsed)]
    return " · ".join([" ".join(parts), *progress_texts(record), segments_text(record)])


def job_card(record: JobRecord, elapsed: timedelta | None, remark: str = "") -> str:
    """Return a card of a job; *remark* is one more line of plain text."""
    since = "" if elapsed is None else f" {duration_text(elapsed)}"
    progress = "".join(f" · {text}" for text in progress_texts(record))
    state = blocks.bold(str(record.status))
    created = " · created " if record.created_at else ""
    return blocks.card(
        blocks.line(state, since, progress, " · job ", blocks.short_code(record.id)),
        blocks.faint(named_segments(record), created, record.created_at or ""),
        *(blocks.told(text) for text in (*_faults(record), remark) if text),
        colour=theme.colour_of(record.status),
    )


def progress_texts(record: JobRecord) -> list[str]:
    """Return how far a job is, such as ``3 of 7 tests``; nothing if that is not known, or it has ended."""
    progress = record.progress
    # What a job that ended did not need to test is no longer of interest.
    if progress is None or record.status.is_final:
        return []
    return [f"{progress.done:,} of {progress.total:,} tests"]


def segments_text(record: JobRecord) -> str:
    """Return such as ``2 segments``."""
    if any(segment.segment_id == "*" for segment in record.segments):
        return "all segments"
    return counted(len(record.segment_ids), "segment")


def named_segments(record: JobRecord) -> str:
    """Return such as ``2 segments: gold, lapsed``."""
    named = ", ".join(one_line(name) for name in record.segment_ids[:_NAMES_SHOWN])
    more = ", …" if len(record.segment_ids) > _NAMES_SHOWN else ""
    return f"{segments_text(record)}{': ' if named else ''}{named}{more}"


def _faults(record: JobRecord) -> list[str]:
    return [fault_text(record)] if record.errors or record.status == "FAILED" else []


def fault_text(record: JobRecord) -> str:
    """Return why *record* failed, as far as the service said; never a call stack."""
    if not record.errors:
        request = f"; quote request {record.request_id}" if record.request_id else ""
        return f"the service gave no reason{request}"
    first, more = record.errors[0], len(record.errors) - 1
    code = f" [code {first.code}]" if first.code else ""
    return f"{first.message}{code}" + (f" (and {more} more in .errors)" if more else "")


def result_line(record: JobRecord) -> str:
    """Return such as ``JobResult 468eeefd · gold 1,234 · lapsed unknown``."""
    shown, counts = record.segment_ids[:_NAMES_SHOWN], _counts(record.metrics)
    named = [f"{one_line(name)} {number_text(counts.get(name))}" for name in shown]
    more = [segments_text(record)] if len(record.segment_ids) > len(named) else []
    return " · ".join([f"JobResult {short_id(record.id)}", *named, *more])


def result_card(record: JobRecord) -> str:
    title = blocks.line(blocks.bold("Result"), " of job ", blocks.short_code(record.id))
    sizes = _sizes(record.metrics, record.segment_ids)
    return blocks.card(title, sizes, colour=theme.GREEN)


def metrics_line(metrics: JobMetrics) -> str:
    """Return such as ``JobMetrics of 2 segments among 5,000 profiles``."""
    segments = counted(len(_counts(metrics)), "segment")
    return f"JobMetrics of {segments} among {number_text(metrics.total_profiles)} profiles"


def metrics_card(metrics: JobMetrics) -> str:
    sizes = _sizes(metrics, tuple(_counts(metrics)))
    total = metrics.total_time
    known = {"the whole job": total.duration} if total and total.duration else {}
    return blocks.card(
        blocks.line(blocks.bold("Metrics"), " of a job"),
        sizes or blocks.faint("no segment was counted"),
        blocks.facts(known) if known else Markup(),
        colour=theme.GREEN,
    )


def _sizes(metrics: JobMetrics | None, segment_ids: tuple[str, ...]) -> Markup:
    counts, total = _counts(metrics), metrics.total_profiles if metrics else None
    rows = [(i, counts.get(i), share_text(counts.get(i), total)) for i in segment_ids]
    of = "" if total is None else f" of {total:,}"
    return blocks.table(["segment", f"profiles{of}", "share"], rows, ".to_frame()")


def _counts(metrics: JobMetrics | None) -> Mapping[str, int]:
    return metrics.segmented_profile_counter if metrics else {}
