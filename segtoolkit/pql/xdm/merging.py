"""What several parts of a schema say of one thing in; the one type that it has out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from types import MappingProxyType
from typing import TypeAlias

from segtoolkit.pql.types import (
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
from segtoolkit.pql.xdm.document import Place, Pointer

# What holds where two parts disagree on the field at a path.
Settle: TypeAlias = Callable[[Type, Type, Pointer], Type]


def all_of(parts: Iterable[Type | None], place: Place) -> Type | None:
    """Return the type that all *parts* have together; None where none of them says anything.

    Raises:
        DataError: two of them contradict each other; *place* is where.
    """

    def settle(left: Type, right: Type, at: Pointer) -> Type:
        if {left, right} == {STRING, TIME}:  # a time is written as a string
            return TIME
        what = f"the field {'.'.join(at)!r}" if at else "it"
        raise place.wrong(
            f"{what} is {describe(left)} in one part and {describe(right)} in another; "
            "make them the same"
        )

    return _merged(parts, settle)


def any_of(parts: Iterable[Type | None]) -> Type | None:
    """Return the type of what is one of *parts*: text, where they have nothing in common."""
    return _merged(parts, lambda _left, _right, _at: STRING)


def _merged(parts: Iterable[Type | None], settle: Settle) -> Type | None:
    said = [part for part in parts if part is not None]
    return reduce(lambda left, right: _both(left, right, settle), said) if said else None


def _both(left: Type, right: Type, settle: Settle, at: Pointer = ()) -> Type:
    match left, right:
        case Struct(), Struct():
            return _joined(left, right, settle, at)
        case MapOf(ours), MapOf(theirs):
            return MapOf(_both(ours, theirs, settle, at))
        case ListOf(ours), ListOf(theirs):
            return ListOf(_both(ours, theirs, settle, at))
        # An object of which no field is known may be any map.
        case (MapOf() as map_, Struct(fields)) | (Struct(fields), MapOf() as map_) if not (
            fields
        ):
            return map_
        case Scalar(), Scalar() if {left, right} == {INTEGER, DOUBLE}:
            return DOUBLE
        case _:
            return left if left == right else settle(left, right, at)


def _joined(left: Struct, right: Struct, settle: Settle, at: Pointer) -> Struct:
    shared = {
        name: _both(ours, right.fields[name], settle, (*at, name))
        for name, ours in left.fields.items()
        if name in right.fields
    }
    return Struct(MappingProxyType({**left.fields, **right.fields, **shared}))
