"""Handles of segment jobs: what a caller holds, waits for and cancels."""

from __future__ import annotations

from segtoolkit.jobs.job import Job, JobCalls, OnInterrupt
from segtoolkit.jobs.polling import Clock, Polling, SystemClock, Timeout
from segtoolkit.jobs.result import JobResult

__all__ = [
    "Clock",
    "Job",
    "JobCalls",
    "JobResult",
    "OnInterrupt",
    "Polling",
    "SystemClock",
    "Timeout",
]
