"""The routes of audiences: what there is, and how many were in when they were last evaluated."""

from __future__ import annotations

from flask import Blueprint, jsonify, request

from segtoolkit import wire
from segtoolkit.local import listed
from segtoolkit.local.app import asking
from segtoolkit.local.app.asking import Answer
from segtoolkit.local.app.caller import stamped, stamped_page
from segtoolkit.local.app.paging import Paging, asked
from segtoolkit.local.service import SegmentService


def audience_routes(service: SegmentService) -> Blueprint:
    routes = Blueprint("audiences", __name__)

    @routes.get(wire.AUDIENCES)
    def list_audiences() -> Answer:
        # Here *start* counts pages in every published body.
        part = asked(Paging.PAGE)
        filters = asking.properties(request.args)
        with service.store.read() as cursor:
            page = part.page_of(listed.audiences(cursor, filters))
        return jsonify(wire.audiences_page_to_json(stamped_page(page)))

    @routes.get(f"{wire.AUDIENCES}/<id:audience_id>")
    def get(audience_id: str) -> Answer:
        with service.store.read() as cursor:
            found = listed.audience(cursor, audience_id)
        return jsonify(wire.audience_to_json(stamped(found)))

    return routes
