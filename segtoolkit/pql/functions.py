"""The table of operators and functions: how each is written, and how many operands it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Form(Enum):
    """How a call is written."""

    INFIX = auto()  # a = b
    PREFIX = auto()  # not a, -a
    METHOD = auto()  # a.name(b)
    FUNCTION = auto()  # name(a, b)


@dataclass(frozen=True, slots=True)
class Function:
    """One row of the table.

    Attributes:
        name: as in ``pql/json``.
        form: how it is written.
        least: fewest operands, receiver included.
        most: most operands; None for any number.
        implicit: whether the operand after the receiver sees the item's fields as bare names.
        binding: how tightly an infix or prefix operator binds; higher is tighter. A method that
            has one was an operator in old texts, and is still read as such.
    """

    name: str
    form: Form
    least: int
    most: int | None
    implicit: bool = False
    binding: int = 0


OR, AND, NOT, COMPARISON, SUM, PRODUCT, NEGATION = range(1, 8)


def _infix(binding: int, *names: str) -> list[Function]:
    most = None if binding in (OR, AND) else 2
    return [Function(n, Form.INFIX, 2, most, binding=binding) for n in names]


def _method(least: int, most: int, *names: str, implicit: bool = False) -> list[Function]:
    return [Function(n, Form.METHOD, least, most, implicit=implicit) for n in names]


def _function(least: int, most: int, *names: str) -> list[Function]:
    return [Function(n, Form.FUNCTION, least, most) for n in names]


FUNCTIONS: Mapping[str, Function] = {
    row.name: row
    for rows in (
        _infix(OR, "or"),
        _infix(AND, "and"),
        [Function("not", Form.PREFIX, 1, 1, binding=NOT)],
        _infix(COMPARISON, "=", "!=", "<", "<=", ">", ">=", "in", "notIn", "like"),
        _infix(SUM, "+", "-"),
        _infix(PRODUCT, "*", "/", "%"),
        [Function("negate", Form.PREFIX, 1, 1, binding=NEGATION)],
        _method(2, 3, "equals", "notEqualTo", "contains", "doesNotContain"),
        _method(2, 3, "startsWith", "doesNotStartWith", "endsWith", "doesNotEndWith"),
        [Function("matches", Form.METHOD, 2, 2, binding=COMPARISON)],
        _method(3, 3, "regexGroup"),
        _method(1, 1, "isNull", "isNotNull"),
        _method(1, 1, "getMonth", "getYear", "getDayOfMonth"),
        _method(2, 2, "includes", "intersects", "intersection", "subsetOf", "supersetOf"),
        _method(1, 1, "count", "distinct", "head", "keys", "values"),
        _method(2, 2, "get"),
        _method(2, 2, "filter", "exists", "map", "groupBy", implicit=True),
        _method(1, 2, "sum", "average", "min", "max", implicit=True),
        _method(3, 3, "topN", "bottomN", implicit=True),
        _function(0, 0, "currentMonth", "currentYear", "currentDayOfMonth"),
        _function(3, 3, "date", "if"),
        _function(1, 1, "inSegment"),
        [Function("modelInstances", Form.FUNCTION, 1, None)],
        _function(2, 2, "mapEntry"),
        _function(3, 4, "stringCompare"),
    )
    for row in rows
}
