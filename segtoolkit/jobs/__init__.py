"""Handles of segment jobs: what a caller holds, waits for and cancels."""

from __future__ import annotations

from segtoolkit.jobs.group import JobGroup, ReturnWhen
from segtoolkit.jobs.interrupts import OnInterrupt
from segtoolkit.jobs.job import Job, JobCalls
from segtoolkit.jobs.members import Member
from segtoolkit.jobs.poller import Poller
from segtoolkit.jobs.polling import Clock, Polling, SystemClock, Timeout
from segtoolkit.jobs.result import JobResult

__all__ = [
    "Clock",
    "Job",
    "JobCalls",
    "JobGroup",
    "JobResult",
    "Member",
    "OnInterrupt",
    "Poller",
    "Polling",
    "ReturnWhen",
    "SystemClock",
    "Timeout",
]
