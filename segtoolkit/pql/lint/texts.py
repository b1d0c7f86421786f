"""Tests of texts that say something simpler, or something else, than they seem to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from segtoolkit.pql import nodes as n
from segtoolkit.pql.lint.findings import Problem, quoted, rewrite
from segtoolkit.pql.lint.places import Place, alternatives, is_call
from segtoolkit.pql.lint.scope import type_of
from segtoolkit.pql.types import DOUBLE, INTEGER, STRING, TIME

_NO_CASE = n.Literal(False)  # noqa: FBT003
_BY_ENDS = {
    (True, True): "contains",
    (True, False): "endsWith",
    (False, True): "startsWith",
    (False, False): "equals",
}


def like_without_wildcard(place: Place) -> Iterator[Problem]:
    match place.node:
        case n.Call("like", (value, n.Literal(str(pattern)))) as node:
            if pattern and not re.search("[%_]", pattern):
                message = f"{quoted(node)} has no `%` or `_`, so it asks for equality"
                yield Problem(node, message, rewrite(n.Call("=", (value, node.args[1]))))
        case _:
            return


def like_as_method(place: Place) -> Iterator[Problem]:
    """Find ``like "%x%"``, for which there is a method whose text may hold anything."""
    match place.node:
        case n.Call("like", (value, n.Literal(str(pattern)))) as node:
            inner = pattern.strip("%")
            ends = pattern.startswith("%"), pattern.endswith("%")
            if pattern and not inner:
                message = f"{quoted(node)} is true of every text"
                yield Problem(node, message, rewrite(n.Call("isNotNull", (value,))))
            elif any(ends) and not re.search("[%_]", inner):
                simple = n.Call(_BY_ENDS[ends], (value, n.Literal(inner)))
                yield Problem(node, f"{quoted(node)} has a plainer form", rewrite(simple))
        case _:
            return


_PLAIN = re.compile(
    r"(?P<fold>\(\?i\))?(?P<start>\^)?(?P<any>\.\*)?(?P<text>[\w \-@/:,;'&%#!~=]+)"
    r"(?P<rest>\.\*)?(?P<end>\$)?"
)


def matches_plain_text(place: Place) -> Iterator[Problem]:
    """Find a regular expression that is a text, perhaps anchored."""
    match place.node:
        case n.Call("matches", (value, n.Literal(str(pattern)))) as node:
            found = _PLAIN.fullmatch(pattern)
            if found is None:
                return
            open_start = found["start"] is None or found["any"] is not None
            open_end = found["end"] is None or found["rest"] is not None
            case = (_NO_CASE,) if found["fold"] else ()
            name = _BY_ENDS[open_start, open_end]
            simple = n.Call(name, (value, n.Literal(found["text"]), *case))
            message = f"{quoted(node)} needs no regular expression"
            yield Problem(node, message, rewrite(simple))
        case _:
            return


_OF_ANY = {"contains": True, "startsWith": True, "endsWith": True, "matches": True}
_OF_NONE = {"doesNotContain": False, "doesNotStartWith": False, "doesNotEndWith": False}


def empty_text(place: Place) -> Iterator[Problem]:
    match place.node:
        case n.Call(name, (value, n.Literal(""), *_)) as node if name in _OF_ANY:
            message = f"{quoted(node)} is true of every text"
            yield Problem(node, message, rewrite(n.Call("isNotNull", (value,))))
        case n.Call(name, (_, n.Literal(""), *_)) as node if name in _OF_NONE:
            message = f"{quoted(node)} is never true: every text has an empty one in it"
            yield Problem(node, message, "Give the text that is not wanted")
        case _:
            return


def equal_to_empty_text(place: Place) -> Iterator[Problem]:
    """Find ``= ""``, which a missing value does not pass, unless that is asked as well."""
    tests = list(alternatives(place))
    others = {test for test in tests if is_call(test, "isNull")}
    for test in tests:
        match test:
            case n.Call("=" | "equals" | "like", (value, n.Literal(""), *_)):
                missing = n.Call("isNull", (value,))
                if missing not in others:
                    message = (
                        f"{quoted(test)} is true of an empty text, not of a missing one"
                    )
                    either = n.Call("or", (test, missing))
                    yield Problem(test, message, f"{rewrite(either)} for both")
            case _:
                continue


def ordered_texts(place: Place) -> Iterator[Problem]:
    """Find ``<`` and the like with a text, which is no number and no time."""
    node = place.node
    if not isinstance(node, n.Call) or node.name not in ("<", "<=", ">", ">="):
        return
    for other, bound in (node.args, node.args[::-1]):
        kind = type_of(other, place.scope)
        message = f"{quoted(node)} compares texts letter by letter"
        if kind == STRING and _is_number(bound, place):
            yield Problem(node, message, _LOADED_AS_NUMBERS)
            return
        match bound:
            case n.Literal(str(text)) if kind not in (TIME, INTEGER, DOUBLE):
                remedy = _ordered(node, other, text, is_known=kind == STRING)
                yield Problem(node, message, remedy)
                return
            case _:
                continue


# Only a schema tells that a field is text; `> 2024-01-31` is a number as well.
_LOADED_AS_NUMBERS = (
    "Load the field as numbers, or as dates if it is compared with `date(…)`"
)


def _is_number(expr: n.Expr, place: Place) -> bool:
    if isinstance(expr, n.Literal):
        return type(expr.value) in (int, float)
    return type_of(expr, place.scope) in (INTEGER, DOUBLE)


def text_as_time(place: Place) -> Iterator[Problem]:
    """Find a field that is asked for as a time and is text, such as days written 31/01/2024."""
    field = _asked_as_time(place)
    if field is not None and type_of(field, place.scope) == STRING:
        message = f"{quoted(field)} is text, of which only what is ISO 8601 is a time"
        remedy = "Load the field as dates, or as texts like 2024-01-31"
        yield Problem(place.node, message, remedy)


def _asked_as_time(place: Place) -> n.Expr | None:
    match place.node:
        case n.Occurs(timestamp):
            return timestamp
        case n.Call("<" | "<=" | ">" | ">=" | "=" | "!=", (left, right)):
            pairs = ((left, right), (right, left))
            times = (a for a, b in pairs if type_of(b, place.scope) == TIME)
            return next(times, None)
        case _:
            return None


def _ordered(node: n.Call, other: n.Expr, text: str, *, is_known: bool) -> str:
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        if is_known:
            return _LOADED_AS_NUMBERS
        number = n.Literal(float(text) if "." in text else int(text))
        args = tuple(number if isinstance(arg, n.Literal) else arg for arg in node.args)
        return f"{rewrite(n.Call(node.name, args))} if the field is a number"
    day = _day(text)
    if day is not None:
        after = (node.name in (">", ">=")) == (node.args[0] is other)
        parts = tuple(n.Literal(part) for part in (day.year, day.month, day.day))
        occurs = n.Occurs(other, "after" if after else "before", n.Call("date", parts))
        return f"{rewrite(occurs)} if the field is a date"
    return "Compare with a number, or name the texts in a list with `in`"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
