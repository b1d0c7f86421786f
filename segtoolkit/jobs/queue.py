"""Submit a group's segments, some at a time: its members go in, and have their jobs or errors after."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from typing import TypeAlias

from segtoolkit.errors import (
    RateLimited,
    SegtoolkitError,
    SubmitUncertain,
)
from segtoolkit.jobs.job import Job
from segtoolkit.jobs.members import Member
from segtoolkit.jobs.poller import Poller

Submit: TypeAlias = Callable[[Sequence[str]], Job]

# A service that says that too many jobs are running means minutes, not seconds.
_BUSY = 3.0


class Queue:
    """Submits each member once, as many as may be active at a time.

    Attributes:
        retry_at_s: when to try again what was refused as too many; infinity if nothing was.
    """

    def __init__(
        self,
        members: Sequence[Member],
        poller: Poller,
        submit: Submit | None,
        max_active: int | None,
    ) -> None:
        self.retry_at_s = math.inf
        self._members = members
        self._poller = poller
        self._submit = submit
        self._most = math.inf if max_active is None else max_active
        # Two threads that wait for one group must not submit a member twice.
        self._submitting = threading.Lock()

    def submit_more(self) -> None:
        with self._submitting:
            if self._poller.clock.monotonic() < self.retry_at_s < math.inf:
                return
            self.retry_at_s = math.inf
            active = sum(member.is_active for member in self._members)
            for member in self._members:
                if active >= self._most or self.retry_at_s < math.inf:
                    return
                if member.is_to_submit and self._submit is not None:
                    self._start(member, self._submit)
                    active += member.is_active

    def note_end(self) -> None:
        """A job has ended: what was refused as too many may be taken now."""
        if self.retry_at_s < math.inf:
            self.retry_at_s = self._poller.clock.monotonic()

    def empty(self) -> None:
        """Submit nothing more."""
        with self._submitting:
            for member in self._members:
                if member.is_to_submit:
                    member.error = SegtoolkitError(
                        "not submitted: the group was cancelled before its turn came"
                    )

    def _start(self, member: Member, submit: Submit) -> None:
        try:
            member.job = submit(member.segment_ids)
        except RateLimited as error:
            pause_s = error.retry_after or self._poller.polling.most * _BUSY
            self.retry_at_s = self._poller.clock.monotonic() + pause_s
        except SegtoolkitError as error:
            member.error = error
        except KeyboardInterrupt:
            # Submitting it again could start a second job.
            member.error = SubmitUncertain(
                f"submitting {', '.join(member.segment_ids)} was interrupted; the job may have "
                "been started, and client.list() would show it"
            )
            raise
