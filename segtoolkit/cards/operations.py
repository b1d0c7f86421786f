"""What lies around jobs as it is shown: schedules, exports, audiences go in, text or a card comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from segtoolkit.cards import blocks, theme
from segtoolkit.cards.estimates import reach
from segtoolkit.cards.expressions import pql_block, text_of
from segtoolkit.cards.things import thing_card
from segtoolkit.cards.words import counted, number_text, one_line, short_id

if TYPE_CHECKING:
    from segtoolkit.models import AudienceRecord, ExportJob, Schedule

_EVERYTHING = "*"


def schedule_line(schedule: Schedule) -> str:
    """Return such as ``Schedule nightly active: 0 0 1 * * ?``."""
    state = f" {one_line(schedule.state)}" if schedule.state else ""
    name = one_line(schedule.name or schedule.id)
    return f"Schedule {name}{state}: {one_line(schedule.cron or 'unknown times')}"


def schedule_card(schedule: Schedule) -> str:
    several = counted(len(schedule.segment_ids), "segment")
    known = {
        "state": schedule.state,
        "type": schedule.type,
        "runs at (UTC, Quartz)": schedule.cron and blocks.code(schedule.cron),
        "segments": "all" if _EVERYTHING in schedule.segment_ids else several,
        "id": blocks.code(schedule.id),
    }
    return thing_card("schedule", schedule.name or schedule.id, known)


def export_line(job: ExportJob) -> str:
    """Return such as ``ExportJob 100 SUCCEEDED · 2 segments``."""
    return (
        f"ExportJob {one_line(short_id(job.id))} {one_line(job.status)} · {_exported(job)}"
    )


def export_card(job: ExportJob) -> str:
    metrics = job.metrics
    known = {
        "exports": _exported(job),
        "fields": ", ".join(job.fields) or "all",
        "to the dataset": job.dataset_id,
        "profiles written": metrics and metrics.total_exported_profile_counter,
        "created": job.created_at,
    }
    faults = [blocks.told(fault.message) for fault in job.errors[:1]]
    colour = theme.colour_of(job.status)
    name = f"{job.status} · export job {short_id(job.id)}"
    return thing_card("", name, known, *faults, colour=colour)


def _exported(job: ExportJob) -> str:
    return counted(len(job.segments), "segment") if job.segments else "all profiles"


def audience_line(audience: AudienceRecord) -> str:
    """Return such as ``AudienceRecord gold: 1,234 profiles``."""
    name = one_line(audience.name or audience.id)
    return f"AudienceRecord {name}: {number_text(audience.total_profiles)} profiles"


def audience_card(audience: AudienceRecord) -> str:
    known = {
        "profiles": audience.total_profiles,
        "counted at": audience.counted_at,
        "state": audience.lifecycle,
        "made by": audience.origin_name,
        "id": blocks.code(audience.id),
    }
    rule = audience.expression
    return thing_card(
        "audience",
        audience.name or audience.id,
        known,
        pql_block(text_of(rule)) if rule else Markup(),
        reach(audience.total_profiles_by_namespace, audience.total_profiles),
    )
