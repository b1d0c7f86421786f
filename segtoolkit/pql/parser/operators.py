"""What may follow an operand: operators, ``.name``, ``.method( … )`` and ``[ filter ]``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segtoolkit.pql.functions import Form, Function
from segtoolkit.pql.nodes import Call, Expr, Field, Filter, ListLiteral
from segtoolkit.pql.parser import operands
from segtoolkit.pql.tokens import Kind, Token

if TYPE_CHECKING:
    from segtoolkit.pql.parser.core import Parser


def joined(p: Parser, left: Expr, token: Token, row: Function) -> Call:
    """Read ``a and b and c`` as one call, however many there are."""
    terms = [left, p.expression(row.binding)]
    while p.take(row.name):
        terms.append(p.expression(row.binding))
    return Call(row.name, tuple(terms), pos=token.pos)


def arithmetic(p: Parser, left: Expr, token: Token, row: Function) -> Call:
    return Call(row.name, (left, p.expression(row.binding)), pos=token.pos)


def comparison(p: Parser, left: Expr, token: Token, row: Function) -> Call:
    right = p.expression(row.binding)
    p.end_comparison()
    return Call(row.name, (left, right), pos=token.pos)


def membership(p: Parser, left: Expr, token: Token, row: Function) -> Call:
    """Read ``in [1, 2]`` and, as some write it, ``in (1, 2)``."""
    if not _is_list_in_parentheses(p):
        return comparison(p, left, token, row)
    opening = p.advance()
    among = ListLiteral(operands.items(p, ")"), pos=opening.pos)
    p.end_comparison()
    return Call(row.name, (left, among), pos=token.pos)


def _is_list_in_parentheses(p: Parser) -> bool:
    if p.token.text != "(":
        return False
    first = 2 if p.peek(1).text == "-" else 1
    token, after = p.peek(first), p.peek(first + 1)
    literal = token.kind in _LITERALS or token.text in ("true", "false", "null")
    return literal and after.text in (",", ")")


_LITERALS = (Kind.STRING, Kind.INTEGER, Kind.DOUBLE)


def member(p: Parser, left: Expr, _: Token, __: Function) -> Expr:
    name = p.token
    if name.kind is not Kind.NAME or p.peek(1).text != "(":
        return Field(left, p.member("a field or function name after `.`"), pos=name.pos)
    row = operands.known(p, name, Form.METHOD)
    p.advance()
    p.expect("(")
    return operands.call(p, name, row, (left, *operands.items(p, ")")))


def filter_(p: Parser, left: Expr, token: Token, _: Function) -> Filter:
    where = p.expression()
    p.expect("]")
    return Filter(left, where, pos=token.pos)
