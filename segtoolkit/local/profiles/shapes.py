"""Shapes of records: read from JSON structures and DuckDB types, and united.

Canonical scalars are VARCHAR, BIGINT, DOUBLE, BOOLEAN, DATE and TIMESTAMP (UTC). ``JSON`` in a
stored type marks a place where no value was ever seen, so that another dataset may fill it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unseen:
    """Nothing but nulls so far: fits everything."""


@dataclass(frozen=True, slots=True)
class Scalar:
    type: str


@dataclass(frozen=True, slots=True)
class ListOf:
    item: Shape


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map from text; its keys are values, not fields."""

    value: Shape


@dataclass(frozen=True, slots=True)
class Fields:
    members: Mapping[str, Shape]


Shape: TypeAlias = Unseen | Scalar | ListOf | MapOf | Fields


class ClashError(Exception):
    """Nothing holds two shapes: at *path* the one is *left*, the other *right*."""

    def __init__(self, path: Path, left: str, right: str) -> None:
        super().__init__(f"{dotted(path)} is {left} and {right}")
        self.path = path
        self.left = left
        self.right = right


_WIDER = {
    frozenset({"BIGINT", "DOUBLE"}): Scalar("DOUBLE"),
    frozenset({"DATE", "TIMESTAMP"}): Scalar("TIMESTAMP"),
}

# By id of a DuckDB type; what is absent here becomes VARCHAR.
_CANONICAL = {
    "boolean": "BOOLEAN",
    "date": "DATE",
    **dict.fromkeys(
        ("float", "double", "decimal", "hugeint", "uhugeint", "bignum"), "DOUBLE"
    ),
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), "BIGINT"),
    **dict.fromkeys(("utinyint", "usmallint", "uinteger", "ubigint"), "BIGINT"),
}

# As `json_structure` spells them. A column of integers of both signs is a HUGEINT there.
_JSON_SCALARS = {
    "VARCHAR": "VARCHAR",
    "BOOLEAN": "BOOLEAN",
    "DOUBLE": "DOUBLE",
    **dict.fromkeys(("UBIGINT", "BIGINT", "HUGEINT"), "BIGINT"),
}

_WORDS = {
    "VARCHAR": "text",
    "BIGINT": "a whole number",
    "DOUBLE": "a number",
    "BOOLEAN": "true or false",
    "DATE": "a date",
    "TIMESTAMP": "a date-time",
}


def from_structure(structure: Any) -> Shape:
    """Return the shape of a parsed ``json_structure`` of one record."""
    match structure:
        case dict():
            return Fields({name: from_structure(part) for name, part in structure.items()})
        case [item]:
            return ListOf(from_structure(item))
        case "NULL":
            return Unseen()
        case (
            "JSON"
        ):  # an object without fields; in lists also a mixture, which faults finds
            return Fields({})
        case _:
            return Scalar(_JSON_SCALARS[structure])


def from_duckdb(kind: Any, *, json: Shape) -> Shape:
    """Return the canonical shape of a DuckDB type; *json* says what the type JSON means."""
    if kind.id == "varchar" and str(kind) == "JSON":
        return json
    if kind.id == "null":
        return Unseen()
    if kind.id == "struct":
        return Fields({name: from_duckdb(part, json=json) for name, part in kind.children})
    if kind.id in {"list", "array"}:
        return ListOf(from_duckdb(dict(kind.children)["child"], json=json))
    if kind.id == "map":
        return MapOf(from_duckdb(dict(kind.children)["value"], json=json))
    if kind.id.startswith("timestamp"):
        return Scalar("TIMESTAMP")
    return Scalar(_CANONICAL.get(kind.id, "VARCHAR"))


def united(shapes: Iterable[Shape]) -> Shape:
    """Return the shape that holds all *shapes*; raise `ClashError` where there is none."""
    whole: Shape = Unseen()
    for shape in shapes:
        whole = unite(whole, shape)
    return whole


def unite(left: Shape, right: Shape, path: Path = ()) -> Shape:
    """Return the shape that holds both; raise `ClashError` where there is none."""
    match left, right:
        case (same, other) if same == other:
            return same
        case (Unseen(), some) | (some, Unseen()):
            return some
        case Scalar(a), Scalar(b) if wider := _WIDER.get(frozenset({a, b})):
            return wider
        case ListOf(a), ListOf(b):
            return ListOf(unite(a, b, (*path, "[]")))
        case MapOf(a), MapOf(b):
            return MapOf(unite(a, b, (*path, "{}")))
        case Fields(a), Fields(b):
            return _unite_fields(a, b, path)
        case _:
            raise ClashError(path, in_words(left), in_words(right))


def _unite_fields(
    left: Mapping[str, Shape], right: Mapping[str, Shape], path: Path
) -> Fields:
    members = dict(left)
    spelled = {name.lower(): name for name in left}
    for name, shape in right.items():
        # DuckDB ignores case in names, so two spellings of one name cannot live together.
        known = spelled.setdefault(name.lower(), name)
        if known != name:
            raise ClashError((*path, name), f"spelled {known!r}", f"spelled {name!r}")
        members[name] = unite(members.get(name, Unseen()), shape, (*path, name))
    return Fields(members)


def retyped(shape: Shape, types: Mapping[Path, str], path: Path = ()) -> Shape:
    """Return *shape* with other scalars at some paths."""
    match shape:
        case Fields(members):
            return Fields({n: retyped(m, types, (*path, n)) for n, m in members.items()})
        case ListOf(item):
            return ListOf(retyped(item, types, (*path, "[]")))
        case Scalar(type_):
            return Scalar(types.get(path, type_))
        case Unseen() | MapOf():
            return shape
        case _:
            assert_never(shape)


def holds_type(shape: Shape, *types: str) -> bool:
    """Tell whether a scalar of one of *types* occurs; ``JSON`` stands for what was not seen."""
    match shape:
        case Unseen():
            return "JSON" in types
        case Scalar(type_):
            return type_ in types
        case ListOf(part) | MapOf(part):
            return holds_type(part, *types)
        case Fields(members):
            unseen = not members and "JSON" in types
            return unseen or any(holds_type(m, *types) for m in members.values())
        case _:
            assert_never(shape)


def in_words(shape: Shape) -> str:
    """Say what *shape* is, for a message."""
    match shape:
        case Scalar(type_):
            return _WORDS.get(type_, type_)
        case ListOf():
            return "a list"
        case MapOf() | Fields():
            return "an object"
        case Unseen():
            return "nothing"
        case _:
            assert_never(shape)


def dotted(path: Path) -> str:
    """Write a path as callers do: ``productListItems[].SKU``."""
    return ".".join(path).replace(".[]", "[]")
