"""What names mean where one types: open brackets and a schema go in, a type comes out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from segtoolkit.magic.place import chain_of
from segtoolkit.pql import FUNCTIONS
from segtoolkit.pql.types import INTEGER, STRING, ListOf, MapOf, Schema, Struct, Type

Path: TypeAlias = tuple[str, ...]

_LINK = re.compile(r"([^.\[\]()]*)((?:\[\]|\(\))*)")
_SAME = {"filter", "distinct", "intersection", "topN", "bottomN"}


def scope_of(around: Iterable[str], schema: Schema) -> Type | None:
    """Return what bare names are fields of behind all that is open; None if that is unknown."""
    here: Type | None = schema.profile
    for opened in around:
        here = _inside(opened, here, schema)
    return here


def type_of(chain: str, here: Type | None, schema: Schema) -> Type | None:
    """Return the type of a *chain* without what is in its brackets; None if it is unknown.

    >>> from segtoolkit.pql.types import Struct
    >>> schema = Schema(Struct({}), Struct({"price": INTEGER}))
    >>> type_of("xEvent[].price", schema.profile, schema)
    ListOf(item=Scalar(kind=<Kind.INTEGER: 'integer'>))
    """
    found = here
    for place, link in enumerate(chain.split(".")):
        match = _LINK.fullmatch(link)
        if match is None:
            return None
        name, brackets = match[1].strip("`"), match[2]
        if not place and name == "xEvent":
            found = ListOf(schema.event)
        elif not place and name.startswith(("$", "^")):
            found = None
        elif not place and name == '""':
            found = STRING
        else:
            found = _answered(name, found) if "()" in brackets else _field(name, found)
    return found


def leaves(of: Type | None, within: Path = ()) -> Iterator[Path]:
    """Yield the path of all that *of* has and PQL can name, but for objects themselves.

    >>> list(leaves(Struct({"a": ListOf(STRING), "b": Struct({"c": STRING})})))
    [('a',), ('b', 'c')]
    """
    for name, inner in of.fields.items() if isinstance(of, Struct) else ():
        if not name or "`" in name:
            continue
        if isinstance(inner, Struct):
            yield from leaves(inner, (*within, name))
        else:
            yield (*within, name)


def item_of(type_: Type | None) -> Type | None:
    return type_.item if isinstance(type_, ListOf) else None


def _inside(opened: str, here: Type | None, schema: Schema) -> Type | None:
    chain = chain_of(opened[:-1])
    receiver, _, name = chain.rpartition(".")
    if opened.endswith("WHAT("):
        return schema.event
    if opened.endswith("[") and chain:
        return item_of(type_of(chain, here, schema))
    row = FUNCTIONS.get(name)
    if opened.endswith("(") and receiver and row is not None and row.implicit:
        return item_of(type_of(receiver, here, schema))
    return here


def _field(name: str, of: Type | None) -> Type | None:
    match of:
        case Struct(fields):
            return fields.get(name)
        case ListOf(Struct() as item):
            # Through a list come the values of all items.
            values = item.fields.get(name)
            return (
                values if values is None or isinstance(values, ListOf) else ListOf(values)
            )
        case _:
            return None


def _answered(name: str, receiver: Type | None) -> Type | None:
    """Return what the method *name* answers, where its receiver tells."""
    match name, receiver:
        case name, ListOf() if name in _SAME:
            return receiver
        case "head", ListOf(item):
            return item
        case "count", _:
            return INTEGER
        case "get", MapOf(value):
            return value
        case "keys", MapOf(key=key):
            return ListOf(key)
        case "values", MapOf(value):
            return ListOf(value)
        case _:
            return None
