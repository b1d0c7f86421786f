"""The routes of schedules, which the local road keeps; nothing here evaluates by itself."""

from __future__ import annotations

from flask import Blueprint, jsonify

from segtoolkit import wire
from segtoolkit.local.app import asking
from segtoolkit.local.app.asking import Answer
from segtoolkit.local.app.caller import stamped, stamped_page
from segtoolkit.local.app.paging import Paging, asked
from segtoolkit.local.schedules import Schedules
from segtoolkit.local.service import SegmentService


def schedule_routes(service: SegmentService, paging: Paging) -> Blueprint:
    routes = Blueprint("schedules", __name__)
    schedules = Schedules(service.store)

    @routes.get(wire.SCHEDULES)
    def list_schedules() -> Answer:
        page = asked(paging).page_of(schedules.list())
        return jsonify(wire.schedules_page_to_json(stamped_page(page)))

    @routes.post(wire.SCHEDULES)
    def create() -> Answer:
        made = schedules.create(asking.body(wire.schedule_request_from_json))
        return jsonify(wire.schedule_to_json(stamped(made)))

    @routes.get(f"{wire.SCHEDULES}/<id:schedule_id>")
    def get(schedule_id: str) -> Answer:
        return jsonify(wire.schedule_to_json(stamped(schedules.get(schedule_id))))

    @routes.patch(f"{wire.SCHEDULES}/<id:schedule_id>")
    def change(schedule_id: str) -> Answer:
        schedules.change(schedule_id, asking.body(wire.schedule_change_from_json))
        return "", 204

    @routes.delete(f"{wire.SCHEDULES}/<id:schedule_id>")
    def delete(schedule_id: str) -> Answer:
        schedules.delete(schedule_id)
        return "", 204

    return routes
