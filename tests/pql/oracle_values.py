"""Values of the oracle and what functions make of them: JSON, moments in UTC, lists, texts."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import fmod
from typing import Any

# Weeks begin on Sunday, as this day is.
_ORIGIN = datetime(1970, 1, 4, tzinfo=UTC)
_STEPS = {
    "millisecond": timedelta(milliseconds=1),
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_MONTHS = {"month": 1, "year": 12, "decade": 120, "century": 1200, "millennium": 12_000}

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")

OPERATORS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, *end* excluded; of no length it is the instant *start*."""

    start: datetime
    end: datetime


class Events(list):
    """The events of a profile or some of them: unlike other lists, null when there are none."""


class Spread(list):
    """The values along a path through a list: what holds of one of them is true of it."""


def read(json: Any, name: str = "") -> Any:
    """Return XDM JSON as values: times in UTC, objects without a value null."""
    match json:
        case dict():
            values = {key: read(part, key) for key, part in json.items()}
            return values if any(v is not None for v in values.values()) else None
        case list():
            return [read(item) for item in json]
        case int() if name == "timestamp":
            return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=json)
        case str() if found := _ISO.fullmatch(json):
            return in_utc(json) if found[1] else date.fromisoformat(json)
        case _:
            return json


def in_utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def is_true(value: Any) -> bool:
    """Tell what *value* is in a boolean position."""
    match value:
        case None:
            return False
        case bool():
            return value
        case Spread():
            return any(map(is_true, value))
        case list():
            return len(value) > 0
        case _:
            return True


def is_null(value: Any) -> bool:
    match value:
        case Spread():
            return all(map(is_null, value))
        case Events():
            return not value
        case _:
            return value is None


def field_of(base: Any, name: str) -> Any:
    if not isinstance(base, list):
        return None if base is None else base.get(name)
    found = [field_of(item, name) for item in base]
    return Spread(
        v for value in found for v in (value if isinstance(value, list) else [value])
    )


def each(function: Callable[[Any], Any], value: Any) -> Any:
    return Spread(map(function, value)) if isinstance(value, Spread) else function(value)


def applied(name: str, args: Sequence[Any]) -> Any:
    """Return what a function is of *args*, and of each value along a path through a list."""
    if None in args:
        return None
    for i, arg in enumerate(args):
        if isinstance(arg, Spread) and i not in LISTS.get(name, ()):
            return Spread(applied(name, [*args[:i], item, *args[i + 1 :]]) for item in arg)
    return FUNCTIONS[name](*args)


def present(values: Sequence[Any]) -> list[Any]:
    return [value for value in values if value is not None]


def average(values: Sequence[Any]) -> Any:
    numbers = present(values)
    return sum(numbers) / len(numbers) if numbers else None


def is_in(value: Any, items: Sequence[Any]) -> bool:
    return any(compared("=", value, item) for item in items)


