"""The functions of the oracle: operands in, that are not null, a value out."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from math import fmod
from typing import Any

from tests.pql.oracle_lists import common, distinct, head, is_in, is_subset
from tests.pql.oracle_times import OPERATORS, day, moment_of
from tests.pql.oracle_values import compared, for_each, present


def applied(name: str, args: Sequence[Any]) -> Any:
    return for_each(FUNCTIONS[name], args, LISTS.get(name, ()))


def quotient(a: float, b: float) -> float | None:
    return None if b == 0 else a / b


def remainder(a: float, b: float) -> float | None:
    """Return what division leaves over; it has the sign of *a*."""
    return None if b == 0 else fmod(a, b)


def text_test(test: Callable[[str, str], bool], *, is_negative: bool = False) -> Any:
    def of(text: str, other: str, is_case_sensitive: Any = True) -> bool:  # noqa: FBT002
        if not is_case_sensitive:
            text, other = lower(text), lower(other)
        return test(text, other) is not is_negative

    return of


def lower(text: str) -> str:
    """Return *text* in lower case, letter for letter as Java has it: that of ``İ`` is ``i``."""
    return "".join(letter.lower()[0] for letter in text)


def string_compare(name: str, text: str, others: Any, *switch: Any) -> bool:
    """Tell whether a test is true for some of *others*, or a negative one for all of them."""
    others = others if isinstance(others, list) else [others]
    of_all = all if name in NEGATIVE_TESTS else any
    return of_all(TEXT_TESTS[name](text, other, *switch) for other in present(others))


def is_like(text: str, pattern: str) -> bool:
    parts = {"%": ".*", "_": "."}
    regex = "".join(parts.get(letter) or re.escape(letter) for letter in pattern)
    return re.fullmatch(regex, text, re.DOTALL) is not None


def matches(text: str, regex: str) -> bool:
    return re.search(regex, text, re.ASCII) is not None


def regex_group(text: str, regex: str, group: int) -> str | None:
    found = re.search(regex, text, re.ASCII)
    return found[group] if found else None


NEGATIVE_TESTS: Mapping[str, Callable[..., bool]] = {
    "notEqualTo": text_test(operator.eq, is_negative=True),
    "doesNotContain": text_test(operator.contains, is_negative=True),
    "doesNotStartWith": text_test(str.startswith, is_negative=True),
    "doesNotEndWith": text_test(str.endswith, is_negative=True),
}
TEXT_TESTS: Mapping[str, Callable[..., bool]] = {
    "equals": text_test(operator.eq),
    "contains": text_test(operator.contains),
    "startsWith": text_test(str.startswith),
    "endsWith": text_test(str.endswith),
    **NEGATIVE_TESTS,
}

# Which operands are lists.
LISTS: Mapping[str, Sequence[int]] = {
    **dict.fromkeys(("in", "notIn"), (1,)),
    **dict.fromkeys(("includes", "count", "distinct", "head"), (0,)),
    **dict.fromkeys(("intersects", "intersection", "subsetOf", "supersetOf"), (0, 1)),
    "stringCompare": (2,),
}

# What is null when an operand is.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{s: lambda a, b, symbol=s: compared(symbol, a, b) for s in OPERATORS},
    **TEXT_TESTS,
    "in": is_in,
    "notIn": lambda value, items: not is_in(value, items),
    "includes": lambda items, value: is_in(value, items),
    "intersects": lambda a, b: common(a, b) is not None,
    "intersection": common,
    "subsetOf": is_subset,
    "supersetOf": lambda a, b: is_subset(b, a),
    "distinct": distinct,
    "count": len,
    "head": head,
    "get": lambda entries, key: entries.get(key),
    "keys": list,
    "values": lambda entries: list(entries.values()),
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": quotient,
    "%": remainder,
    "negate": operator.neg,
    "like": is_like,
    "matches": matches,
    "regexGroup": regex_group,
    "stringCompare": string_compare,
    "getMonth": lambda t: moment_of(t).month,
    "getYear": lambda t: moment_of(t).year,
    "getDayOfMonth": lambda t: moment_of(t).day,
    "date": day,
}
