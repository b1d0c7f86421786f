"""Merge policies: a body to `MergePolicy` and back."""

from __future__ import annotations

from typing import Any

from segtoolkit.models import AttributeMerge, IdentityGraph, MergePolicy
from segtoolkit.wire.bodies import (
    as_object,
    boolean,
    child,
    either,
    integer,
    present,
    required_id,
    text,
)
from segtoolkit.wire.definitions import PROFILE_SCHEMA
from segtoolkit.wire.sandboxes import sandbox_from_json, sandbox_to_json
from segtoolkit.wire.times import first_time, optional_s


def merge_policy_from_json(body: object) -> MergePolicy:
    """Read a policy; a missing part reads as what the service takes for it.

    Raises:
        ValueError: it has no id, or merges in a way that nobody knows.
    """
    policy = as_object(body, "a merge policy")
    merge = child(policy, "attributeMerge")
    # Older bodies have the order one level deeper.
    order = either(merge, "order") or child(merge, "data").get("order")
    return MergePolicy(
        id=required_id(policy, "id", "a merge policy"),
        name=text(policy.get("name")) or "",
        attribute_merge=AttributeMerge(merge.get("type", "timestampOrdered")),
        order=tuple(map(str, order)) if isinstance(order, list) else (),
        identity_graph=IdentityGraph(child(policy, "identityGraph").get("type", "none")),
        is_default=boolean(policy.get("default")) or False,
        version=integer(policy.get("version")),
        is_active_on_edge=boolean(policy.get("isActiveOnEdge")),
        updated_at=first_time(policy, "updateEpoch", "updateTime"),
        ims_org_id=text(policy.get("imsOrgId")),
        sandbox=sandbox_from_json(policy),
        raw=policy,
    )


def merge_policy_to_json(policy: MergePolicy) -> dict[str, Any]:
    """Write a policy with the published keys in the published order; what is None is left out."""
    return present(
        {
            "id": policy.id,
            "name": policy.name,
            "imsOrgId": policy.ims_org_id,
            "sandbox": sandbox_to_json(policy.sandbox),
            "schema": {"name": PROFILE_SCHEMA},
            "version": policy.version,
            "identityGraph": {"type": policy.identity_graph.value},
            "attributeMerge": present(
                {"type": policy.attribute_merge.value, "order": list(policy.order) or None}
            ),
            "isActiveOnEdge": policy.is_active_on_edge,
            "default": policy.is_default,
            "updateEpoch": optional_s(policy.updated_at),
        }
    )
