"""Rows of what asks yes or no: and, or, not, comparison, null, and the choice between two values."""

from __future__ import annotations

from segtoolkit.pql.functions.row import (
    AND,
    COMPARISON,
    NOT,
    OR,
    Form,
    Function,
    called,
    infix,
)
from segtoolkit.pql.rules import values

LOGIC = (
    infix(
        "a or b or …",
        OR,
        "Whether at least one of them holds; null counts as false.",
        'homeAddress.country = "US" or homeAddress.country = "CA"',
    ),
    infix(
        "a and b and …",
        AND,
        "Whether all of them hold; null counts as false. Binds tighter than `or`.",
        'homeAddress.country = "US" and loyalty.tier = "gold"',
    ),
    Function(
        "not",
        Form.PREFIX,
        least=1,
        most=1,
        binding=NOT,
        usage="not a",
        meaning="Whether it does not hold; also written `!a`. Null counts as false, so `not (x = 1)` "
        "keeps the profiles without x, which `x != 1` leaves out.",
        example='not (homeAddress.country = "US")',
    ),
    called(
        "if(test, a, b)",
        "The value a where the test holds, b where it does not or is null. Both must be of one type.",
        'if(homeAddress.country = "US", loyalty.points, loyalty.points / 2) > 500',
        values.if_,
    ),
    infix(
        "a = b",
        COMPARISON,
        "Whether both are the same. Text is case sensitive, lists are compared in order, objects by "
        "their `_id` if they have one; a time is the same as a day that it lies in. Null, which counts "
        "as false, when either is null: to find missing values ask `.isNull()`.",
        'loyalty.tier = "gold"',
        values.compare("="),
    ),
    infix(
        "a != b",
        COMPARISON,
        "Whether both are there and differ. Null, which counts as false, when either is null. Along a "
        "path through a list it asks whether some item differs.",
        'homeAddress.country != "US"',
        values.compare("!="),
    ),
    infix(
        "a < b",
        COMPARISON,
        "Whether a is smaller, or earlier: of numbers, of dates and times, of texts by their character "
        "codes. Null, which counts as false, when either is null.",
        "loyalty.points < 500",
        values.compare("<"),
    ),
    infix(
        "a <= b",
        COMPARISON,
        "Whether a is smaller, earlier or the same; a whole day on the right is included. Null, which "
        "counts as false, when either is null.",
        "loyalty.joinDate <= date(2024, 12, 31)",
        values.compare("<="),
    ),
    infix(
        "a > b",
        COMPARISON,
        "Whether a is larger, or later: of numbers, of dates and times, of texts by their character "
        "codes. Null, which counts as false, when either is null.",
        "loyalty.points > 500",
        values.compare(">"),
    ),
    infix(
        "a >= b",
        COMPARISON,
        "Whether a is larger, later or the same; a whole day on the right is included. Null, which "
        "counts as false, when either is null.",
        "loyalty.joinDate >= date(2024, 1, 1)",
        values.compare(">="),
    ),
    called(
        "value.isNull()",
        "Whether there is no value. An object without any value in it is null; an empty text or list "
        "is not. Along a path through a list: whether no item has a value there.",
        "personalEmail.address.isNull()",
        values.null,
    ),
    called(
        "value.isNotNull()",
        "Whether there is a value: the opposite of `.isNull()`.",
        "personalEmail.address.isNotNull()",
        values.not_null,
    ),
)
