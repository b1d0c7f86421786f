"""Merge policies: a body to `MergePolicy` and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segtoolkit.models import AttributeMerge, IdentityGraph, MergePolicy
from segtoolkit.wire.bodies import (
    as_object,
    boolean,
    child,
    either,
    present,
    required_id,
    text,
)
from segtoolkit.wire.definitions import PROFILE_SCHEMA


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
    )


def merge_policy_to_json(policy: MergePolicy) -> Mapping[str, Any]:
    """Write a policy with the published keys."""
    return {
        "id": policy.id,
        "name": policy.name,
        "schema": {"name": PROFILE_SCHEMA},
        "identityGraph": {"type": policy.identity_graph.value},
        "attributeMerge": present(
            {"type": policy.attribute_merge.value, "order": list(policy.order) or None}
        ),
        "default": policy.is_default,
    }
