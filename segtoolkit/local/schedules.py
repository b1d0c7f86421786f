"""The schedules of a store: kept as the platform keeps them; nothing is evaluated by itself here."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime

from segtoolkit import wire
from segtoolkit.errors import BadRequest
from segtoolkit.local import logbook, lookup
from segtoolkit.local.store import Store
from segtoolkit.models import Schedule

_CRON = re.compile(r"[0-5]?\d [0-5]?\d ([01]?\d|2[0-3])( [0-9A-Z*?/,#-]+){3,4}", re.ASCII)
_EXAMPLE = "0 0 1 * * ?"


class Schedules:
    """The schedules of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self) -> tuple[Schedule, ...]:
        """Return all of them, newest first."""
        with self._store.read() as cursor:
            return logbook.schedules(cursor)

    def get(self, schedule_id: str) -> Schedule:
        """Return the schedule of that id.

        Raises:
            NotFound: there is none.
        """
        with self._store.read() as cursor:
            return lookup.present_schedule(cursor, schedule_id)

    def create(self, request: wire.ScheduleRequest) -> Schedule:
        """Keep a new schedule.

        Raises:
            BadRequest: its cron expression is none, or means more than once a day.
        """
        now = datetime.now(UTC)
        schedule = Schedule(
            id=str(uuid.uuid4()),
            name=request.name,
            state=request.state,
            type=request.type,
            cron=_checked(request.cron),
            segment_ids=request.segment_ids,
            created_at=now,
            updated_at=now,
        )
        with self._store.write() as cursor:
            logbook.add_schedule(cursor, schedule)
        return schedule

    def change(self, schedule_id: str, change: wire.ScheduleChange) -> None:
        """Change the state or the times of a schedule.

        Raises:
            NotFound: there is none of that id.
            BadRequest: as `create`.
        """
        cron = change.cron and _checked(change.cron)
        with self._store.write() as cursor:
            present = lookup.present_schedule(cursor, schedule_id)
            changed = replace(
                present,
                state=change.state or present.state,
                cron=cron or present.cron,
                updated_at=datetime.now(UTC),
            )
            logbook.replace_schedule(cursor, changed)

    def delete(self, schedule_id: str) -> None:
        """Remove a schedule.

        Raises:
            NotFound: there is none of that id.
        """
        with self._store.write() as cursor:
            lookup.present_schedule(cursor, schedule_id)
            logbook.remove_schedule(cursor, schedule_id)


def _checked(cron: str) -> str:
    if _CRON.fullmatch(cron.strip()):
        return cron.strip()
    raise BadRequest(
        f"'schedule' is {cron!r}; give a Quartz cron expression of 6 or 7 fields that means once "
        f"a day at most, with numbers for seconds, minutes and hours, such as {_EXAMPLE!r}",
        status_code=400,
    )
