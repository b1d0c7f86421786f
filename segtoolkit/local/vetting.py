"""Definitions against the data, before they are kept or used: refused, or with notes of what looks wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from segtoolkit.errors import BadRequest, PQLError
from segtoolkit.local import definitions, ledger, lookup
from segtoolkit.local.ledger import Cursor
from segtoolkit.local.notes import note
from segtoolkit.local.worker import PQL_CODE, Engine
from segtoolkit.models import SegmentDefinition
from segtoolkit.wire import DefinitionRequest


def create(
    engine: Engine, cursor: Cursor, request: DefinitionRequest, now: datetime
) -> SegmentDefinition:
    """Keep a new definition."""
    definition = definitions.new(cursor, request, now)
    check(engine, cursor, definition, ledger.expressions(cursor), as_of=now)
    ledger.add_definition(cursor, definition)
    return definition


def update(
    engine: Engine,
    cursor: Cursor,
    segment_id: str,
    request: DefinitionRequest,
    now: datetime,
) -> SegmentDefinition:
    """Keep a definition as *request* changes it."""
    present = lookup.present_definition(cursor, segment_id)
    definition = definitions.changed(cursor, present, request, now)
    check(engine, cursor, definition, ledger.expressions(cursor), as_of=now)
    ledger.replace_definition(cursor, definition)
    return definition


def put_all(
    engine: Engine, cursor: Cursor, expressions: Mapping[str, str], now: datetime
) -> list[str]:
    """Keep definitions by name, which may refer to each other; return their ids.

    Raises:
        PQLError: one cannot be evaluated; it names the segment.
    """
    put = [definitions.put(cursor, name, text, now) for name, text in expressions.items()]
    known = ledger.expressions(cursor)
    for definition in put:
        try:
            check(engine, cursor, definition, known, as_of=now)
        except PQLError as error:
            reason = f"segment {definition.name!r}: {error.reason}"
            raise type(error)(reason, error.text, error.offset) from error
    return [definition.id for definition in put]


def check(
    engine: Engine,
    cursor: Cursor,
    definition: SegmentDefinition,
    known: Mapping[str, str],
    *,
    as_of: datetime,
) -> None:
    """Refuse a definition that cannot be evaluated, and note what is probably wrong with it."""
    text = definition.expression.value
    known = {**known, definition.id: text}
    note(engine.check(cursor, text, as_of=as_of, expression_of=known.get))
    note(engine.mistakes(cursor, text))


def wanted(
    engine: Engine, cursor: Cursor, segment_ids: Sequence[str], *, as_of: datetime
) -> tuple[SegmentDefinition, ...]:
    """Return the definitions that a job asks for, each checked again.

    What was fine once may not be so any more: other profiles may have been loaded since.
    """
    found = lookup.wanted(cursor, segment_ids)
    expression_of = ledger.expressions(cursor).get
    for definition in found:
        text = definition.expression.value
        try:
            note(engine.check(cursor, text, as_of=as_of, expression_of=expression_of))
        except PQLError as error:
            message = f"segment {definition.id!r} can no longer be evaluated: {error}"
            raise BadRequest(message, status_code=400, code=PQL_CODE) from error
    return found
