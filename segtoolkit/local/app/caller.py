"""Who asks: the organisation and sandbox that a request names go onto the records it is shown."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TypeVar

from flask import request

from segtoolkit import wire
from segtoolkit.local import lifecycle
from segtoolkit.models import (
    AudienceRecord,
    ExportJob,
    JobRecord,
    MergePolicy,
    Sandbox,
    Schedule,
    SegmentDefinition,
)

PRODUCTION = "prod"
T = TypeVar(
    "T", AudienceRecord, ExportJob, JobRecord, MergePolicy, Schedule, SegmentDefinition
)


def stamped(record: T) -> T:
    """Return *record* as one of the caller's organisation and sandbox, or of the local ones."""
    organisation = request.headers.get(wire.ORGANISATION_HEADER)
    name = request.headers.get(wire.SANDBOX_HEADER)
    return replace(
        record,
        ims_org_id=organisation or lifecycle.ORGANISATION,
        sandbox=_sandbox(name) if name else lifecycle.SANDBOX,
    )


def stamped_page(page: wire.Page[T]) -> wire.Page[T]:
    return replace(page, items=tuple(map(stamped, page.items)))


def _sandbox(name: str) -> Sandbox:
    is_production = name == PRODUCTION
    return Sandbox(
        name=name,
        id=str(uuid.uuid5(uuid.NAMESPACE_DNS, name)),
        type="production" if is_production else "development",
        default=is_production,
    )
