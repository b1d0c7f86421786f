"""The routes of export jobs."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, jsonify, request

from segtoolkit import wire
from segtoolkit.local.app import asking
from segtoolkit.local.app.asking import Answer
from segtoolkit.local.app.caller import stamped, stamped_page
from segtoolkit.local.exports import Exports, export_folder
from segtoolkit.local.service import SegmentService


def export_routes(service: SegmentService, folder: Path | None) -> Blueprint:
    routes = Blueprint("exports", __name__)
    exports = Exports(service, folder or export_folder(service.store))

    @routes.get(wire.EXPORTS, strict_slashes=False)
    def list_exports() -> Answer:
        limit, offset = asking.limit(request.args), request.args.get("offset")
        status = asking.status(request.args)
        page = exports.list(limit=limit, before=asking.export_offset(offset), status=status)
        return jsonify(wire.exports_page_to_json(stamped_page(page), offset=offset))

    @routes.post(wire.EXPORTS)
    def create() -> Answer:
        wanted = asking.body(wire.export_request_from_json)
        made = exports.create(wanted, request_id=asking.request_id())
        return jsonify(wire.export_to_json(stamped(made)))

    @routes.get(f"{wire.EXPORTS}/<id:export_id>")
    def get(export_id: str) -> Answer:
        return jsonify(wire.export_to_json(stamped(exports.get(export_id))))

    @routes.delete(f"{wire.EXPORTS}/<id:export_id>")
    def cancel(export_id: str) -> Answer:
        exports.cancel(export_id)
        return jsonify(wire.accepted_to_json("Export job has been marked for cancelling"))

    return routes
