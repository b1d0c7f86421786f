"""What rules share: truth and null, and how two operands come to one type."""

from __future__ import annotations

import math
import re

from segtoolkit.pql import times
from segtoolkit.pql.rules.site import Site
from segtoolkit.pql.typed import (
    TWO_VALUED,
    Aggregate,
    Const,
    Events,
    Get,
    Not,
    Op,
    Truth,
    Typed,
)
from segtoolkit.pql.types import (
    BOOLEAN,
    INTEGER,
    NULL,
    NUMBERS,
    STRING,
    TIME,
    Kind,
    ListOf,
    Scalar,
    Struct,
    Type,
    describe,
)


def truth(node: Typed) -> Typed:
    """Ask *node* yes or no: a Boolean is its value, a list has items, anything else is not null."""
    if isinstance(node, TWO_VALUED):
        return node
    if isinstance(node, Events):
        return Truth(Op(">", (count_of(node), Const(0, INTEGER)), BOOLEAN))
    if isinstance(node.type, ListOf):
        return Truth(Op(">", (count_of(node), Const(0, INTEGER)), BOOLEAN))
    if node.type in (BOOLEAN, NULL):
        return Truth(node)
    return Not(Truth(is_null(node)))


def count_of(node: Typed) -> Typed:
    """Count events or list items; a missing list has no count."""
    if isinstance(node, Events):
        return Aggregate("count", node.where, None, INTEGER)
    return Op("len", (node,), INTEGER)


def is_null(node: Typed) -> Typed:
    """Test for null; an object whose fields are all null is null, because AEP drops empty ones."""
    if isinstance(node.type, Struct) and node.type.fields:
        leaves = [Get(node, name, inner) for name, inner in node.type.fields.items()]
        return Op("all_null", tuple(_leaves(leaves)), BOOLEAN)
    return Op("is_null", (node,), BOOLEAN)


def _leaves(nodes: list[Get]) -> list[Typed]:
    found: list[Typed] = []
    for node in nodes:
        if isinstance(node.type, Struct):
            found += _leaves([Get(node, n, t) for n, t in node.type.fields.items()])
        else:
            found.append(node)
    return found


def as_time(site: Site, node: Typed) -> Typed:
    """Read *node* as an instant: a time, ISO 8601 text, or epoch milliseconds."""
    if isinstance(node, Const):
        return coerce(site, node, TIME)
    match node.type:
        case Scalar(Kind.TIME | Kind.NULL):
            return node
        case Scalar(Kind.STRING):
            return Op("parse_time", (node,), TIME)
        case Scalar(Kind.INTEGER):
            return Op("from_ms", (node,), TIME)
        case _:
            raise site.wrong(
                f"a date or time is needed here, this is {describe(node.type)}"
            )


def coerce(site: Site, const: Const, to: Type) -> Const:
    """Convert a literal to the type of what it is compared with, or refuse it."""
    value, kind = const.value, const.type
    if value is None or kind == to or (kind in NUMBERS and to in NUMBERS):
        return const
    if kind == TIME:
        raise site.wrong(f"a date or time cannot be compared with {describe(to)}")
    converted = _converted(value, to)
    if converted is None or isinstance(value, bool):
        raise site.wrong(f"{value!r} cannot be read as {describe(to)}")
    return Const(converted, to)


def _converted(value: str | float, to: Type) -> str | int | float | bool | None:
    match to, value:
        case Scalar(Kind.STRING), int() | float():
            return repr(value)
        case Scalar(Kind.BOOLEAN), str():
            return {"true": True, "false": False}.get(value.lower())
        case Scalar(Kind.TIME), str():
            return times.from_iso(value)
        case Scalar(Kind.INTEGER | Kind.DOUBLE), str():
            return _number(value)
        case _:
            return None


def _number(text: str) -> float | None:
    if re.fullmatch(r"[+-]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        value = float(text)
        return value if math.isfinite(value) else None
    return None


def unify(site: Site, left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """Bring two operands to one type: the literal follows the field, fields must agree."""
    for side in (left, right):
        if isinstance(side, Events):
            raise site.wrong(
                "events are not a value; use .count(), .sum(…) or a filter [ ]"
            )
    if NULL in (left.type, right.type) or left.type == right.type:
        return left, right
    if left.type in NUMBERS and right.type in NUMBERS:
        return left, right
    if isinstance(right, Const):
        return left, coerce(site, right, left.type)
    if isinstance(left, Const):
        return coerce(site, left, right.type), right
    if isinstance(left.type, ListOf) and isinstance(right.type, ListOf):
        return lists_of_one_type(site, left, right)
    raise site.wrong(
        f"{describe(left.type)} cannot be compared with {describe(right.type)}"
    )


def lists_of_one_type(site: Site, left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """Bring two lists to one type of items: a literal one follows the other."""
    assert isinstance(left.type, ListOf)
    assert isinstance(right.type, ListOf)
    mine, other = left.type.item, right.type.item
    if mine == other or NULL in (mine, other) or {mine, other} <= set(NUMBERS):
        return left, right
    if isinstance(right, Op) and right.name == "list":
        return left, _list_of(site, right, left.type)
    if isinstance(left, Op) and left.name == "list":
        return _list_of(site, left, right.type), right
    kinds = f"{describe(mine)} with {describe(other)}"
    raise site.wrong(f"these lists cannot be compared, as they hold {kinds}")


def _list_of(site: Site, literal: Op, type_: ListOf) -> Op:
    items = (coerce(site, a, type_.item) for a in literal.args if isinstance(a, Const))
    return Op("list", tuple(items), type_)


def numeric(site: Site, node: Typed, who: str) -> Typed:
    if node.type in NUMBERS or node.type == NULL:
        return node
    raise site.wrong(f"{who} needs numbers, this is {describe(node.type)}")


def string(site: Site, node: Typed, who: str) -> Typed:
    if node.type in (STRING, NULL):
        return node
    if isinstance(node, Const):
        return coerce(site, node, STRING)
    hint = "; for lists use `in` or .includes(…)" if isinstance(node.type, ListOf) else ""
    raise site.wrong(f"{who} needs a string, this is {describe(node.type)}{hint}")
