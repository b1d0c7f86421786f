"""From a typed test to SQL with bound values: the profiles for which it is true.

Tables: ``profiles(rid, xdm STRUCT)`` and ``events(rid, ts, type, xdm STRUCT)``. Inside SQL a time is a
BIGINT of epoch microseconds. `OPS` is the only place where an operation of the typed tree
meets a function of DuckDB; ``{0}``, ``{1}`` are its operands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from segtoolkit.engine.plan import holds_without_events
from segtoolkit.engine.sequence import sequence_sql
from segtoolkit.pql.typed import (
    EVENT,
    PROFILE,
    TRUE,
    Aggregate,
    And,
    Const,
    Each,
    Events,
    Get,
    Keep,
    Member,
    Not,
    Op,
    Or,
    Row,
    Sequence,
    Truth,
    Typed,
    children,
    walk,
)
from segtoolkit.pql.types import DOUBLE, TIME, ListOf, Type

Value: TypeAlias = str | int | float | bool | None

OPS: Mapping[str, str] = {
    "=": "({0} = {1})",
    "!=": "({0} <> {1})",
    "<": "({0} < {1})",
    "<=": "({0} <= {1})",
    ">": "({0} > {1})",
    ">=": "({0} >= {1})",
    # Whole numbers are widened; what is still too large for any number is null, not the job's end.
    "+": "TRY({0}::HUGEINT + {1})",
    "-": "TRY({0}::HUGEINT - {1})",
    "*": "TRY({0}::HUGEINT * {1})",
    "/": "({0}::DOUBLE / nullif({1}, 0))",
    "%": "({0} % nullif({1}, 0))",
    "negative": "(NOT {0})",
    "is_null": "({0} IS NULL)",
    "if": "(CASE WHEN {0} THEN {1} ELSE {2} END)",
    "lower": "lower({0})",
    "contains": "contains({0}, {1})",
    "starts_with": "starts_with({0}, {1})",
    "ends_with": "suffix({0}, {1})",
    "like": "({0} LIKE {1})",
    "matches": "regexp_matches({0}, {1})",
    "regex_group": "(CASE WHEN regexp_matches({0}, {1}) THEN regexp_extract({0}, {1}, {2}) END)",
    "list_contains": "list_contains({0}, {1})",
    "intersects": "list_has_any({0}, {1})",
    "subset_of": "list_has_all({1}, {0})",
    "superset_of": "list_has_all({0}, {1})",
    "intersection": "(CASE WHEN list_has_any({0}, {1}) THEN list_intersect({0}, {1}) END)",
    "len": "len({0})",
    "distinct": "list_distinct({0})",
    "flatten": "flatten({0})",
    "head": "({0})[1]",
    "map_get": "({0})[{1}]",
    "map_keys": "map_keys({0})",
    "map_values": "map_values({0})",
    "list_sum": "coalesce(list_sum({0}), 0)",
    "list_average": "list_avg({0})",
    "list_min": "list_min({0})",
    "list_max": "list_max({0})",
    "month": "TRY(month(make_timestamp({0})))",
    "year": "TRY(year(make_timestamp({0})))",
    "day": "TRY(day(make_timestamp({0})))",
    "parse_time": "epoch_us(try_cast({0} AS TIMESTAMPTZ))",
    "from_ms": "TRY(({0}::HUGEINT * 1000)::BIGINT)",
    "later": "TRY({0} + {1})",
    "months_later": "TRY(epoch_us(make_timestamp({0}) + to_months({1}::INTEGER)))",
}
_FLOATING = {"+": "({0} + {1})", "-": "({0} - {1})", "*": "({0} * {1})"}

# Fields that stand in columns of their own, as they cluster the table.
_EVENT_COLUMNS = {"timestamp": "e.ts", "eventType": "e.type"}

# Sums of prices must not depend on the order of the events: add doubles with compensation.
_AGGREGATES = {
    "count": "count(*)",
    "sum": "coalesce(sum({0}), 0)",
    "average": "avg({0})",
    "min": "min({0})",
    "max": "max({0})",
}
_AGGREGATES_OF_DOUBLES = _AGGREGATES | {
    # Compensation turns an infinity into NaN, which DuckDB takes for the largest number.
    "sum": "coalesce(CASE WHEN isfinite(sum({0})) THEN fsum({0}) ELSE sum({0}) END, 0)",
    "average": "CASE WHEN isfinite(avg({0})) THEN favg({0}) ELSE avg({0}) END",
}


@dataclass(frozen=True, slots=True)
class Query:
    """SQL whose only column is the row id of a profile, and the values of its parameters."""

    sql: str
    values: Mapping[str, Value]


def quoted(name: str) -> str:
    """Return *name* as an SQL identifier.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def query(test: Typed) -> Query:
    """Return the query for the profiles that pass *test*, a node that is true or false."""
    writer = _Writer()
    if isinstance(test, Sequence):
        return Query(writer.in_sequence(test), writer.values)
    aggregates = list(dict.fromkeys(p for p in walk(test) if isinstance(p, Aggregate)))
    if len(aggregates) == 1 and holds_without_events(test) is False:
        return Query(writer.among_events(test, aggregates[0]), writer.values)
    return Query(writer.among_profiles(test, aggregates), writer.values)


