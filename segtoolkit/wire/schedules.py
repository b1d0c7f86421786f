"""Schedules: a body to `Schedule` and back, and the requests to make and to change one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from segtoolkit.models import Schedule
from segtoolkit.wire.bodies import (
    as_list,
    as_object,
    child,
    identifier,
    present,
    required_id,
    text,
)
from segtoolkit.wire.sandboxes import sandbox_from_json, sandbox_to_json
from segtoolkit.wire.times import first_time, optional_s

STATES = ("active", "inactive")
TYPES = ("batch_segmentation", "export")
_CHANGEABLE = {"/state": "state", "/schedule": "cron"}


def schedule_from_json(body: object) -> Schedule:
    """Read a schedule; only its id is needed."""
    schedule = as_object(body, "a schedule")
    return Schedule(
        id=required_id(schedule, "id", "a schedule"),
        name=text(schedule.get("name")) or "",
        state=text(schedule.get("state")),
        type=text(schedule.get("type")),
        cron=text(schedule.get("schedule")),
        segment_ids=_segment_ids(schedule),
        created_at=first_time(schedule, "createEpoch", "creationTime"),
        updated_at=first_time(schedule, "updateEpoch", "updateTime"),
        ims_org_id=text(schedule.get("imsOrgId")),
        sandbox=sandbox_from_json(schedule),
        raw=schedule,
    )


def _segment_ids(owner: Mapping[str, Any]) -> tuple[str, ...]:
    listed = child(owner, "properties").get("segments")
    found = map(identifier, listed if isinstance(listed, list) else [])
    return tuple(segment_id for segment_id in found if segment_id is not None)


def schedule_to_json(s: Schedule) -> dict[str, Any]:
    """Write a schedule with the published keys in the published order; what is None is left out."""
    return present(
        {
            "id": s.id,
            "imsOrgId": s.ims_org_id,
            "sandbox": sandbox_to_json(s.sandbox),
            "name": s.name,
            "state": s.state,
            "type": s.type,
            "schedule": s.cron,
            "properties": {"segments": list(s.segment_ids)},
            "createEpoch": optional_s(s.created_at),
            "updateEpoch": optional_s(s.updated_at),
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRequest:
    """What a schedule is made from."""

    name: str
    cron: str
    type: str = "batch_segmentation"
    segment_ids: tuple[str, ...] = ("*",)
    state: str = "inactive"


def schedule_request_to_json(request: ScheduleRequest) -> dict[str, Any]:
    return {
        "name": request.name,
        "type": request.type,
        "properties": {"segments": list(request.segment_ids)},
        "schedule": request.cron,
        "state": request.state,
    }


def schedule_request_from_json(body: object) -> ScheduleRequest:
    """Read the request; without segments it is about all, without a state it is inactive.

    Raises:
        ValueError: the name or the cron expression is missing, or its type or state unknown.
    """
    request = as_object(body, "a schedule")
    for key in ("name", "schedule"):
        if not isinstance(request.get(key), str) or not request[key].strip():
            raise ValueError(f"a schedule needs a {key!r}")
    return ScheduleRequest(
        name=request["name"],
        cron=request["schedule"],
        type=_one_of(TYPES, request.get("type", "batch_segmentation"), "type"),
        segment_ids=_segment_ids(request) or ("*",),
        state=_one_of(STATES, request.get("state", "inactive"), "state"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleChange:
    """What becomes of a schedule; None leaves it as it is."""

    state: str | None = None
    cron: str | None = None


def schedule_change_to_json(change: ScheduleChange) -> list[dict[str, str]]:
    """Write a JSON Patch whose operations are all ``add``, which is what the service takes."""
    asked = {"/state": change.state, "/schedule": change.cron}
    return [
        {"op": "add", "path": path, "value": value}
        for path, value in asked.items()
        if value is not None
    ]


def schedule_change_from_json(body: object) -> ScheduleChange:
    """Read a JSON Patch of ``/state``, ``/schedule`` or both.

    Raises:
        ValueError: there is no operation, or one that is not of these.
    """
    operations = as_list(body, "the change of a schedule")
    if not operations:
        raise ValueError('a change needs an operation: [{"op": "add", "path": …}]')
    return ScheduleChange(**dict(map(_operation, operations)))


def _operation(entry: object) -> tuple[str, str]:
    operation = as_object(entry, "each operation of a change")
    if operation.get("op") not in ("add", "replace"):
        raise ValueError(f"'op' is {operation.get('op')!r}; a schedule takes 'add' only")
    path, value = operation.get("path"), operation.get("value")
    if not isinstance(path, str) or path not in _CHANGEABLE:
        raise ValueError(f"'path' is {path!r}; give one of {', '.join(_CHANGEABLE)}")
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"the 'value' of {path!r} must be a string, not {value!r}")
    if path == "/state":
        _one_of(STATES, value, "state")
    return _CHANGEABLE[path], value


def _one_of(known: tuple[str, ...], given: object, what: str) -> str:
    if isinstance(given, str) and given in known:
        return given
    raise ValueError(f"the {what!r} is {given!r}; give {' or '.join(map(repr, known))}")
