"""A declared schema laid over the fields of the data: what may be asked, and what nobody has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from segtoolkit.pql.types import STRING, TIME, ListOf, MapOf, Struct, Type

_IDENTITY = Struct(MappingProxyType({"id": STRING}))
_MEMBERSHIP = Struct(MappingProxyType({"status": STRING, "lastQualificationTime": TIME}))
_OF_ALL: dict[str, Type] = {"_id": STRING, "identityMap": MapOf(ListOf(_IDENTITY))}
# What AEP adds to every record, whatever its schema declares.
OF_PROFILES: Mapping[str, Type] = MappingProxyType(
    _OF_ALL | {"segmentMembership": MapOf(MapOf(_MEMBERSHIP))}
)
OF_EVENTS: Mapping[str, Type] = MappingProxyType(
    _OF_ALL | {"timestamp": TIME, "eventType": STRING}
)


def declared(data: Struct, schema: Struct, always: Collection[str] = ()) -> Struct:
    """Return the fields of *schema*, with the types of the data; those it lacks are *missing*.

    The fields called *always* stay, declared or not.

    >>> from segtoolkit.pql.types import INTEGER, STRING
    >>> both = declared(
    ...     Struct({"a": INTEGER, "x": STRING}), Struct({"a": STRING, "b": STRING})
    ... )
    >>> sorted(both.fields), sorted(both.missing), both.fields["a"] == INTEGER
    (['a', 'b'], ['b'], True)
    """
    fields = {
        name: _joined(data.fields[name], wanted) if name in data.fields else wanted
        for name, wanted in schema.fields.items()
    }
    kept = {name: data.fields[name] for name in sorted(always) if name in data.fields}
    return Struct(
        MappingProxyType(kept | fields),
        frozenset(schema.fields.keys() - data.fields.keys()),
    )


def _joined(data: Type, wanted: Type) -> Type:
    match data, wanted:
        case Struct(), Struct():
            return declared(data, wanted)
        case ListOf(item), ListOf(wanted_item):
            return ListOf(_joined(item, wanted_item))
        case MapOf(value, key), MapOf(wanted_value):
            return MapOf(_joined(value, wanted_value), key)
        case _:
            return data
