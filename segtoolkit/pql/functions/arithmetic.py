"""Rows of what calculates with numbers."""

from __future__ import annotations

from segtoolkit.pql.functions.row import NEGATION, PRODUCT, SUM, Form, Function, infix
from segtoolkit.pql.rules import values

ARITHMETIC = (
    infix(
        "a + b",
        SUM,
        "The sum of two numbers; null when either is null. Texts cannot be joined.",
        "loyalty.points + 100 >= 1000",
        values.arithmetic("+"),
    ),
    infix(
        "a - b",
        SUM,
        "The difference of two numbers; null when either is null. For times use `occurs`.",
        "currentYear() - person.birthDate.getYear() > 30",
        values.arithmetic("-"),
    ),
    infix(
        "a * b",
        PRODUCT,
        "The product of two numbers; null when either is null.",
        "loyalty.points * 2 > 1000",
        values.arithmetic("*"),
    ),
    infix(
        "a / b",
        PRODUCT,
        "The quotient of two numbers, with its decimals: 7 / 2 is 3.5. Null when either is null, and "
        "when b is 0.",
        "loyalty.points / 100 > 7.5",
        values.arithmetic("/"),
    ),
    infix(
        "a % b",
        PRODUCT,
        "What remains after dividing a by b, with the sign of a: 7 % 2 is 1. Null when either is null, "
        "and when b is 0.",
        "loyalty.points % 2 = 1",
        values.arithmetic("%"),
    ),
    Function(
        "negate",
        Form.PREFIX,
        least=1,
        most=1,
        binding=NEGATION,
        rule=values.negate,
        usage="-a",
        meaning="The number with its sign turned; null when it is null.",
        example="-loyalty.points < -500",
    ),
)