def distinct(items: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for item in present(items):
        found += [] if is_in(item, found) else [item]
    return found


def common(a: Sequence[Any], b: Sequence[Any]) -> list[Any] | None:
    return distinct([item for item in a if is_in(item, b)]) or None


def is_subset(a: Sequence[Any], b: Sequence[Any]) -> bool:
    return all(is_in(item, b) for item in present(a))


def compared(symbol: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if isinstance(left, Span | str) and not isinstance(right, Span | str):
        return compared(MIRRORED[symbol], right, left)
    right = like_left(left, right)
    if isinstance(left, date) and isinstance(right, date | Span):
        return RELATIONS[symbol](moment_of(left), span_of(right))
    return OPERATORS[symbol](left, right)


def like_left(left: Any, right: Any) -> Any:
    """Return *right* as the type of *left*, if it is text and *left* is not."""
    match left:
        case str() | list():
            return right
        case _ if not isinstance(right, str):
            return right
        case bool():
            return {"true": True, "false": False}[right]
        case date():
            return read(right)
        case _:
            return float(right)


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


def is_like(text: str, pattern: str) -> bool:
    parts = {"%": ".*", "_": "."}
    regex = "".join(parts.get(letter) or re.escape(letter) for letter in pattern)
    return re.fullmatch(regex, text, re.DOTALL) is not None


def matches(text: str, regex: str) -> bool:
    return re.search(regex, text, re.ASCII) is not None


def regex_group(text: str, regex: str, group: int) -> str | None:
    found = re.search(regex, text, re.ASCII)
    return found[group] if found else None


def begin_of(unit: str, moment: datetime) -> datetime:
    if unit in _STEPS:
        return _ORIGIN + (moment - _ORIGIN) // _STEPS[unit] * _STEPS[unit]
    months = moment.year * 12 + moment.month - 1
    year, month = divmod(months // _MONTHS[unit] * _MONTHS[unit], 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def shifted(moment: datetime, count: int, unit: str) -> datetime:
    """Return *moment* moved by *count* units; a day that the month lacks becomes its last."""
    if unit in _STEPS:
        return moment + count * _STEPS[unit]
    months = moment.year * 12 + moment.month - 1 + count * _MONTHS[unit]
    first = moment.replace(year=months // 12, month=months % 12 + 1, day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(moment.day, last.day))


def day(year: int, month: int, day: int) -> Span:
    start = datetime(year, month, day, tzinfo=UTC)
    return Span(start, start + timedelta(days=1))


def moment_of(value: date | Span) -> datetime:
    match value:
        case Span():
            return value.start
        case datetime():
            return value
        case _:
            return datetime.combine(value, time(), UTC)


def span_of(value: date | Span) -> Span:
    return value if isinstance(value, Span) else Span(moment_of(value), moment_of(value))


def is_before(t: datetime, span: Span) -> bool:
    return t < span.start


def is_after(t: datetime, span: Span) -> bool:
    return t > span.start if span.start == span.end else t >= span.end


def is_on(t: datetime, span: Span) -> bool:
    return not is_before(t, span) and not is_after(t, span)


# What a comparison of a moment with a stretch of time means.
RELATIONS = {
    "=": is_on,
    "!=": lambda t, span: not is_on(t, span),
    "<": is_before,
    "<=": lambda t, span: not is_after(t, span),
    ">": is_after,
    ">=": lambda t, span: not is_before(t, span),
}

OCCURS: Mapping[str, Callable[..., bool]] = {
    "on": is_on,
    "before": is_before,
    "after": is_after,
    "between": lambda t, start, end: not is_before(t, start) and not is_after(t, end),
}

AGGREGATES: Mapping[str, Callable[[list[Any]], Any]] = {
    "sum": lambda values: sum(present(values)),
    "average": average,
    "min": lambda values: min(present(values), default=None),
    "max": lambda values: max(present(values), default=None),
}


# Which operands are lists.
LISTS: Mapping[str, Sequence[int]] = {
    **dict.fromkeys(("in", "notIn"), (1,)),
    **dict.fromkeys(("includes", "count", "distinct", "head"), (0,)),
    **dict.fromkeys(("intersects", "intersection", "subsetOf", "supersetOf"), (0, 1)),
}

# What is null when an operand is.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{s: lambda a, b, symbol=s: compared(symbol, a, b) for s in OPERATORS},
    "in": is_in,
    "notIn": lambda value, items: not is_in(value, items),
    "includes": lambda items, value: is_in(value, items),
    "intersects": lambda a, b: common(a, b) is not None,
    "intersection": common,
    "subsetOf": is_subset,
    "supersetOf": lambda a, b: is_subset(b, a),
    "distinct": distinct,
    "count": len,
    "head": lambda items: items[0] if items else None,
    "get": lambda entries, key: entries.get(key),
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": quotient,
    "%": remainder,
    "negate": operator.neg,
    "like": is_like,
    "matches": matches,
    "regexGroup": regex_group,
    "equals": text_test(operator.eq),
    "notEqualTo": text_test(operator.eq, is_negative=True),
    "contains": text_test(operator.contains),
    "doesNotContain": text_test(operator.contains, is_negative=True),
    "startsWith": text_test(str.startswith),
    "doesNotStartWith": text_test(str.startswith, is_negative=True),
    "endsWith": text_test(str.endswith),
    "doesNotEndWith": text_test(str.endswith, is_negative=True),
    "getMonth": lambda t: moment_of(t).month,
    "getYear": lambda t: moment_of(t).year,
    "getDayOfMonth": lambda t: moment_of(t).day,
    "date": day,
}
