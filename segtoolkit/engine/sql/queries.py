"""The queries there are: of a test, of the events it counts, and of the values of a column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from segtoolkit.engine.plan import holds_without_events
from segtoolkit.engine.sql.data import innermost
from segtoolkit.engine.sql.ops import COMPARING
from segtoolkit.engine.sql.writer import Value, Writer
from segtoolkit.pql.trees import walk
from segtoolkit.pql.typed import Aggregate, Get, Op, Sequence, Typed
from segtoolkit.pql.types import Struct


@dataclass(frozen=True, slots=True)
class Query:
    """SQL whose only column is the row id of a profile, and the values of its parameters."""

    sql: str
    values: Mapping[str, Value]


def query(test: Typed) -> Query:
    """Return the query for the profiles that pass *test*, a node that is true or false."""
    parts = tuple(walk(test))
    aggregates = list(dict.fromkeys(p for p in parts if isinstance(p, Aggregate)))
    has_lists = any(aggregate.kind == "list" for aggregate in aggregates)
    writer = Writer(fields=_fields_needed(parts) if has_lists else None)
    if isinstance(test, Sequence):
        return Query(writer.in_sequence(test, aggregates), writer.values)
    if len(aggregates) == 1 and holds_without_events(test) is False:
        return Query(writer.among_events(test, aggregates[0]), writer.values)
    return Query(writer.among_profiles(test, aggregates), writer.values)


def event_rows(events: Aggregate) -> Query:
    """Return the query for the row id of each of *events*, as often as it has some."""
    writer = Writer(fields=None)
    return Query(f"SELECT e.rid {writer.source_of(events)}", writer.values)


def column_sql(column: Get) -> str:
    """Return the expression for *column* of the profiles ``p``, in hand."""
    return Writer(fields=None).value(column)


def query_of_values(test: Typed, table: str) -> Query:
    """Return the query for the codes of the values ``d.v`` in *table* that pass *test*."""
    writer = Writer(fields=None)
    return Query(f"SELECT d.code FROM {table} d WHERE {writer.holds(test)}", writer.values)


def _fields_needed(parts: tuple[Typed, ...]) -> frozenset[str] | None:
    """Return the names of all fields that are asked for; None when whole objects are compared."""
    if any(map(_compares_objects, parts)):
        return None
    return frozenset(part.name for part in parts if isinstance(part, Get))


def _compares_objects(node: Typed) -> bool:
    return (
        isinstance(node, Op)
        and node.name in COMPARING
        and any(isinstance(innermost(arg.type), Struct) for arg in node.args)
    )
