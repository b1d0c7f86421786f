"""The routes of segment definitions, and of the conversion of expressions."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, jsonify, request

from segtoolkit import wire
from segtoolkit.errors import APIError
from segtoolkit.local import definitions, deleting, lookup
from segtoolkit.local.app import asking
from segtoolkit.local.app.asking import Answer
from segtoolkit.local.app.caller import stamped, stamped_page
from segtoolkit.local.app.paging import Paging, Slice
from segtoolkit.local.service import SegmentService, utc_now
from segtoolkit.models import SegmentDefinition


def definition_routes(service: SegmentService) -> Blueprint:
    routes = Blueprint("definitions", __name__)

    @routes.post(wire.DEFINITIONS)
    def create() -> Answer:
        wanted = asking.body(wire.definition_request_from_json)
        return _answer(service.create_definition(wanted))

    @routes.get(wire.DEFINITIONS)
    def list_definitions() -> Answer:
        part, ways = _slice(), asking.evaluation(request.args)
        if ways:
            everything = service.definitions(limit=asking.MOST).items
            page = part.page_of([d for d in everything if definitions.is_so(d, ways)])
        else:
            page = service.definitions(start=part.first, limit=part.limit)
            page = replace(page, next_query=part.next_query(page.total))
        return jsonify(wire.definitions_page_to_json(stamped_page(page), limit=part.limit))

    @routes.post(wire.DEFINITIONS_BULK)
    def bulk_get() -> Answer:
        asked_for = asking.body(wire.bulk_request_from_json)
        with service.store.read() as cursor:
            found = lookup.definitions_by_id(cursor, asked_for)
        shown = {segment_id: _shown(entry) for segment_id, entry in found.items()}
        return jsonify(wire.definitions_bulk_to_json(shown)), 207

    @routes.post(wire.CONVERSION)
    def convert() -> Answer:
        answer = definitions.converted(asking.body(wire.conversion_from_json))
        return jsonify(wire.conversion_to_json(answer))

    @routes.get(f"{wire.DEFINITIONS}/<id:segment_id>")
    def get(segment_id: str) -> Answer:
        return _answer(service.definition(segment_id))

    @routes.patch(f"{wire.DEFINITIONS}/<id:segment_id>")
    def update(segment_id: str) -> Answer:
        wanted = asking.body(wire.definition_request_from_json)
        return _answer(service.update_definition(segment_id, wanted))

    @routes.delete(f"{wire.DEFINITIONS}/<id:segment_id>")
    def delete(segment_id: str) -> Answer:
        with service.store.write() as cursor:
            deleting.delete_definition(service.engine, cursor, segment_id, as_of=utc_now())
        return jsonify(wire.accepted_to_json("The segment definition has been deleted."))

    return routes


def _answer(definition: SegmentDefinition) -> Answer:
    return jsonify(wire.definition_to_json(stamped(definition)))


def _shown(entry: SegmentDefinition | APIError) -> SegmentDefinition | APIError:
    return entry if isinstance(entry, APIError) else stamped(entry)


def _slice() -> Slice:
    """Return what is asked for: pages are counted from 1 here, or *start* counts records."""
    limit = asking.limit(request.args)
    number = asking.page(request.args)
    start = asking.start(request.args)
    first = start if number is None else (number - 1) * limit
    first = min(first, asking.MOST)
    return Slice(first=first, limit=limit, start=first, paging=Paging.OFFSET)
