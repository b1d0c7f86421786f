"""What rules share: truth and null, and how two operands come to one type."""

from __future__ import annotations

import math
import re
from typing import TypeGuard

from segtoolkit.pql import times
from segtoolkit.pql.rules.site import Site
from segtoolkit.pql.typed import (
    TWO_VALUED,
    Aggregate,
    And,
    Const,
    Each,
    Events,
    Get,
    Not,
    Object,
    Op,
    Row,
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
    MapOf,
    Scalar,
    Struct,
    Type,
    describe,
)

# What has an answer although an operand is null.
_TAKES_NULL = {"if", "is_null", "all_null", "list", "list_sum"}


def op(name: str, args: tuple[Typed, ...], type_: Type) -> Typed:
    """Apply an operation of the engines; a null that is known now is passed on at once."""
    if name not in _TAKES_NULL and any(is_known_null(arg) for arg in args):
        return Const(None, type_)
    return Op(name, args, type_)


def is_known_null(node: Typed) -> bool:
    return node.type == NULL or (isinstance(node, Const) and node.value is None)


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
    """Count events, list items or map entries; a missing list has no count."""
    if isinstance(node, Events):
        return Aggregate("count", node.where, None, INTEGER)
    return op("entries" if isinstance(node.type, MapOf) else "len", (node,), INTEGER)


def is_null(node: Typed) -> Typed:
    """Test for null; an object whose fields are all null is null, because AEP drops empty ones."""
    if isinstance(node, Const):
        return Const(node.value is None, BOOLEAN)
    if isinstance(node, Object):
        return And(tuple(Truth(is_null(value)) for value in node.values))
    if isinstance(node.type, Struct) and node.type.fields:
        return Op("all_null", (node,), BOOLEAN)
    return Op("is_null", (node,), BOOLEAN)


def without_empty(node: Typed) -> Typed:
    """Return *node* with null for each object that has no value, as which it counts."""
    match node.type:
        case Struct(fields) if fields and not isinstance(node, Const):
            alone = Op("list", (node,), ListOf(node.type))
            return op("head", (without_empty(alone),), node.type)
        case ListOf(Struct(fields) as item) if fields and not is_known_null(node):
            row = Row("o", item)
            value = op("if", (Truth(is_null(row)), Const(None, NULL), row), item)
            return Each(node, row.name, value, node.type)
        case _:
            return node


def part(base: Typed, name: str) -> Typed:
    """Return the field *name* of *base*, whose type has it."""
    assert isinstance(base.type, Struct)
    type_ = base.type.fields[name]
    if isinstance(base, Object):
        return base.values[base.names.index(name)]
    if is_known_null(base) or name in base.type.missing:
        return Const(None, type_)
    return Get(base, name, type_)


def as_time(site: Site, node: Typed) -> Typed:
    """Read *node* as an instant: a time, ISO 8601 text, or epoch milliseconds."""
    if isinstance(node, Const):
        return coerce(site, node, TIME)
    match node.type:
        case Scalar(Kind.TIME | Kind.NULL):
            return node
        case Scalar(Kind.STRING):
            return op("parse_time", (node,), TIME)
        case Scalar(Kind.INTEGER):
            return op("from_ms", (node,), TIME)
        case _:
            raise site.wrong(f"a date or time is needed here, {_this_is(node)}")


def coerce(site: Site, const: Const, to: Type) -> Const:
    """Convert a literal to the type of what it is compared with, or refuse it."""
    value, kind = const.value, const.type
    if value is None or kind == to or (kind in NUMBERS and to in NUMBERS):
        return const
    if kind == TIME:
        raise site.wrong(f"a date or time cannot be compared with {describe(to)}")
    converted = _converted(value, to)
    if converted is None or isinstance(value, bool):
        raise site.wrong(_misread(site, value, to))
    return Const(converted, to)


def _misread(site: Site, value: str | float | bool, to: Type) -> str:  # noqa: FBT001
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    reason = f"{shown} cannot be read as {describe(to)}"
    match to:
        case ListOf():
            shown = f'"{value}"' if isinstance(value, str) else shown
            asked = f"ask `{shown} in field`, or take the first item with `field.head()`"
            return f"a list is not compared with one value; {asked}"
        case Scalar(Kind.BOOLEAN):
            return f"{reason}; write `true` or `false`"
        case Scalar(Kind.TIME):
            return _subtraction(site, value) or f"{reason}; write date(2024, 1, 31)"
        case _:
            return reason


def _subtraction(site: Site, value: str | float) -> str | None:
    """Explain ``2024-01-01``, written near *site*, of which *value* is left."""
    begin = max(0, site.pos - len("2024-01-"))
    for found in _DATE.finditer(site.text[begin : begin + _NEAR]):
        year, month, day = map(int, found.groups())
        if value == year - month - day:
            return f"{found[0]} is a subtraction; write date({year}, {month}, {day})"
    return None


_NEAR = 60  # characters
_DATE = re.compile(
    r'(?<![\w"])([0-9]{4})-(0?[1-9]|1[0-2])-(0?[1-9]|[12][0-9]|3[01])(?![\w"])'
)


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
    raise site.wrong(_incomparable(left.type, right.type))


def _incomparable(left: Type, right: Type) -> str:
    match left, right:
        case Struct(), Struct():
            return "these objects have different fields; compare one field of each"
        case MapOf(), MapOf():
            return NO_MAPS
        case _:
            return f"{describe(left)} cannot be compared with {describe(right)}"


NO_MAPS = (
    "maps cannot be compared; compare what they hold with .get(…), .keys() or .values()"
)


def lists_of_one_type(site: Site, left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """Bring two lists to one type of items: a literal one follows the other."""
    assert isinstance(left.type, ListOf)
    assert isinstance(right.type, ListOf)
    mine, other = left.type.item, right.type.item
    if mine == other or {mine, other} <= set(NUMBERS):
        return left, right
    if is_literal_list(right):
        return left, _list_of(site, right, left.type)
    if is_literal_list(left):
        return _list_of(site, left, right.type), right
    kinds = f"{describe(mine)} with {describe(other)}"
    raise site.wrong(f"these lists cannot be compared, as they hold {kinds}")


def is_literal_list(node: Typed) -> TypeGuard[Op]:
    """Tell whether *node* is a list of literals, which takes the type of what it meets."""
    if not isinstance(node, Op) or node.name != "list":
        return False
    return all(isinstance(item, Const) for item in node.args)


def _list_of(site: Site, literal: Op, type_: ListOf) -> Op:
    items = (
        coerce(site, a, type_.item) if isinstance(a, Const) else a for a in literal.args
    )
    return Op("list", tuple(items), type_)


def numeric(site: Site, node: Typed, who: str) -> Typed:
    if node.type in NUMBERS or node.type == NULL:
        return node
    raise site.wrong(f"{who} needs numbers, {_this_is(node)}")


def _this_is(node: Typed) -> str:
    if isinstance(node.type, ListOf):
        return "this is a list of values; use .map(…), .max(), .head()"
    return f"this is {describe(node.type)}"


def string(site: Site, node: Typed, who: str) -> Typed:
    if node.type in (STRING, NULL):
        return node
    if isinstance(node, Const):
        return coerce(site, node, STRING)
    hint = "; for lists use `in` or .includes(…)" if isinstance(node.type, ListOf) else ""
    raise site.wrong(f"{who} needs a string, this is {describe(node.type)}{hint}")
