"""Time and sequence: ``occurs`` with all its forms, and ``chain`` with its elements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import methodcaller
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

from segtoolkit.pql.functions import COMPARISON, Function
from segtoolkit.pql.nodes import (
    Call,
    Chain,
    Distance,
    Duration,
    Element,
    Expr,
    Occurs,
    TimeRange,
)
from segtoolkit.pql.parser import operands
from segtoolkit.pql.tokens import Kind, Token
from segtoolkit.pql.words import COMPARISONS, UNITS

if TYPE_CHECKING:
    from segtoolkit.pql.parser.core import Parser

_DIRECTIONS: Mapping[str, OneOf["before", "after"]] = {
    "before": "before",
    "after": "after",
    "from": "after",
}


def occurs(p: Parser, left: Expr, token: Token, _: Function) -> Occurs:
    found = _occurs(p, left, token.pos)
    p.end_comparison()
    return found


def _occurs(p: Parser, timestamp: Expr | None, pos: int) -> Occurs:
    word = p.token.text.lower()
    if word in COMPARISONS:
        distance = p.below(_distance)
        return Occurs(timestamp, _direction(p), _time(p), distance, pos=pos)
    if word in _DIRECTIONS:
        return Occurs(timestamp, _direction(p), _time(p), pos=pos)
    if p.take("between"):
        return Occurs(timestamp, "between", p.below(_range), pos=pos)
    if p.at("on") or p.at("within"):
        p.advance()
    return Occurs(timestamp, "on", _time(p), pos=pos)


def _direction(p: Parser) -> OneOf["before", "after"]:
    word = p.token.text.lower()
    if word not in _DIRECTIONS:
        raise p.expected("`before` or `after`")
    p.advance()
    return _DIRECTIONS[word]


def _range(p: Parser) -> TimeRange:
    start = _time(p)
    p.expect("and")
    return TimeRange(start, _time(p), pos=start.pos)


def _time(p: Parser) -> Expr:
    begin = p.token
    found = p.expression(COMPARISON)
    if p.token.text.lower() in UNITS:
        length = f"{begin.text if begin.kind is Kind.INTEGER else 3} {p.token.text}"
        reason = f"A distance needs a comparison, as in occurs <= {length} before now"
        raise p.wrong(reason, begin)
    return found


def _distance(p: Parser) -> Distance:
    comparison = p.token
    if comparison.text not in COMPARISONS:
        raise p.expected("a comparison such as `<=`")
    p.advance()
    count = p.expression(COMPARISON)
    if p.token.text.lower() not in UNITS:
        raise p.expected("a unit such as `days`")
    duration = Duration(count, UNITS[p.advance().text.lower()], pos=count.pos)
    return Distance(comparison.text, duration, pos=comparison.pos)


def chain(p: Parser, token: Token) -> Chain:
    p.expect("(")
    array = p.expression()
    p.expect(",")
    timestamp = p.expression()
    p.expect(",")
    p.expect("[")
    elements = [p.below(_element)]
    while p.take(","):
        elements.append(p.below(_element))
    p.expect("]")
    p.expect(")")
    return Chain(array, timestamp, tuple(elements), pos=token.pos)


def begins_chain(p: Parser) -> bool:
    return p.token.text == "("


def _element(p: Parser) -> Element:
    pos = p.token.pos
    negated = p.peek(1).text != ":" and (p.take("!") or p.take("not"))
    name = p.name("the name of an element, as in C0: WHAT(…)")
    p.expect(":")
    clauses = _clauses(p)
    what = [clauses[word] for word in ("what", "where") if word in clauses]
    return Element(
        name,
        negated,
        Call("and", tuple(what), pos=pos) if len(what) == 2 else next(iter(what), None),
        clauses.get("when"),
        clauses.get("count"),
        clauses.get("gap", ()),
        pos=pos,
    )


def _clauses(p: Parser) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while (word := p.token.text.lower()) in _CLAUSES:
        if word in found:
            raise p.wrong(f"`{word.upper()}` is given twice", p.token)
        p.advance()
        p.expect("(")
        found[word] = _CLAUSES[word](p)
        p.expect(")")
    return found


def _when(p: Parser) -> Expr:
    """Read what `occurs` would say about the event's timestamp, with and, or, not."""
    return _joined(p, "or", _when_all)


def _when_all(p: Parser) -> Expr:
    return _joined(p, "and", _when_one)


def _joined(p: Parser, word: str, term: Callable[[Parser], Expr]) -> Expr:
    terms, pos = [p.below(term)], p.token.pos
    while p.take(word):
        terms.append(p.below(term))
    return Call(word, tuple(terms), pos=pos) if len(terms) > 1 else terms[0]


def _when_one(p: Parser) -> Expr:
    begin = p.token
    if p.take("("):
        found = _when(p)
        p.expect(")")
        return found
    if p.take("not") or p.take("!"):
        return Call("not", (p.below(_when_one),), pos=begin.pos)
    return _occurs(p, None, begin.pos)


def _count(p: Parser) -> tuple[str, int]:
    comparison = p.advance().text if p.token.text in COMPARISONS else ">="
    if p.token.kind is not Kind.INTEGER:
        raise p.expected("a whole number of events")
    return comparison, operands.whole(p, p.advance())


def _gap(p: Parser) -> tuple[Distance, ...]:
    distances = [p.below(_distance)]
    while p.take("and"):
        distances.append(p.below(_distance))
    return tuple(distances)


_CLAUSES: Mapping[str, Callable[[Parser], Any]] = {
    "what": methodcaller("expression"),
    "where": methodcaller("expression"),
    "when": _when,
    "count": _count,
    "gap": _gap,
}
