"""Audiences as a sandbox lists them: a body to `AudienceRecord` and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segtoolkit.models import AudienceRecord, Expression
from segtoolkit.wire.bodies import (
    as_object,
    child,
    counts,
    either,
    identifier,
    integer,
    present,
    required_id,
    text,
)
from segtoolkit.wire.expressions import expression_from_json, expression_to_json
from segtoolkit.wire.sandboxes import sandbox_from_json, sandbox_to_json
from segtoolkit.wire.times import first_time, optional_ms, optional_s

_LIFECYCLES = ("lifecycleState", "lifecycle", "lifecycleStatus")
_OLDER: Mapping[str, str] = {"active": "published", "deleted": "archived"}


def audience_from_json(body: object) -> AudienceRecord:
    """Read an audience of either kind; only its id is needed."""
    audience = as_object(body, "an audience")
    metrics = child(audience, "metrics")
    counted = child(metrics, "data")
    return AudienceRecord(
        id=required_id(audience, "id", "an audience"),
        audience_id=identifier(audience.get("audienceId")),
        name=text(audience.get("name")) or "",
        description=_description(audience),
        namespace=text(audience.get("namespace")),
        type=text(audience.get("type")),
        lifecycle=_lifecycle(audience),
        expression=_expression(audience),
        merge_policy_id=identifier(audience.get("mergePolicyId")),
        origin_name=text(audience.get("originName")),
        job_id=identifier(metrics.get("jobId")),
        total_profiles=integer(counted.get("totalProfiles")),
        total_profiles_by_namespace=counts(counted.get("totalProfilesByNamespace")),
        total_profiles_by_status=counts(counted.get("totalProfilesByStatus")),
        counted_at=first_time(metrics, "updateEpoch", "createEpoch"),
        created_at=first_time(audience, "creationTime", "createEpoch"),
        updated_at=first_time(audience, "updateTime", "updateEpoch"),
        schema_name=text(child(audience, "schema").get("name")),
        ims_org_id=text(audience.get("imsOrgId")),
        sandbox=sandbox_from_json(audience),
        raw=audience,
    )


def _description(audience: Mapping[str, Any]) -> str | None:
    description = audience.get("description")
    return description if isinstance(description, str) else None


def _lifecycle(audience: Mapping[str, Any]) -> str | None:
    word = text(either(audience, *_LIFECYCLES))
    return word and _OLDER.get(word, word)


def _expression(audience: Mapping[str, Any]) -> Expression | None:
    # An audience from elsewhere has a type of its own, and no rule.
    return expression_from_json(audience) if audience.get("expression") else None


def audience_to_json(a: AudienceRecord) -> dict[str, Any]:
    """Write an audience with the published keys; what is None is left out."""
    return present(
        {
            "id": a.id,
            "audienceId": a.audience_id,
            "schema": a.schema_name and {"name": a.schema_name},
            "imsOrgId": a.ims_org_id,
            "sandbox": sandbox_to_json(a.sandbox),
            "name": a.name,
            "description": a.description,
            "expression": a.expression and expression_to_json(a.expression),
            "mergePolicyId": a.merge_policy_id,
            "creationTime": optional_ms(a.created_at),
            "createEpoch": optional_s(a.created_at),
            "updateTime": optional_ms(a.updated_at),
            "updateEpoch": optional_s(a.updated_at),
            "metrics": _metrics(a),
            "type": a.type,
            "lifecycleState": a.lifecycle,
            "namespace": a.namespace,
            "originName": a.origin_name,
        }
    )


def _metrics(a: AudienceRecord) -> dict[str, Any] | None:
    counted = present(
        {
            "totalProfiles": a.total_profiles,
            "totalProfilesByNamespace": dict(a.total_profiles_by_namespace) or None,
            "totalProfilesByStatus": dict(a.total_profiles_by_status) or None,
        }
    )
    about = {
        "jobId": a.job_id,
        "data": counted or None,
        "updateEpoch": optional_s(a.counted_at),
    }
    return {"type": "export", **told} if (told := present(about)) else None
