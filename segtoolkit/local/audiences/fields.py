"""Names of profile fields in; what to select for them, and which hold text, out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

import duckdb

from segtoolkit.engine.schema import read_schema
from segtoolkit.errors import ConfigError
from segtoolkit.frames import SCHEMAS
from segtoolkit.local.profiles import quoted
from segtoolkit.local.profiles.sql import field_of
from segtoolkit.pql.types import STRING, Struct, Type


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a profile: its dotted path, and SQL for its value in ``p.xdm``."""

    name: str
    sql: str
    is_text: bool

    def __str__(self) -> str:
        return f"{self.sql} AS {quoted(self.name)}"


def found(cursor: duckdb.DuckDBPyConnection, names: Iterable[str]) -> tuple[Field, ...]:
    """Find the fields *names*, such as ``homeAddress.country``, among those of the profiles.

    Raises:
        ConfigError: there is no such field, or its name is that of another column.
    """
    if isinstance(names, str):
        raise ConfigError(f"fields is a list of names; write fields=[{names!r}]")
    profile = read_schema(cursor).profile
    several = tuple(dict.fromkeys(names))
    for name in several:
        if name in SCHEMAS["members"]:
            raise ConfigError(
                f"the column {name!r} is taken; ask for what is inside the field"
            )
    return tuple(located(name, profile) for name in several)


def located(name: str, profile: Struct) -> Field:
    """Find one field among those of *profile*.

    Raises:
        ConfigError: there is no such field.
    """
    value, type_ = "p.xdm", _inner(name, profile)
    for step in name.split("."):
        value = field_of(value, step)
    return Field(name, value, type_ == STRING)


def _inner(name: str, profile: Struct) -> Type:
    type_: Type = profile
    for step in name.split("."):
        if not isinstance(type_, Struct):
            raise ConfigError(
                f"{name!r} goes into a list, a map or a value; end before {step!r}"
            )
        if step not in type_.fields:
            near = get_close_matches(step, type_.fields, n=1)
            guess = f"; did you mean {near[0]!r}?" if near else ""
            raise ConfigError(f"profiles have no field {name!r}: no {step!r} there{guess}")
        type_ = type_.fields[step]
    return type_
