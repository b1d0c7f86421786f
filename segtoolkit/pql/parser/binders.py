"""What binds names: ``select``, quantifiers, ``sum … over``, ``let`` and lambdas.

All of them run as far to the right as they can, so texts put them in parentheses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Literal as OneOf

from segtoolkit.pql.functions import COMPARISON, NEGATION
from segtoolkit.pql.nodes import Aggregation, Declaration, Lambda, Let, Quantifier, Select
from segtoolkit.pql.parser.stream import NAMES, spelled
from segtoolkit.pql.tokens import Kind, Token
from segtoolkit.pql.words import FOLLOWERS

if TYPE_CHECKING:
    from segtoolkit.pql.parser.core import Parser

_QUANTIFIERS: dict[str, OneOf["exists", "forall", "none", "one"]] = {
    "exists": "exists",
    "some": "exists",
    "forall": "forall",
    "all": "forall",
    "none": "none",
    "one": "one",
}
_AGGREGATIONS: dict[str, OneOf["sum", "average", "min", "max"]] = {
    "sum": "sum",
    "average": "average",
    "min": "min",
    "max": "max",
}


def select(p: Parser, token: Token) -> Select:
    return Select(_declarations(p), pos=token.pos)


def begins_selection(p: Parser) -> bool:
    """Tell whether a selection comes next, be it one whose variable was forgotten."""
    return begins_variable(p) or p.at("from")


def quantifier(p: Parser, token: Token) -> Quantifier:
    kind = _QUANTIFIERS[token.text.lower()]
    return Quantifier(kind, _declarations(p), pos=token.pos)


def begins_variable(p: Parser) -> bool:
    """Tell whether a variable comes next, so that the word before it is a keyword."""
    follows = p.token.text.lower() in FOLLOWERS
    return (p.token.kind in NAMES and not follows) or _is_declaration(p, 0)


def aggregation(p: Parser, token: Token) -> Aggregation:
    """Read ``sum value over V from list`` or the short ``sum V from list``."""
    value = None
    if not _is_declaration(p, 0):
        value = p.expression(COMPARISON)
        p.expect("over")
    kind = _AGGREGATIONS[token.text.lower()]
    return Aggregation(kind, value, _declarations(p), pos=token.pos)


def begins_value(p: Parser) -> bool:
    """Tell whether the value of an aggregation comes next, so that the word is a keyword."""
    return begins_variable(p) or p.token.kind in _VALUES or p.token.text in ("(", "{")


_VALUES = frozenset(Kind) - {Kind.NAME, Kind.SYMBOL, Kind.END}


def _declarations(p: Parser) -> tuple[Declaration, ...]:
    found = [p.below(_declaration)]
    while p.token.text == "," and _is_declaration(p, 1):
        p.advance()
        found.append(p.below(_declaration))
    return tuple(found)


def _is_declaration(p: Parser, ahead: int) -> bool:
    return p.peek(ahead).kind in NAMES and p.peek(ahead + 1).text.lower() == "from"


def _declaration(p: Parser) -> Declaration:
    pos = p.token.pos
    if p.at("from") and not _is_declaration(p, 0):
        raise p.expected("a variable before `from`")
    name = p.name("a variable")
    p.expect("from")
    source = p.expression(NEGATION)
    where = p.expression() if p.take("where") or p.take(":") else None
    return Declaration(name, source, where, pos=pos)


def let(p: Parser, token: Token) -> Let:
    name = p.name("a variable")
    p.expect("=")
    outer, p.barred = p.barred, p.open
    value = p.expression()
    p.barred = outer
    p.expect("in")
    return Let(name, value, p.expression(), pos=token.pos)


def begins_let(p: Parser) -> bool:
    return p.token.kind in NAMES and p.peek(1).text == "="


def lambda_(p: Parser, token: Token) -> Lambda:
    """Read ``x => body`` or ``(x, y) => body``, after its first token."""
    params = [] if token.text == "(" else [spelled(token)]
    while not p.take("=>"):
        if p.token.kind in NAMES:
            params.append(p.name("a parameter"))
        else:
            p.advance()
    return Lambda(tuple(params), p.expression(), pos=token.pos)


def are_parameters(p: Parser) -> bool:
    """Tell whether, after an opening parenthesis, the parameters of a lambda come next."""
    ahead = 0
    while p.peek(ahead).kind in NAMES and p.peek(ahead + 1).text == ",":
        ahead += 2
    is_last = p.peek(ahead).kind in NAMES and p.peek(ahead + 1).text == ")"
    return is_last and p.peek(ahead + 2).text == "=>"
