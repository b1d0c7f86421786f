"""The routes of previews and estimates."""

from __future__ import annotations

from flask import Blueprint, jsonify

from segtoolkit import wire
from segtoolkit.local.app import asking
from segtoolkit.local.app.asking import Answer
from segtoolkit.local.service import SegmentService


def estimate_routes(service: SegmentService) -> Blueprint:
    routes = Blueprint("estimates", __name__)

    @routes.post(wire.PREVIEW)
    def create() -> Answer:
        text = asking.body(wire.preview_request_from_json)
        preview_id = service.preview(text, as_of=asking.as_of(), budget=asking.budget())
        preview = wire.Preview(id=preview_id, state=service.estimate(preview_id).state)
        return jsonify(wire.preview_to_json(preview)), 201

    @routes.get(f"{wire.PREVIEW}/<id:preview_id>")
    def get_preview(preview_id: str) -> Answer:
        preview = wire.Preview(id=preview_id, state=service.estimate(preview_id).state)
        return jsonify(wire.preview_to_json(preview))

    @routes.delete(f"{wire.PREVIEW}/<id:preview_id>")
    def end_preview(preview_id: str) -> Answer:
        service.end_preview(preview_id)
        return jsonify(wire.accepted_to_json("The preview has been deleted."))

    @routes.get(f"{wire.ESTIMATE}/<id:preview_id>")
    def get_estimate(preview_id: str) -> Answer:
        return jsonify(wire.estimate_to_json(service.estimate(preview_id)))

    return routes
