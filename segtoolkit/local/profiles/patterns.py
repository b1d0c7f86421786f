"""A shape in, a regular expression out: a line of JSON that it matches is a record of that shape.

Such a line was read to its last character, so nothing in it can surprise: no other field, no other
type, and every text that must be a date is one. A line that it does not match may still be sound (a
name written with escapes, a 29th of February); whoever reads has to look closer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import assert_never

from segtoolkit.local.profiles.shapes import Fields, ListOf, MapOf, Scalar, Shape, Unseen

_SPACE = "[ \\t\\r]*"
_TEXT = r'"(?:[^"\\]|\\.)*"'
_WHOLE = "-?(?:0|[1-9][0-9]{0,17})"
_NUMBER = rf"{_WHOLE}(?:[.][0-9]{{1,30}})?(?:[eE][-+]?[0-9]{{1,2}})?"
_TRUTH = "(?:true|false)"
# Only days that every month has, so that none of them is refused later.
_DAY = (
    "[12][0-9]{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    "|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_ZONE = "(?:Z|[+-](?:0[0-9]|1[0-3])(?::?[0-5][0-9])?)"
_CLOCK = f"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{{1,9}})?{_ZONE}?"
_SCALARS = {
    "VARCHAR": _TEXT,
    "BIGINT": _WHOLE,
    "DOUBLE": _NUMBER,
    "BOOLEAN": _TRUTH,
    "DATE": f'"{_DAY}"',
    "TIMESTAMP": f'"{_DAY}(?:[T ]{_CLOCK})?"',
}
_ANY_SCALAR = f"(?:{_TEXT}|{_NUMBER}|{_TRUTH}|null)"
_IDENTITY = {
    "id": f"(?:{_TEXT}|{_NUMBER})",
    "authenticatedState": _ANY_SCALAR,
    "primary": f"(?:{_TRUTH}|null)",
}
_MEMBERSHIP = dict.fromkeys(
    ("status", "lastQualificationTime", "version", "validUntil"), _ANY_SCALAR
)


def pattern_of(fields: Mapping[str, Shape]) -> str:
    """Return the expression for a whole line that has some of *fields*, in any order."""
    members = {name: _FIXED.get(name) or _value(shape) for name, shape in fields.items()}
    return _SPACE + _object(members) + _SPACE


def _value(shape: Shape) -> str:
    match shape:
        case Scalar(type_):
            return _or_null(_SCALARS[type_])
        case ListOf(item):
            is_number = item in (Scalar("BIGINT"), Scalar("DOUBLE"))
            return _or_null(_list(_value(item), is_number=is_number))
        case Fields(members):
            return _or_null(_object({n: _value(m) for n, m in members.items()}))
        case MapOf(value):
            return _or_null(_map(_value(value)))
        case Unseen():
            return "null"
        case _:
            assert_never(shape)


def _or_null(value: str) -> str:
    return f"(?:{value}|null)"


def _object(members: Mapping[str, str]) -> str:
    return _braced(_member(f'"{re.escape(name)}"', v) for name, v in members.items())


def _map(value: str) -> str:
    return _braced([_member(_TEXT, value)])


def _braced(members: Iterable[str]) -> str:
    return rf"\{{{_SPACE}{_many('|'.join(members))}\}}"


def _list(item: str, *, is_number: bool) -> str:
    # Digits could pass for two numbers; everything else has an end of its own.
    items = f"(?:{item}(?:{_SPACE},{_SPACE}{item})*)?{_SPACE}" if is_number else _many(item)
    return rf"\[{_SPACE}{items}\]"


def _member(name: str, value: str) -> str:
    return f"{name}{_SPACE}:{_SPACE}{value}"


def _many(item: str) -> str:
    # Lax with commas, which DuckDB sees to: a part written twice grows with every level.
    return f"(?:(?:{item}){_SPACE},?{_SPACE})*" if item else ""


# The rules for these are those of `ndjson`: what is of no use in them is dropped.
_FIXED = {
    "_id": _ANY_SCALAR,
    "eventType": _ANY_SCALAR,
    "identityMap": _or_null(
        _map(_or_null(_list(_or_null(_object(_IDENTITY)), is_number=False)))
    ),
    "segmentMembership": _or_null(_map(_or_null(_map(_or_null(_object(_MEMBERSHIP)))))),
}
