"""What a store is told about its data: the XDM schemas it follows, and what an unknown field means."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import duckdb

from segtoolkit.errors import ConfigError, DataError
from segtoolkit.pql.xdm import class_of, read_xdm

# The JSON of an XDM schema as the Schema Registry gives it: a file, an object, or several of them.
XDM: TypeAlias = str | Path | Mapping[str, Any] | Iterable[str | Path | Mapping[str, Any]]
UnknownFields: TypeAlias = Literal["refuse", "null"]


@dataclass(frozen=True, slots=True)
class Declaration:
    """What to tell a store; None leaves it as it is.

    Attributes:
        schema: the schemas of profiles and of events, each if there is one.
        unknown_fields: whether an expression that asks for a field that is not there is refused,
            or the field is null and a warning says so.
    """

    schema: XDM | None = None
    unknown_fields: UnknownFields | None = None


def declare(cursor: duckdb.DuckDBPyConnection, declaration: Declaration) -> None:
    """Keep *declaration* in the store.

    Raises:
        ConfigError: `unknown_fields` is neither ``refuse`` nor ``null``.
        DataError: a schema cannot be read, or is of neither profiles nor events.
    """
    facts = _of_schema(declaration.schema)
    if declaration.unknown_fields is not None:
        if declaration.unknown_fields not in ("refuse", "null"):
            given = declaration.unknown_fields
            raise ConfigError(f"unknown_fields is 'refuse' or 'null', not {given!r}")
        facts["unknown_fields"] = declaration.unknown_fields
    for key, value in facts.items():
        cursor.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, value])
    if facts:  # what is known of the data is another matter now
        cursor.execute("UPDATE meta SET value = uuid()::VARCHAR WHERE key = 'data_version'")


def _of_schema(schema: XDM | None) -> dict[str, str]:
    if schema is None:
        return {}
    several = [schema] if isinstance(schema, str | Path | Mapping) else schema
    facts: dict[str, str] = {}
    for document, name in map(_document, several):
        read_xdm(document)
        kind = class_of(document)
        if kind is None:
            raise DataError(
                "the schema is neither of the class XDM Individual Profile nor of XDM "
                "ExperienceEvent; its `meta:class` says which",
                file=name,
                field="/meta:class",
            )
        if f"xdm_{kind}" in facts:
            raise DataError(
                f"a second schema of {kind}s; give their union schema", file=name
            )
        facts[f"xdm_{kind}"] = json.dumps(document)
    return facts


def _document(source: object) -> tuple[Mapping[str, Any], str | None]:
    if isinstance(source, Mapping):
        return source, None
    path = Path(str(source))
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", file=str(path)) from error
    except ValueError as error:
        raise DataError(f"no JSON: {error}", file=str(path)) from error
    if not isinstance(found, Mapping):
        raise DataError("no XDM schema: the JSON is no object", file=str(path))
    return found, str(path)
