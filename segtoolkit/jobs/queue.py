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
    TransportError,
)
from segtoolkit.jobs.job import Job
from segtoolkit.jobs.members import Member
from segtoolkit.jobs.poller import Poller
from segtoolkit.jobs.polling import Outage

Submit: TypeAlias = Callable[[Sequence[str]], Job]

# In longest pauses of a poller: a service that says that too many jobs are running means minutes, and
# one that cannot be reached may be back soon.
_BUSY, _AWAY = 3.0, 0.25


class Queue:
    """Submits each member once, as many as may be active at a time.

    Attributes:
        retry_at_s: when to try again what was refused as too many, or could not be sent; infinity
            if nothing was.
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
        self._outage = Outage(poller.polling.grace)
        # Two threads that wait for one group must not submit a member twice.
        self._submitting = threading.Lock()

    def submit_more(self, told: Callable[[], object]) -> None:
        """Submit what may be active now; *told* is called after each."""
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
                    told()

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
            self._outage.note(None, self._poller.clock.monotonic())
        except RateLimited as error:
            self._hold_back(error.retry_after or self._poller.polling.most * _BUSY)
        except TransportError as error:
            self._outage.note(error, self._poller.clock.monotonic())
            if error.was_sent is False and not self._outage.is_too_long:
                self._hold_back(self._poller.polling.most * _AWAY)
            else:
                member.error = error
        except SegtoolkitError as error:
            member.error = error
        except KeyboardInterrupt:
            # Submitting it again could start a second job.
            member.error = SubmitUncertain(
                f"submitting {', '.join(member.segment_ids)} was interrupted; the job may have "
                "been started, and client.list() would show it"
            )
            raise

    def _hold_back(self, pause_s: float) -> None:
        self.retry_at_s = self._poller.clock.monotonic() + pause_s
