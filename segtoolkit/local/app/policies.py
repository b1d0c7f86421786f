"""The routes of merge policies: read only, as the local road makes them by ``client.local``."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, jsonify

from segtoolkit import wire
from segtoolkit.local import policies
from segtoolkit.local.app.asking import Answer
from segtoolkit.local.app.caller import stamped, stamped_page
from segtoolkit.local.app.paging import Paging, asked
from segtoolkit.local.service import SegmentService
from segtoolkit.models import MergePolicy


def policy_routes(service: SegmentService) -> Blueprint:
    routes = Blueprint("policies", __name__)

    @routes.get(wire.MERGE_POLICIES)
    def list_policies() -> Answer:
        # Here *start* is opaque in every published body.
        part = asked(Paging.CURSOR, most_wanted=20)
        with service.store.read() as cursor:
            page = part.page_of([_told(policy) for policy in policies.listed(cursor)])
        return jsonify(wire.merge_policies_page_to_json(stamped_page(page)))

    @routes.get(f"{wire.MERGE_POLICIES}/<id:policy_id>")
    def get(policy_id: str) -> Answer:
        with service.store.read() as cursor:
            found = policies.present(cursor, policy_id)
        return jsonify(wire.merge_policy_to_json(stamped(_told(found))))

    return routes


def _told(policy: MergePolicy) -> MergePolicy:
    # There is one version of a local policy, and no edge.
    return replace(policy, version=policy.version or 1, is_active_on_edge=False)
