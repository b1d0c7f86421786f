"""The JSON of an XDM schema in; its fields out, as the types of an expression.

A schema is what the Schema Registry answers to ``Accept: application/vnd.adobe.xed-full+json; version=1``.
References are followed as far as the document holds what they lead to. Names stay as they are
written: ``person`` in what the registry gives, ``xdm:person`` in the schemas it is made from.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from segtoolkit.pql.types import (
    BOOLEAN,
    DOUBLE,
    INTEGER,
    STRING,
    TIME,
    ListOf,
    MapOf,
    Scalar,
    Struct,
    Type,
    describe,
)
from segtoolkit.pql.xdm.document import REMEDY, Place, opened, shown
from segtoolkit.pql.xdm.merging import all_of, any_of

# The words of ``type`` and of ``meta:xdmType``, which is the more exact of the two.
_SCALARS: Mapping[str, Scalar] = {
    "string": STRING,
    "boolean": BOOLEAN,
    **dict.fromkeys(("integer", "long", "int", "short", "byte"), INTEGER),
    **dict.fromkeys(("number", "double", "float"), DOUBLE),
    **dict.fromkeys(("date", "date-time"), TIME),
}
_WORDS = frozenset((*_SCALARS, "object", "array", "map"))
# What a node must be that has no word of its own, but one of these.
_SIGNS: Mapping[str, tuple[str, ...]] = {
    "object": ("properties", "additionalProperties"),
    "array": ("items",),
    "string": ("enum", "meta:enum", "format", "pattern", "const"),
}
_NOTHING = Struct(MappingProxyType({}))


def read_xdm(document: Mapping[str, Any] | str) -> Struct:
    """Return the fields that a schema declares, whatever their status.

    A field of no stated type is a string, and so is one that may be several things. An object
    that contains itself has no fields where it does.

    Args:
        document: the JSON of one schema, decoded or as text.

    Raises:
        DataError: it is no JSON, or no schema, or refers to what it does not hold; ``field`` is
            the JSON pointer to what is wrong.

    >>> tier = {"type": "string", "meta:enum": {"gold": "Gold", "silver": "Silver"}}
    >>> loyalty = {
    ...     "type": "object",
    ...     "properties": {"tier": tier, "points": {"type": "integer"}},
    ... }
    >>> fields = read_xdm({"type": "object", "properties": {"loyalty": loyalty}}).fields
    >>> {name: describe(type_) for name, type_ in fields["loyalty"].fields.items()}
    {'tier': 'a string', 'points': 'an integer'}
    """
    place = opened(document)
    found = _read(place)
    if found is None or found == _NOTHING:
        raise place.wrong(f"no fields are declared; {REMEDY}")
    if not isinstance(found, Struct):
        raise place.wrong(f"{describe(found)} is declared; profiles and events are objects")
    return found


def _read(place: Place) -> Type | None:
    """Return the type that the schema at *place* declares; None where it says nothing."""
    place.check()
    if isinstance(place.node, bool):  # ``true`` is the schema of anything
        return None
    parts = [_own(place)]
    if "$ref" in place.node:
        parts.append(_referenced(place))
    if "allOf" in place.node:
        parts += map(_read, place.children("allOf"))
    parts += [
        any_of(map(_read, place.children(key)))
        for key in ("anyOf", "oneOf")
        if key in place.node
    ]
    return all_of(parts, place)


def _own(place: Place) -> Type | None:
    """Return what the node says by itself, without what it refers to."""
    match _word(place):
        case "map":
            return MapOf(_inner(place, "additionalProperties"))
        case "object":
            return _object(place)
        case "array":
            return _list(place)
        case "string" if place.node.get("format") in ("date", "date-time"):
            return TIME
        case str() as word:
            return _SCALARS[word]
        case None:
            return None


def _word(place: Place) -> str | None:
    """Return the one word for what the node is, be it said or seen from its members."""
    exact, named = place.node.get("meta:xdmType"), place.node.get("type", [])
    for word in (exact, named):
        if isinstance(word, str) and word in _WORDS:
            return word
    words = [named] if isinstance(named, str) else named
    if not isinstance(words, list) or not {*map(str, words)} <= {*_WORDS, "null"}:
        raise place.wrong(f"the type {shown(named)} is none that a schema has")
    said = {str(word) for word in words} - {"null"}
    if len(said) > 1:
        return "number" if said == {"integer", "number"} else "string"
    return said.pop() if said else _seen(place.node)


def _seen(node: Mapping[str, Any]) -> str | None:
    return next((word for word, keys in _SIGNS.items() if node.keys() & {*keys}), None)


def _object(place: Place) -> Type:
    """Return the object at *place*; it is a map where any name may lead to a value of one kind."""
    properties = place.node.get("properties", {})
    if not isinstance(properties, Mapping):
        raise place.wrong(f"`properties` must be an object, found {shown(properties)}")
    values = place.node.get("additionalProperties")
    if not properties and isinstance(values, Mapping) and values:
        return MapOf(_inner(place, "additionalProperties"))
    fields = {name: _read(place.child("properties", name)) or STRING for name in properties}
    return Struct(MappingProxyType(fields))


def _list(place: Place) -> ListOf:
    if isinstance(place.node.get("items"), list):  # a schema for each position
        return ListOf(any_of(map(_read, place.children("items"))) or STRING)
    return ListOf(_inner(place, "items"))


def _inner(place: Place, key: str) -> Type:
    """Return the type of the items or values, strings where nothing is said of them."""
    return (_read(place.child(key)) if key in place.node else None) or STRING


def _referenced(place: Place) -> Type | None:
    """Return what the node's reference leads to; where it leads in a circle, a bare object."""
    name = place.node["$ref"]
    if not isinstance(name, str):
        raise place.wrong(f"`$ref` must be text, found {shown(name)}")
    target = place.target(name)
    if target.pointer not in place.within:
        return _read(target)
    return None if _word(place) else _NOTHING
