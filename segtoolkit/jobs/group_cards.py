"""How a group looks in a notebook: its members go in, a piece of HTML comes out."""

from __future__ import annotations

from collections.abc import Sequence

from segtoolkit import cards
from segtoolkit.jobs.members import Member, counted, summary, tone

_NAMES_SHOWN = 3


def group_card(members: Sequence[Member]) -> str:
    """Return HTML without scripts: how far the group is, and the jobs that have most to tell."""
    ended = sum(member.has_ended for member in members)
    share = ended / len(members) if members else 1.0
    # Failures first: a success says little, and there may be hundreds.
    ordered = sorted(members, key=lambda m: (not m.has_failed, m.has_ended))
    colour = cards.colour_of(tone(counted(members), is_final=ended == len(members)))
    columns = ["job", "state", "elapsed", "segments", "what went wrong"]
    return cards.card(
        cards.line(cards.bold(summary(members))),
        cards.meter(share, colour, f"{share:.0%} have ended"),
        cards.table(columns, list(map(_row, ordered)), ".to_frame()"),
        colour=colour,
    )


def _row(member: Member) -> list[object]:
    job = member.job
    more = ", …" if len(member.segment_ids) > _NAMES_SHOWN else ""
    return [
        cards.short_code(job.id) if job else "",
        cards.bold(member.state),
        "" if job is None or job.elapsed is None else job.elapsed,
        ", ".join(member.segment_ids[:_NAMES_SHOWN]) + more,
        problem_of(member) or "",
    ]


def problem_of(member: Member) -> str | None:
    """Return in one line what went wrong, as far as is known."""
    if member.error is not None:
        return str(member.error).partition("\n")[0]
    faults = member.job.errors if member.job else ()
    return faults[0].message if faults else None
