"""How a group looks in a notebook: its members go in, a piece of HTML comes out."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from segtoolkit.jobs.cards import BOX, FAINT, colour_of, duration_text, short_id
from segtoolkit.jobs.members import Member, summary

_ROWS_SHOWN = 10


def group_card(members: Sequence[Member]) -> str:
    """Return HTML without scripts: how far the group is, and the jobs that have most to tell."""
    ended = sum(member.has_ended for member in members)
    share = ended / len(members) if members else 1.0
    # Failures first: a success says little, and there may be hundreds.
    shown = sorted(members, key=lambda m: (not m.has_failed, m.has_ended))[:_ROWS_SHOWN]
    hidden = len(members) - len(shown)
    more = f'<div style="{FAINT}">and {hidden} more in .to_frame()</div>' if hidden else ""
    return (
        f'<div style="{BOX.format(colour=colour_of("PROCESSING"))}">'
        f"<div><b>{escape(summary(members))}</b></div>{_bar(share)}"
        f"<table>{''.join(map(_row, shown))}</table>{more}</div>"
    )


def _bar(share: float) -> str:
    fill = f"width:{share:.0%};height:.4em;background:{colour_of('SUCCEEDED')}"
    return (
        '<div style="background:var(--jp-border-color2, #9994);margin:.3em 0">'
        f'<div style="{fill}"></div></div>'
    )


def _row(member: Member) -> str:
    job = member.job
    name = f"<code>{escape(short_id(job.id))}</code>" if job else ""
    elapsed = duration_text(job.elapsed) if job and job.elapsed is not None else ""
    segments = ", ".join(member.segment_ids[:3]) + (
        ", …" if len(member.segment_ids) > 3 else ""
    )
    cells = [
        name,
        f"<b>{escape(member.state)}</b>",
        elapsed,
        escape(segments),
        escape(problem_of(member) or ""),
    ]
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def problem_of(member: Member) -> str | None:
    """Return in one line what went wrong, as far as is known."""
    if member.error is not None:
        return str(member.error).partition("\n")[0]
    faults = member.job.errors if member.job else ()
    return faults[0].message if faults else None
