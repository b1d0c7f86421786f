"""Write SQL for the parts of a test: which tables it reads, and the expressions it filters by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from segtoolkit.engine.sequence import sequence_sql
from segtoolkit.engine.sql.data import (
    from_data,
    item_type,
    leaves_of,
    packed,
    quoted,
    stored,
    type_sql,
)
from segtoolkit.engine.sql.ops import (
    AGGREGATES,
    AGGREGATES_OF_DOUBLES,
    EVENT_COLUMNS,
    FLOATING,
    GROUPED,
    OF_NOTHING,
    applied,
)
from segtoolkit.pql.trees import children, rows_of
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
    Keyed,
    Member,
    Not,
    Object,
    Op,
    Or,
    Path,
    Row,
    Sequence,
    Truth,
    Typed,
)
from segtoolkit.pql.types import DOUBLE, NULL, ListOf, Scalar, Struct, Type

Value: TypeAlias = str | int | float | bool | None


@dataclass(slots=True)
class Writer:
    """Writes one query.

    Attributes:
        fields: the fields of events that matter; None is all.
        values: the parameters, by name.
        totals: what stands for each aggregate in the query.
    """

    fields: frozenset[str] | None
    values: dict[str, Value] = field(default_factory=dict)
    totals: dict[Aggregate, str] = field(default_factory=dict)

    # -- statements -------------------------------------------------------------------------

    def among_events(self, test: Typed, aggregate: Aggregate) -> str:
        """Look only at profiles that have such events: one pass over them, grouped by profile."""
        self.totals[aggregate] = self.total(aggregate)
        return f"SELECT e.rid {self.events(aggregate)} HAVING {self.holds(test)}"

    def among_profiles(self, test: Typed, aggregates: list[Aggregate]) -> str:
        joins = self.joins(aggregates, "p.rid")
        return f"SELECT p.rid FROM profiles p{joins} WHERE {self.holds(test)}"

    def in_sequence(self, sequence: Sequence, aggregates: list[Aggregate]) -> str:
        joins = self.joins(aggregates, "e.rid")
        source = self.source(*children(sequence)) + joins
        return sequence_sql(sequence, self.value, source)

    def joins(self, aggregates: list[Aggregate], rid: str) -> str:
        """Write one join for each of *aggregates*, and remember what stands for it."""
        joins = []
        for number, aggregate in enumerate(aggregates):
            total = self.total(aggregate)
            joins.append(
                f" LEFT JOIN (SELECT e.rid, {total} AS v {self.events(aggregate)}) f{number}"
                f" ON f{number}.rid = {rid}"
            )
            empty = OF_NOTHING.get(aggregate.kind)
            self.totals[aggregate] = (
                f"coalesce(f{number}.v, {empty})" if empty else f"f{number}.v"
            )
        return "".join(joins)

    def events(self, aggregate: Aggregate) -> str:
        return f"{self.source_of(aggregate)} GROUP BY e.rid"

    def source_of(self, aggregate: Aggregate) -> str:
        parts = [aggregate.where]
        parts += [] if aggregate.value is None else [aggregate.value]
        where = "" if aggregate.where == TRUE else f" WHERE {self.holds(aggregate.where)}"
        return f"{self.source(*parts)}{where}"

    @staticmethod
    def source(*parts: Typed) -> str:
        """Return the events, with their profiles where one of *parts* asks about those."""
        asks_profile = any(PROFILE in rows_of(part) for part in parts)
        profile = " JOIN profiles p ON p.rid = e.rid" if asks_profile else ""
        return f"FROM events e{profile}"

    def total(self, aggregate: Aggregate) -> str:
        if aggregate.value is not None:
            value = self.value(aggregate.value)
        elif aggregate.kind == "list":
            assert isinstance(aggregate.type, ListOf)
            value = self.event(aggregate.type.item)
        else:
            value = "*"
        doubles = aggregate.value is not None and aggregate.value.type == DOUBLE
        template = (AGGREGATES_OF_DOUBLES if doubles else AGGREGATES)[aggregate.kind]
        return template.format(value)

    def event(self, type_: Type) -> str:
        """Write a whole event as an object of the fields that matter."""
        assert isinstance(type_, Struct)
        names = [n for n in type_.fields if self.fields is None or n in self.fields]
        own = {"timestamp": "make_timestamp(e.ts)", "eventType": "e.type"}
        columns = {name: own.get(name, f"e.xdm.{quoted(name)}") for name in names}
        return packed(columns or {"timestamp": own["timestamp"]})

    # -- truth ------------------------------------------------------------------------------

    def holds(self, node: Typed) -> str:
        """Write *node* where SQL itself takes null for false: above it are only AND and OR."""
        match node:
            case Truth(value):
                return self.holds(value)
            case And() | Or():
                return self.joined(node, self.holds)
            case _:
                return self.value(node)

    @staticmethod
    def joined(node: And | Or, write: Callable[[Typed], str]) -> str:
        word, of_nothing = (" AND ", "TRUE") if isinstance(node, And) else (" OR ", "FALSE")
        return f"({word.join(map(write, node.operands))})" if node.operands else of_nothing

    # -- values -----------------------------------------------------------------------------

    def value(self, node: Typed) -> str:  # noqa: C901, PLR0911, PLR0912  (one case a node)
        match node:
            case Const(value, type_):
                return self.bound(value, type_)
            case Row(name) if name == EVENT:
                return self.event(node.type)
            case Row(_, type_) if type_ == NULL:  # an item of `[]` or `[null]`
                return "NULL"
            case Row() | Get():
                return _in_hand(self.path(node), node)
            case Op():
                return self.operation(node)
            case Keep(source, item, where):
                return (
                    f"list_filter({self.value(source)}, lambda {item}: {self.value(where)})"
                )
            case Each(source, item, value):
                made = self.value(value) + ("::INTEGER" if value.type == NULL else "")
                return f"list_transform({self.value(source)}, lambda {item}: {made})"
            case Keyed():
                return self.keyed(node)
            case Object(names, values):
                parts = (stored(self.value(value), value.type) for value in values)
                return packed(dict(zip(names, parts, strict=True)))
            case Aggregate():
                return self.totals[node]
            case Truth(value):
                return f"coalesce({self.value(value)}, FALSE)"
            case And() | Or():
                return self.joined(node, self.value)
            case Not(operand):
                return f"(NOT {self.value(operand)})"
            case (
                Events() | Path() | Member() | Sequence()
            ):  # pragma: no cover  (the plan leaves none)
                raise AssertionError(node)
            case _:
                assert_never(node)

    def bound(self, value: Value, type_: Type) -> str:
        if value is None:
            return "NULL" if isinstance(type_, Scalar) else f"NULL::{type_sql(type_)}"
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
            case Get(Row(row), name) if row == EVENT and name in EVENT_COLUMNS:
                return EVENT_COLUMNS[name]
            case Get(base, name):
                return f"{self.path(base)}.{quoted(name)}"
            case _:
                return f"({self.value(node)})"

    def operation(self, node: Op) -> str:
        args = [self.value(arg) for arg in node.args]
        match node.name:
            case "list":
                known = all(isinstance(arg, Const) for arg in node.args)
                return f"[{', '.join(args)}]" + (
                    f"::{type_sql(node.type)}" if known else ""
                )
            case "in":
                return f"({args[0]} IN ({', '.join(args[1:])}))"
            case "all_null":
                return self.all_null(node.args[0], args[0])
            case name if name in FLOATING and node.type == DOUBLE:
                return FLOATING[name].format(*args)
            case "map_get":
                key = stored(args[1], node.args[1].type)
                return from_data(applied("map_get", [args[0], key]), node.type)
            case "map_keys" | "map_values":
                return from_data(applied(node.name, args), node.type)
            case name:
                return applied(name, args)

    def all_null(self, node: Typed, sql: str) -> str:
        """Ask whether an object has no value anywhere; what is no plain path gets a name first."""
        plain = isinstance(node, Row | Get)
        leaves = leaves_of(node.type, sql if plain else "o")
        test = f"({' AND '.join(f'({leaf} IS NULL)' for leaf in leaves) or 'TRUE'})"
        return test if plain else f"list_transform([{sql}], lambda o: {test})[1]"

    def keyed(self, node: Keyed) -> str:
        source, key, item = self.value(node.source), self.value(node.key), node.item
        if node.kind == "groups":
            row = Row(item, item_type(node.source.type))
            pair = {"k": stored(key, node.key.type), "v": stored(item, row.type)}
            return GROUPED.format(
                f"list_transform({source}, lambda {item}: {packed(pair)})"
            )
        # Equal keys stay in their order: their numbers are sorted in the same direction.
        sign, direction = ("-", "DESC") if node.kind == "highest" else ("", "ASC")
        triple = packed({"k": key, "n": f"{sign}n", "v": item})
        numbered = f"list_transform({source}, lambda {item}, n: {triple})"
        known = f"list_filter({numbered}, lambda i: i.k IS NOT NULL)"
        return f"list_transform(list_sort({known}, '{direction}'), lambda i: i.v)"


def _in_hand(sql: str, node: Row | Get) -> str:
    """Take a value out of the data; an event's own time is in microseconds already, and so are items."""
    is_data = isinstance(node, Get) and sql != EVENT_COLUMNS["timestamp"]
    return from_data(sql, node.type) if is_data else sql
