"""The words of PQL that are not functions: units of time, and names that need back-ticks.

Names are case sensitive, keywords are not, so the keys here are lower case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

_PLURALS = {
    "millisecond": "milliseconds",
    "second": "seconds",
    "minute": "minutes",
    "hour": "hours",
    "day": "days",
    "week": "weeks",
    "month": "months",
    "year": "years",
    "decade": "decades",
    "century": "centuries",
    "millennium": "millennia",
}

# Every spelling of a unit, and its singular; the last four are misspellings that old texts have.
UNITS: Mapping[str, str] = {
    **{singular: singular for singular in _PLURALS},
    **{plural: singular for singular, plural in _PLURALS.items()},
    "millenium": "millennium",
    "millenia": "millennium",
    "milleniums": "millennium",
    "millenniums": "millennium",
}

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")

# Words to themselves, so that a type checker knows which of them there are.
TIME_WORDS: Mapping[str, Literal["now", "today", "yesterday", "tomorrow"]] = {
    "now": "now",
    "today": "today",
    "yesterday": "yesterday",
    "tomorrow": "tomorrow",
}
CALENDAR_RELATIONS: Mapping[str, Literal["this", "last", "next"]] = {
    "this": "this",
    "last": "last",
    "next": "next",
}
QUANTIFIERS = ("exists", "forall", "some", "all", "none", "one")
AGGREGATIONS = ("sum", "average", "min", "max")

# Words that may stand after an operand, so they never begin one.
FOLLOWERS = frozenset(("and", "or", "in", "notin", "like", "matches", "occurs")).union(
    ("where", "over", "from", "before", "after")
)

# A field or variable of such a name is written in back-ticks, except after a dot.
RESERVED = FOLLOWERS.union(
    ("true", "false", "null", "not", "this", "last", "next"),
    ("let", "select", "between", "on", "within"),
    TIME_WORDS,
    QUANTIFIERS,
    AGGREGATIONS,
)


def counted(count: object, unit: str) -> str:
    """Return *unit* as it is written after *count*.

    >>> counted(1, "century"), counted(2, "century")
    ('century', 'centuries')
    """
    return unit if count == 1 else _PLURALS[unit]
