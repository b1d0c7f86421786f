"""Literals of ``pql/json`` to nodes, and the words that stand in literals of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import TypeVar

from segtoolkit.pql.json.document import Place, shown
from segtoolkit.pql.nodes import (
    CalendarUnit,
    Expr,
    ListLiteral,
    Literal,
    Parameter,
    TimeWord,
)
from segtoolkit.pql.words import CALENDAR_RELATIONS, TIME_WORDS, UNITS

T = TypeVar("T")

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def literal(place: Place) -> Expr:
    """Read a literal that stands for a value; without ``literalType``, by what the value is."""
    if not place.has("literalType"):
        return plain(_value(place))
    type_ = place.child("literalType")
    read = _READERS.get(type_.text("a literalType").lower())
    if read is None:
        known = type_.one_of(_SPELLINGS, "literalType")
        raise place.wrong(f"a literal of type `{known}` does not belong here")
    return read(place)


def plain(place: Place) -> Expr:
    """Read a bare JSON value: a scalar, or a list of such."""
    match place.value:
        case None | bool() | str():
            return Literal(place.value)
        case int():
            return Literal(_in_range(place, place.value))
        case float():
            return Literal(_finite(place, place.value))
        case list() | tuple():
            place.check_depth()
            return ListLiteral(tuple([plain(item) for item in place.items(1)]))
        case _:
            raise place.wrong(f"no literal can be {shown(place.value)}")


def word(place: Place, type_: str, known: Mapping[str, T]) -> T:
    """Read the literal of type *type_*, such as a unit, whose value is a key of *known*."""
    place.expect("literal").need("literalType", "value")
    given = place.child("literalType")
    if given.text().lower() != type_.lower():
        raise given.wrong(f"`{type_}` is needed here, found {shown(given.value)}")
    place.only("nodeType", "literalType", "value")
    return known[place.child("value").one_of(known, type_)]


def _value(place: Place) -> Place:
    place.need("value")
    place.only("nodeType", "literalType", "value")
    return place.child("value")


def _string(place: Place) -> Literal:
    return Literal(_value(place).text())


def _integer(place: Place) -> Literal:
    value = _value(place)
    match value.value:
        case str() as digits if _INTEGER.fullmatch(digits):
            return Literal(_in_range(value, int(digits)))
        case int() | float() as number if not isinstance(number, bool):
            if isinstance(number, float) and not number.is_integer():
                raise value.wrong(f"an integer is needed here, found {shown(number)}")
            return Literal(_in_range(value, int(number)))
        case other:
            raise value.wrong(f"an integer is needed here, found {shown(other)}")


def _double(place: Place) -> Literal:
    value = _value(place)
    match value.value:
        case str() as digits if _NUMBER.fullmatch(digits):
            return Literal(_finite(value, float(digits)))
        case int() as number if not isinstance(number, bool):
            return Literal(float(_in_range(value, number)))
        case float() as number:
            return Literal(_finite(value, number))
        case other:
            raise value.wrong(f"a number is needed here, found {shown(other)}")


def _number(place: Place) -> Literal:
    whole = isinstance(_value(place).value, int)
    return _integer(place) if whole else _double(place)


def _boolean(place: Place) -> Literal:
    value = _value(place)
    match value.value:
        case bool():
            return Literal(value.value)
        case "true" | "false":
            return Literal(value.value == "true")
        case other:
            raise value.wrong(f"`true` or `false` is needed here, found {shown(other)}")


def _list(place: Place) -> Expr:
    value = _value(place)
    value.items()  # refuses anything but a list
    return plain(value)


def _null(place: Place) -> Literal:
    if place.has("value") and place.value["value"] not in ("null", None):
        found = shown(place.value["value"])
        raise place.child("value").wrong(f'"null" is needed here, found {found}')
    return Literal(None)


def _root(place: Place) -> Parameter:
    _value(place).one_of({"profile": 1}, "XDMObject")
    return Parameter(1)


def _time_word(place: Place) -> TimeWord:
    return TimeWord(TIME_WORDS[_value(place).one_of(TIME_WORDS, "Timestamp")])


def _calendar_unit(place: Place) -> CalendarUnit:
    place.need("relation", "unit")
    place.only("nodeType", "literalType", "relation", "unit")
    relation = CALENDAR_RELATIONS[
        place.child("relation").one_of(CALENDAR_RELATIONS, "relation")
    ]
    return CalendarUnit(relation, UNITS[place.child("unit").one_of(UNITS, "unit")])


def _in_range(place: Place, number: int) -> int:
    if not -(2**63) <= number < 2**63:
        raise place.wrong("the integer does not fit in 64 bits")
    return number


def _finite(place: Place, number: float) -> float:
    if not isfinite(number):
        raise place.wrong("the number does not fit in a double")
    return number


# Lower case, as the types were written in 2018.
_READERS: Mapping[str, Callable[[Place], Expr]] = {
    "string": _string,
    "integer": _integer,
    "double": _double,
    "number": _number,
    "boolean": _boolean,
    "list": _list,
    "null": _null,
    "xdmobject": _root,
    "timestamp": _time_word,
    "timeinterval": _calendar_unit,
}
# For errors; the last three stand for no value, `word` reads them.
_SPELLINGS = dict.fromkeys(
    (
        *("String", "Integer", "Double", "Number", "Boolean", "List", "Null"),
        *("XDMObject", "Timestamp", "TimeInterval"),
        *("TimeUnit", "TimeDirection", "Comparison"),
    )
)
