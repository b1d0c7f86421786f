"""Segment definitions: a body to `SegmentDefinition` and back, and the request to make one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from segtoolkit.models import Expression, SegmentDefinition
from segtoolkit.wire.bodies import (
    as_object,
    boolean,
    child,
    identifier,
    present,
    required_id,
    text,
)
from segtoolkit.wire.expressions import expression_from_json, expression_to_json
from segtoolkit.wire.sandboxes import sandbox_from_json, sandbox_to_json
from segtoolkit.wire.times import first_time, optional_ms, optional_s

PROFILE_SCHEMA = "_xdm.context.profile"


def definition_from_json(body: object) -> SegmentDefinition:
    """Read a definition; only its id is needed.

    A missing name or expression reads as an empty one, so that one odd entry does not make
    a whole listing unreadable.
    """
    definition = as_object(body, "a segment definition")
    return SegmentDefinition(
        id=required_id(definition, "id", "a segment definition"),
        name=text(definition.get("name")) or "",
        expression=expression_from_json(definition) or Expression(value=""),
        description=_description(definition),
        schema_name=text(child(definition, "schema").get("name")),
        merge_policy_id=identifier(definition.get("mergePolicyId")),
        evaluation=evaluation_from_json(definition),
        profile_instance_id=text(definition.get("profileInstanceId")),
        ims_org_id=text(definition.get("imsOrgId")),
        sandbox=sandbox_from_json(definition),
        created_at=first_time(definition, "creationTime", "createEpoch"),
        updated_at=first_time(definition, "updateTime", "updateEpoch"),
        raw=definition,
    )


def _description(body: Mapping[str, Any]) -> str | None:
    # Blank is what a definition without prose has; it is not the same as unknown.
    description = body.get("description")
    return description if isinstance(description, str) else None


def definition_to_json(d: SegmentDefinition) -> dict[str, Any]:
    """Write a definition with the published keys; what is None is left out."""
    return present(
        {
            "id": d.id,
            "schema": d.schema_name and {"name": d.schema_name},
            "profileInstanceId": d.profile_instance_id,
            "imsOrgId": d.ims_org_id,
            "sandbox": sandbox_to_json(d.sandbox),
            "name": d.name,
            "description": d.description,
            "expression": expression_to_json(d.expression),
            "mergePolicyId": d.merge_policy_id,
            "evaluationInfo": evaluation_to_json(d.evaluation),
            "creationTime": optional_ms(d.created_at),
            "updateEpoch": optional_s(d.updated_at),
            "updateTime": optional_ms(d.updated_at),
        }
    )


def evaluation_from_json(owner: Mapping[str, Any]) -> dict[str, bool]:
    """Read how *owner* is evaluated; a way that is not told is unknown, hence absent."""
    ways = child(owner, "evaluationInfo")
    told = {str(way): boolean(child(ways, way).get("enabled")) for way in ways}
    return {way: is_on for way, is_on in told.items() if is_on is not None}


def evaluation_to_json(ways: Mapping[str, bool]) -> dict[str, Any] | None:
    return {way: {"enabled": is_on} for way, is_on in ways.items()} or None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionRequest:
    """What a definition is made from. *id* is an extension that only the local road knows."""

    name: str
    expression: Expression
    id: str | None = None
    description: str | None = None
    merge_policy_id: str | None = None
    schema_name: str | None = None
    evaluation: Mapping[str, bool] = field(default_factory=dict)


def definition_request_to_json(request: DefinitionRequest) -> dict[str, Any]:
    """Write the request; the service insists on a schema, so profiles are the default."""
    return present(
        {
            "id": request.id,
            "name": request.name,
            "description": request.description,
            "expression": expression_to_json(request.expression),
            "mergePolicyId": request.merge_policy_id,
            "evaluationInfo": evaluation_to_json(request.evaluation),
            "schema": {"name": request.schema_name or PROFILE_SCHEMA},
        }
    )


def definition_request_from_json(body: object) -> DefinitionRequest:
    """Read the request.

    Raises:
        ValueError: the name, the expression or the expression's value is missing.
    """
    request = as_object(body, "a segment definition")
    return DefinitionRequest(
        name=_name(request),
        expression=_expression(request),
        id=identifier(request.get("id")),
        description=_description(request),
        merge_policy_id=identifier(request.get("mergePolicyId")),
        evaluation=evaluation_from_json(request),
        schema_name=text(child(request, "schema").get("name")),
    )


def _name(request: Mapping[str, Any]) -> str:
    name = request.get("name")
    if isinstance(name, str) and name.strip():
        return name
    raise ValueError("a segment definition needs a 'name'")


def _expression(request: Mapping[str, Any]) -> Expression:
    expression = expression_from_json(request)
    if expression is None:
        key = "expression" if request.get("expression") is None else "expression.value"
        raise ValueError(f"a segment definition needs an {key!r}")
    return expression
