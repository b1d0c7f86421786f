"""What makes new lists, maps and objects: ``map``, ``groupBy``, ``topN``, ``mapEntry``, ``{ … }``.

Documented choices: items without a key are dropped; groups and equal keys stand in the order of their
items; of map entries with equal keys the last one counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from segtoolkit.errors import PQLTypeError
from segtoolkit.pql import nodes as n
from segtoolkit.pql.resolve import items, lists
from segtoolkit.pql.rules.operands import is_known_null, op, part
from segtoolkit.pql.typed import Const, Keyed, Object, Row, Typed
from segtoolkit.pql.types import (
    BOOLEAN,
    DOUBLE,
    INTEGER,
    NULL,
    STRING,
    TIME,
    ListOf,
    MapOf,
    Struct,
    Type,
    describe,
)

if TYPE_CHECKING:
    from segtoolkit.pql.resolve.scope import Scope

_ORDERED = (STRING, INTEGER, DOUBLE, TIME, NULL)
_GROUPING = (*_ORDERED, BOOLEAN)  # and lists of these


def object_of(scope: Scope, node: n.Node, entries: tuple[tuple[str, n.Expr], ...]) -> Typed:
    check_names(scope, node, [name for name, _ in entries])
    return _object({name: scope.value(value) for name, value in entries})


def check_names(scope: Scope, node: n.Node, names: list[str]) -> None:
    """Refuse fields that engines cannot tell apart."""
    if "" in names:
        raise scope.wrong(node, "a field of an object needs a name")
    if len(set(names)) < len(names):
        raise scope.site(node).unsupported("the same name is given twice; keep one")
    if len({name.lower() for name in names}) < len(names):
        raise scope.site(node).unsupported(
            "these names are the same but for their case; rename one"
        )


def _object(values: Mapping[str, Typed]) -> Object:
    values = {name: lists.as_list(value) for name, value in values.items()}
    fields = {name: value.type for name, value in values.items()}
    return Object(tuple(values), tuple(values.values()), Struct(MappingProxyType(fields)))


def map_method(scope: Scope, call: n.Call) -> Typed:
    source = items.source_of(scope, call.args[0])
    if isinstance(source.type, MapOf):
        return _map_of_entries(scope, call, source, source.type)
    item = items.item_of(scope, call, source)
    inner, body = items.with_item(scope, item, call.args[1])
    return _mapped(inner, source, item, body)


def _map_of_entries(scope: Scope, call: n.Call, source: Typed, of: MapOf) -> Typed:
    """Give a lambda the key and the value of each entry; without one `this` is the value."""
    entry = Struct(MappingProxyType({"key": of.key, "value": of.value}))
    item = Row(items.fresh(scope), entry)
    key, value = part(item, "key"), part(item, "value")
    match call.args[1]:
        case n.Lambda((first, second), body):
            inner = scope.inside(value).bind(first, key).bind(second, value)
        case body:
            inner, body = items.with_item(scope, value, body)
    return _mapped(inner, op("map_entries", (source,), ListOf(entry)), item, body)


def _mapped(inner: Scope, source: Typed, item: Row, body: n.Expr) -> Typed:
    match body:
        case n.Call("mapEntry", (key, value)):
            entry = _object({"key": inner.value(key), "value": inner.value(value)})
            _check_key(inner, body, entry.values[0].type, _GROUPING)
            made = lists.each(lists.as_list(source), item.name, entry)
            key_type, value_type = (value.type for value in entry.values)
            return op("map_of_entries", (made,), MapOf(value_type, key_type))
        case _:
            result = lists.as_list(inner.value(body))
            return lists.each(lists.as_list(source), item.name, result)


def _check_key(scope: Scope, node: n.Node, type_: Type, allowed: tuple[Type, ...]) -> None:
    inner = type_.item if isinstance(type_, ListOf) and BOOLEAN in allowed else type_
    if inner not in allowed:
        raise scope.wrong(node, f"a key cannot be {describe(type_)}")


def map_entry(scope: Scope, call: n.Call) -> Typed:
    raise scope.wrong(call, "`mapEntry` belongs into `.map(…)`, as all of it")


def group_by(scope: Scope, call: n.Call) -> Typed:
    source, item, key = _keyed(scope, call, _GROUPING)
    type_ = MapOf(ListOf(item.type), key.type)
    if is_known_null(source):
        return Const(None, type_)
    return Keyed("groups", source, item.name, key, type_)


def ranked(scope: Scope, call: n.Call, kind: Literal["highest", "lowest"]) -> Typed:
    source, item, key = _keyed(scope, call, _ORDERED)
    number = _number(scope, call)
    if is_known_null(source):
        return source
    in_order = Keyed(kind, source, item.name, key, source.type)
    return op("first", (in_order, number), source.type)


def _number(scope: Scope, call: n.Call) -> Typed:
    """Return how many items `topN` is asked for; explain operands that are in the other order."""
    _, key, number = call.args
    try:
        found = scope.value(number)
        if found.type in (INTEGER, NULL):
            return found
        what = describe(found.type)
        raise scope.wrong(number, f"`{call.name}` needs a whole number, this is {what}")
    except PQLTypeError as error:
        if not isinstance(key, n.Literal):
            raise
        first = f"`{call.name}` takes the key first, then the number"
        raise scope.wrong(key, f"{first}: .{call.name}(…, {key.value})") from error


def _keyed(
    scope: Scope, call: n.Call, allowed: tuple[Type, ...]
) -> tuple[Typed, Row, Typed]:
    source = items.source_of(scope, call.args[0])
    item = items.item_of(scope, call, source)
    inner, body = items.with_item(scope, item, call.args[1])
    key = lists.as_list(inner.value(body))
    _check_key(scope, call.args[1], key.type, allowed)
    return lists.as_list(source), item, key


METHODS: Mapping[str, Callable[[Scope, n.Call], Typed]] = {
    "map": map_method,
    "mapEntry": map_entry,
    "groupBy": group_by,
    "topN": partial(ranked, kind="highest"),
    "bottomN": partial(ranked, kind="lowest"),
}
