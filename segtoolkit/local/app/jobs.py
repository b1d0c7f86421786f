"""The routes of segment jobs."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, jsonify, request

from segtoolkit import wire
from segtoolkit.errors import APIError
from segtoolkit.local.app import asking
from segtoolkit.local.app.asking import Answer
from segtoolkit.local.app.caller import stamped, stamped_page
from segtoolkit.local.app.paging import Paging, asked
from segtoolkit.local.service import SegmentService
from segtoolkit.models import JobRecord


def job_routes(service: SegmentService, paging: Paging) -> Blueprint:
    routes = Blueprint("jobs", __name__)

    @routes.post(wire.JOBS)
    def submit() -> Answer:
        segment_ids = asking.body(wire.job_request_from_json)
        job = service.submit(
            segment_ids, as_of=asking.as_of(), request_id=asking.request_id()
        )
        return jsonify(wire.job_to_json(stamped(job)))

    @routes.get(wire.JOBS)
    def list_jobs() -> Answer:
        part = asked(paging)
        query = asking.job_query(request.args, start=part.first, limit=part.limit)
        page = stamped_page(service.jobs(query))
        page = replace(page, next_query=part.next_query(page.total))
        return jsonify(wire.jobs_page_to_json(page, limit=part.limit, start=part.start))

    @routes.post(wire.JOBS_BULK)
    def bulk_get() -> Answer:
        found = service.jobs_by_id(asking.body(wire.bulk_request_from_json))
        shown = {job_id: _shown(entry) for job_id, entry in found.items()}
        return jsonify(wire.bulk_to_json(shown)), 207

    @routes.get(f"{wire.JOBS}/<id:job_id>")
    def get(job_id: str) -> Answer:
        return jsonify(wire.job_to_json(stamped(service.job(job_id))))

    @routes.delete(f"{wire.JOBS}/<id:job_id>")
    def cancel(job_id: str) -> Answer:
        service.cancel(job_id)
        return "", 204

    return routes


def _shown(entry: JobRecord | APIError) -> JobRecord | APIError:
    return entry if isinstance(entry, APIError) else stamped(entry)
