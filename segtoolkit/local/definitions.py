"""What a request makes of a segment definition, or why the store refuses it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from segtoolkit.errors import BadRequest
from segtoolkit.local import ledger, lifecycle
from segtoolkit.local.ledger import Cursor
from segtoolkit.models import Expression, SegmentDefinition
from segtoolkit.pql import parse, to_json, to_text
from segtoolkit.pql.forms import is_json
from segtoolkit.wire import DefinitionRequest

# How the platform evaluates what does not say otherwise; here, all are evaluated on demand.
_BATCH = {"batch": True, "continuous": False, "synchronous": False}


def new(cursor: Cursor, request: DefinitionRequest, now: datetime) -> SegmentDefinition:
    """Return the definition that *request* asks for, under a new id unless it names one.

    Raises:
        BadRequest: its id or name is taken (422), or its merge policy unknown (400).
    """
    definition = SegmentDefinition(
        id=request.id or str(uuid.uuid4()),
        name=request.name,
        expression=request.expression,
        description=request.description,
        schema_name=request.schema_name or lifecycle.SCHEMA,
        merge_policy_id=request.merge_policy_id or ledger.default_merge_policy(cursor),
        evaluation=request.evaluation or _BATCH,
        profile_instance_id=lifecycle.PROFILE_INSTANCE,
        created_at=now,
        updated_at=now,
    )
    if ledger.definitions(cursor, [definition.id]):
        raise _taken("id", definition.id)
    _refuse_contradiction(cursor, definition)
    return definition


def changed(
    cursor: Cursor, present: SegmentDefinition, request: DefinitionRequest, now: datetime
) -> SegmentDefinition:
    """Return *present* with what *request* says otherwise.

    Raises:
        BadRequest: the name is taken (422), the id another or the merge policy unknown (400).
    """
    if request.id not in {None, present.id}:
        raise BadRequest(
            f"the id of a definition is for ever: {present.id!r} cannot become {request.id!r}",
            status_code=400,
        )
    kept = present.description if request.description is None else request.description
    definition = replace(
        present,
        name=request.name,
        expression=request.expression,
        description=kept,
        merge_policy_id=request.merge_policy_id or present.merge_policy_id,
        evaluation=request.evaluation or present.evaluation,
        updated_at=now,
    )
    _refuse_contradiction(cursor, definition)
    return definition


def is_so(definition: SegmentDefinition, ways: Mapping[str, bool]) -> bool:
    """Tell whether *definition* is evaluated in these *ways*, and not in those that are False."""
    return all(
        definition.evaluation.get(way, False) is is_on for way, is_on in ways.items()
    )


def put(cursor: Cursor, name: str, text: str, now: datetime) -> SegmentDefinition:
    """Write the definition called *name*, new or changed, and return it.

    Raises:
        BadRequest: as `new` and `changed`.
    """
    request = DefinitionRequest(name=name, expression=Expression(value=text))
    present = ledger.definition_named(cursor, name)
    if present is not None:
        definition = changed(cursor, present, request, now)
        ledger.replace_definition(cursor, definition)
        return definition
    definition = new(cursor, replace(request, id=name), now)
    ledger.add_definition(cursor, definition)
    return definition


def _refuse_contradiction(cursor: Cursor, definition: SegmentDefinition) -> None:
    bearer = ledger.definition_named(cursor, definition.name)
    if bearer is not None and bearer.id != definition.id:
        raise _taken("name", definition.name)
    if definition.merge_policy_id not in ledger.merge_policies(cursor):
        raise BadRequest(
            f"this store has no merge policy {definition.merge_policy_id!r}; leave it out to "
            f"take the default, {ledger.default_merge_policy(cursor)!r}, or put it first",
            status_code=400,
        )


def _taken(what: str, value: str) -> BadRequest:
    return BadRequest(
        f"a segment definition of the {what} {value!r} exists; use PATCH to change it",
        status_code=422,
    )


def converted(expression: Expression) -> Expression:
    """Return *expression* in the other form: PQL text as ``pql/json``, and the reverse.

    Raises:
        PQLError: it is neither.
    """
    tree = parse(expression.value)
    if is_json(expression.value):
        return Expression(value=to_text(tree), format="pql/text")
    value = json.dumps(to_json(tree), separators=(",", ":"), ensure_ascii=False)
    return Expression(value=value, format="pql/json")
