"""What the command says to the person at the terminal: everything but results, on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segtoolkit.jobs import Job

# Exit statuses: 0 only if the job SUCCEEDED.
DONE, JOB_FAILED = 0, 1


def tell(line: object) -> None:
    """Say something that is no result."""
    print(line, file=sys.stderr, flush=True)


def wait_or_cancel(job: Job) -> None:
    """Wait for *job*, telling each of its states once; an interrupt cancels it."""
    told: list[str] = []

    def tell_change(job: Job) -> None:
        if told[-1:] != [job.status]:
            told.append(job.status)
            tell_state(job)

    with job:
        job.wait(progress=tell_change)


def tell_state(job: Job) -> None:
    """Say where a job stands, with the reason if it failed."""
    seconds = job.elapsed.total_seconds() if job.elapsed else 0.0
    tell(f"job {job.id[:8]}  {seconds:7.2f} s  {job.status}")
    for fault in job.errors:
        tell(f"  {fault.message}")
