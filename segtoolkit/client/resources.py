"""What lies around jobs and definitions: merge policies, schedules, exports and audiences, as values."""

from __future__ import annotations

from collections.abc import Iterable

from segtoolkit import wire
from segtoolkit.cards import Verbs
from segtoolkit.client import paging
from segtoolkit.client.chosen import Segments, id_of, segment_ids
from segtoolkit.client.service import Service
from segtoolkit.models import (
    AudienceRecord,
    ExportedSegment,
    ExportJob,
    MergePolicy,
    Schedule,
    SegmentDefinition,
)


class _Resources(Verbs):
    def __init__(self, service: Service) -> None:
        self._service = service


class MergePolicies(_Resources):
    """How fragments become profiles; `Client.merge_policies` is one."""

    def list(self, limit: int | None = None) -> tuple[MergePolicy, ...]:
        """Return *limit* policies, or all of them, in the service's order."""
        # Where the next page begins is a token that only the service can make.
        pages = self._service.merge_policies_page
        return tuple(paging.items(pages, {}, counter=None, limit=limit))

    def get(self, policy_id: str) -> MergePolicy:
        """Find a policy by its id.

        Raises:
            NotFound: there is none.
        """
        return self._service.read_merge_policy(policy_id)


class Schedules(_Resources):
    """What runs by itself; `Client.schedules` is one.

    On the local road schedules are kept, and nothing runs by itself.
    """

    def list(self, limit: int | None = None) -> tuple[Schedule, ...]:
        """Return *limit* schedules, or all of them, in the service's order."""
        pages = self._service.schedules_page
        return tuple(paging.items(pages, {}, counter="start", limit=limit))

    def get(self, schedule_id: str) -> Schedule:
        """Find a schedule by its id.

        Raises:
            NotFound: there is none.
        """
        return self._service.read_schedule(schedule_id)

    def create(
        self,
        name: str,
        cron: str,
        *,
        segments: Segments = "*",
        type: str = "batch_segmentation",  # noqa: A002 - the service's own word
        is_active: bool = False,
    ) -> Schedule:
        """Create a schedule.

        Args:
            name: of the schedule.
            cron: a Quartz expression of six or seven fields, in UTC, such as ``"0 0 1 * * ?"``;
                once a day at most.
            segments: what it is about; ``"*"`` is everything.
            type: ``"batch_segmentation"`` or ``"export"``.
            is_active: whether it runs from now on.

        Raises:
            BadRequest: the service refuses it.
        """
        request = wire.ScheduleRequest(
            name=name,
            cron=cron,
            type=type,
            segment_ids=segment_ids(segments),
            state=_state(is_active=is_active),
        )
        return self._service.create_schedule(wire.schedule_request_to_json(request))

    def update(
        self,
        schedule: Schedule | str,
        *,
        cron: str | None = None,
        is_active: bool | None = None,
    ) -> Schedule:
        """Change what is given of *schedule* (or its id), and return it as it is then."""
        schedule_id = id_of(schedule)
        state = None if is_active is None else _state(is_active=is_active)
        change = wire.ScheduleChange(state=state, cron=cron)
        if change != wire.ScheduleChange():
            body = wire.schedule_change_to_json(change)
            self._service.change_schedule(schedule_id, body)
        return self.get(schedule_id)

    def delete(self, schedule: Schedule | str) -> None:
        """Delete *schedule*, or the one of that id.

        Raises:
            NotFound: there is none.
        """
        schedule_id = id_of(schedule)
        self._service.delete_schedule(schedule_id)


class Exports(_Resources):
    """Jobs that write the members of audiences to a dataset; `Client.exports` is one."""

    def list(
        self, *, status: str | None = None, limit: int | None = None
    ) -> tuple[ExportJob, ...]:
        """Return *limit* export jobs, or all of them, in the service's order."""
        asked = {} if status is None else {"status": str(status).upper()}
        pages = self._service.exports_page
        return tuple(paging.items(pages, asked, counter="offset", limit=limit))

    def get(self, export_id: str) -> ExportJob:
        """Find an export job by its id.

        Raises:
            NotFound: there is none.
        """
        return self._service.read_export(export_id)

    def create(
        self,
        dataset_id: str,
        segments: Segments,
        *,
        fields: Iterable[str] = (),
        statuses: Iterable[str] = ("realized",),
        segment_per_batch: bool = False,
        merge_policy: str | MergePolicy | None = None,
    ) -> ExportJob:
        """Start to write the members of *segments* to a dataset.

        Args:
            dataset_id: where to; on the local road the name of a folder.
            segments: definitions or their ids.
            fields: what to write of a profile, by dotted path; none writes all.
            statuses: the members to write: ``realized``, ``existing``, ``exited``.
            segment_per_batch: whether each segment gets a batch of its own.
            merge_policy: a policy or its id; None takes the default one.

        Raises:
            BadRequest: the service refuses it.
        """
        policy = merge_policy.id if isinstance(merge_policy, MergePolicy) else merge_policy
        wanted = tuple(statuses)
        request = wire.ExportRequest(
            dataset_id=dataset_id,
            segments=tuple(
                ExportedSegment(segment_id=segment_id, statuses=wanted)
                for segment_id in segment_ids(segments)
            ),
            fields=tuple(fields),
            segment_per_batch=segment_per_batch,
            merge_policy_id=policy,
        )
        return self._service.create_export(wire.export_request_to_json(request))

    def delete(self, export: ExportJob | str) -> None:
        """Delete *export*, or the one of that id; one that is under way is cancelled.

        Raises:
            NotFound: there is none.
        """
        self._service.delete_export(id_of(export))


class Audiences(_Resources):
    """The audiences of the sandbox, wherever they come from; `Client.audiences` is one."""

    def list(self, limit: int | None = None) -> tuple[AudienceRecord, ...]:
        """Return *limit* audiences, or all of them, in the service's order."""
        pages = self._service.audiences_page
        return tuple(paging.items(pages, {}, counter="start", limit=limit))

    def get(self, audience: str | SegmentDefinition) -> AudienceRecord:
        """Find an audience by its id, which an audience from elsewhere has besides ``audience_id``.

        Raises:
            NotFound: there is none.
        """
        audience_id = id_of(audience)
        return self._service.read_audience(audience_id)


def _state(*, is_active: bool) -> str:
    return "active" if is_active else "inactive"
