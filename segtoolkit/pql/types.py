"""The types of values, and the schema an expression is checked against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from segtoolkit.cards import Thing


class Kind(StrEnum):
    """The scalar types; the value is the word an error message uses."""

    STRING = "string"
    INTEGER = "integer"
    DOUBLE = "number"
    BOOLEAN = "boolean"
    TIME = "date or time"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Scalar:
    kind: Kind


@dataclass(frozen=True, slots=True)
class Struct:
    """An object: its fields by name; those that no record has, but a declared schema, are *missing*."""

    fields: Mapping[str, Type] = field(hash=False)
    missing: frozenset[str] = field(default=frozenset(), compare=False)

    def __hash__(self) -> int:
        return hash(tuple(self.fields))


@dataclass(frozen=True, slots=True)
class ListOf:
    item: Type


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map; the keys of every field are strings, those of `groupBy` what it groups by."""

    value: Type
    key: Type = Scalar(Kind.STRING)


Type: TypeAlias = Scalar | Struct | ListOf | MapOf

STRING = Scalar(Kind.STRING)
INTEGER = Scalar(Kind.INTEGER)
DOUBLE = Scalar(Kind.DOUBLE)
BOOLEAN = Scalar(Kind.BOOLEAN)
TIME = Scalar(Kind.TIME)
NULL = Scalar(Kind.NULL)
NUMBERS = (INTEGER, DOUBLE)


@dataclass(frozen=True, slots=True, repr=False)
class Schema(Thing):
    """The fields of a profile and of an event, without ``xEvent`` itself; whether there are events.

    >>> schema = Schema(Struct({"homeAddress": Struct({"country": STRING})}))
    >>> schema.suggest("contry", schema.profile)
    'homeAddress.country'
    """

    profile: Struct
    event: Struct = Struct(MappingProxyType({}))
    has_events: bool = True

    def _line(self) -> str:
        several = (len(list(paths(of))) for of in (self.profile, self.event))
        return "{:,} fields of profiles, {:,} of events".format(*several)

    def _known(self) -> Mapping[str, object]:
        return {
            "profiles": ", ".join(self.profile.fields),
            "events": ", ".join(self.event.fields),
        }

    def suggest(self, name: str, among: Struct) -> str | None:
        """Name the nearest field, of the same object if there is one, else the nearest path."""
        here = {"xEvent", *among.fields} if among is self.profile else set(among.fields)
        if near := get_close_matches(name, sorted(here), n=1):
            return near[0]
        by_leaf: dict[str, str] = {}
        for path in paths(among):
            by_leaf.setdefault(path.rpartition(".")[2], path)
        near = get_close_matches(name, sorted(by_leaf), n=1, cutoff=0.75)
        return by_leaf[near[0]] if near else None


def paths(of: Type, prefix: str = "") -> Iterator[str]:
    """Yield the dotted path of every field that can be reached without entering a list or map.

    >>> list(paths(Struct({"a": STRING, "b": Struct({"c": TIME})})))
    ['a', 'b', 'b.c']
    """
    if isinstance(of, Struct):
        for name, inner in of.fields.items():
            yield prefix + name
            yield from paths(inner, f"{prefix}{name}.")


def scalars(of: Type, prefix: str = "") -> Iterator[tuple[str, Scalar]]:
    """Yield the dotted path and the type of every such field that holds one value.

    >>> [
    ...     path
    ...     for path, _ in scalars(Struct({"a": ListOf(STRING), "b": Struct({"c": TIME})}))
    ... ]
    ['b.c']
    """
    match of:
        case Scalar():
            yield prefix, of
        case Struct(fields):
            for name, inner in fields.items():
                yield from scalars(inner, f"{prefix}.{name}" if prefix else name)
        case ListOf() | MapOf():
            return


def describe(type_: Type) -> str:
    """Say a type in the words of an error message, with its article.

    >>> describe(STRING), describe(ListOf(INTEGER)), describe(TIME)
    ('a string', 'a list', 'a date or time')
    """
    match type_:
        case Scalar(kind):
            return ("an " if kind is Kind.INTEGER else "a ") + kind.value
        case Struct():
            return "an object"
        case ListOf():
            return "a list"
        case MapOf():
            return "a map"