@dataclass(slots=True)
class _Writer:
    """Writes one query; *totals* says what stands for each aggregate in it."""

    values: dict[str, Value] = field(default_factory=dict)
    totals: dict[Aggregate, str] = field(default_factory=dict)

    # -- statements -------------------------------------------------------------------------

    def among_events(self, test: Typed, aggregate: Aggregate) -> str:
        """Look only at profiles that have such events: one pass over them, grouped by profile."""
        self.totals[aggregate] = self.total(aggregate)
        return f"SELECT e.rid {self.events(aggregate)} HAVING {self.holds(test)}"

    def among_profiles(self, test: Typed, aggregates: list[Aggregate]) -> str:
        joins = []
        for number, aggregate in enumerate(aggregates):
            total = self.total(aggregate)
            joins.append(
                f" LEFT JOIN (SELECT e.rid, {total} AS v {self.events(aggregate)}) f{number}"
                f" ON f{number}.rid = p.rid"
            )
            empty = aggregate.kind in ("count", "sum")
            self.totals[aggregate] = (
                f"coalesce(f{number}.v, 0)" if empty else f"f{number}.v"
            )
        return f"SELECT p.rid FROM profiles p{''.join(joins)} WHERE {self.holds(test)}"

    def in_sequence(self, sequence: Sequence) -> str:
        return sequence_sql(sequence, self.value, self.source(*children(sequence)))

    def events(self, aggregate: Aggregate) -> str:
        parts = [aggregate.where]
        parts += [] if aggregate.value is None else [aggregate.value]
        where = "" if aggregate.where == TRUE else f" WHERE {self.holds(aggregate.where)}"
        return f"{self.source(*parts)}{where} GROUP BY e.rid"

    @staticmethod
    def source(*parts: Typed) -> str:
        """Return the events, with their profiles where one of *parts* asks about those."""
        asks_profile = any(p == Row(PROFILE, TIME) for part in parts for p in walk(part))
        profile = " JOIN profiles p ON p.rid = e.rid" if asks_profile else ""
        return f"FROM events e{profile}"

    def total(self, aggregate: Aggregate) -> str:
        if aggregate.value is None:
            return _AGGREGATES[aggregate.kind]
        doubles = aggregate.value.type == DOUBLE
        template = (_AGGREGATES_OF_DOUBLES if doubles else _AGGREGATES)[aggregate.kind]
        return template.format(self.value(aggregate.value))

    # -- truth ------------------------------------------------------------------------------

    def holds(self, node: Typed) -> str:
        """Write *node* where SQL itself takes null for false: above it are only AND and OR."""
        match node:
            case Truth(value):
                return self.holds(value)
            case And(operands):
                return (
                    self.joined(" AND ", [self.holds(part) for part in operands]) or "TRUE"
                )
            case Or(operands):
                return (
                    self.joined(" OR ", [self.holds(part) for part in operands]) or "FALSE"
                )
            case _:
                return self.value(node)

    @staticmethod
    def joined(word: str, parts: list[str]) -> str:
        return f"({word.join(parts)})" if parts else ""

    # -- values -----------------------------------------------------------------------------

    def value(self, node: Typed) -> str:  # noqa: C901, PLR0912  (one case a node)
        match node:
            case Const(value, type_):
                return self.bound(value, type_)
            case Row() | Get():
                path = self.path(node)
                return f"epoch_us({path})" if _is_raw_time(node) else path
            case Op():
                return self.operation(node)
            case Keep(source, item, where):
                return (
                    f"list_filter({self.value(source)}, lambda {item}: {self.value(where)})"
                )
            case Each(source, item, value):
                return f"list_transform({self.value(source)}, lambda {item}: {self.value(value)})"
            case Aggregate():
                return self.totals[node]
            case Sequence():
                return f"(p.rid IN ({self.in_sequence(node)}))"
            case Truth(value):
                return f"coalesce({self.value(value)}, FALSE)"
            case And(operands):
                return (
                    self.joined(" AND ", [self.value(part) for part in operands]) or "TRUE"
                )
            case Or(operands):
                return (
                    self.joined(" OR ", [self.value(part) for part in operands]) or "FALSE"
                )
            case Not(operand):
                return f"(NOT {self.value(operand)})"
            case Events() | Member():  # pragma: no cover  (the plan leaves none)
                raise AssertionError(node)
            case _:
                assert_never(node)

    def bound(self, value: Value, type_: Type) -> str:
        if value is None:
            return "NULL"
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"${name}::DOUBLE" if type_ == DOUBLE else f"${name}"

    def path(self, node: Typed) -> str:
        match node:
            case Row(name) if name == PROFILE:
                return "p.xdm"
            case Row(name) if name == EVENT:
                return "e.xdm"
            case Row(name):
                return name
            case Get(Row(row), name) if row == EVENT and name in _EVENT_COLUMNS:
                return _EVENT_COLUMNS[name]
            case Get(base, name):
                return f"{self.path(base)}.{quoted(name)}"
            case _:
                return f"({self.value(node)})"

    def operation(self, node: Op) -> str:
        args = [self.value(arg) for arg in node.args]
        match node.name:
            case "list":
                return f"[{', '.join(args)}]" + _empty_list(node.type, args)
            case "in":
                return f"({args[0]} IN ({', '.join(args[1:])}))"
            case "all_null":
                return self.joined(" AND ", [f"{arg} IS NULL" for arg in args])
            case name if name in _FLOATING and node.type == DOUBLE:
                return _FLOATING[name].format(*args)
            case "head" | "map_get" if node.type == TIME:
                return f"epoch_us({OPS[node.name].format(*args)})"
            case name:
                return OPS[name].format(*args)


def _is_raw_time(node: Row | Get) -> bool:
    """Tell whether *node* is a time as it lies in the table, not yet microseconds."""
    own_column = isinstance(node, Get) and node == Get(Row(EVENT, TIME), "timestamp", TIME)
    return node.type == TIME and not own_column


def _empty_list(type_: Type, args: list[str]) -> str:
    return "" if args or not isinstance(type_, ListOf) else "::VARCHAR[]"
