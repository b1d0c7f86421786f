"""What an expression may begin with: literals, names, brackets, prefix operators, function calls."""

from __future__ import annotations

import re
from difflib import get_close_matches
from math import isinf
from typing import TYPE_CHECKING

from segtoolkit.errors import PQLTypeError
from segtoolkit.pql.functions import FUNCTIONS, NEGATION, NOT, Form, Function
from segtoolkit.pql.nodes import (
    CalendarUnit,
    Call,
    Expr,
    ListLiteral,
    Literal,
    Model,
    Name,
    ObjectLiteral,
    Parameter,
    This,
    TimeWord,
    Up,
)
from segtoolkit.pql.parser import habits
from segtoolkit.pql.parser.stream import spelled
from segtoolkit.pql.tokens import Kind, Token
from segtoolkit.pql.words import CALENDAR_RELATIONS, TIME_WORDS, UNITS

if TYPE_CHECKING:
    from segtoolkit.pql.parser.core import Parser

_ESCAPE = re.compile(r'\\(["\\])')
_CONSTANTS = {"true": True, "false": False, "null": None}
_TOO_LARGE = 2**63


def constant(_: Parser, token: Token) -> Literal:
    return Literal(_CONSTANTS[token.text], pos=token.pos)


def string(_: Parser, token: Token) -> Literal:
    return Literal(unescaped(token), pos=token.pos)


def unescaped(token: Token) -> str:
    """Return the value of a string token; a lone backslash stands for itself."""
    return _ESCAPE.sub(r"\1", token.text[1:-1])


def integer(p: Parser, token: Token) -> Literal:
    return Literal(whole(p, token), pos=token.pos)


def double(p: Parser, token: Token) -> Literal:
    return Literal(_fraction(p, token), pos=token.pos)


def negation(p: Parser, token: Token) -> Expr:
    """Read ``-x``; the sign of a number that stands alone is part of the literal."""
    read = _NUMBERS.get(p.token.kind)
    if read is not None and p.peek(1).text not in (".", "["):
        return Literal(read(p, p.advance(), -1), pos=token.pos)
    return Call("negate", (p.expression(NEGATION),), pos=token.pos)


def whole(p: Parser, token: Token, sign: int = 1) -> int:
    """Return the value of an integer token."""
    digits = token.text.lstrip("0") or "0"
    # Python refuses to convert thousands of digits, so they are counted first.
    value = sign * int(digits) if len(digits) < 20 else _TOO_LARGE
    if not -_TOO_LARGE <= value < _TOO_LARGE:
        raise p.wrong("The integer does not fit in 64 bits", token)
    return value


def _fraction(p: Parser, token: Token, sign: int = 1) -> float:
    value = sign * float(token.text)
    if isinf(value):
        raise p.wrong("The number does not fit in a double", token)
    return value


_NUMBERS = {Kind.INTEGER: whole, Kind.DOUBLE: _fraction}


def not_(p: Parser, token: Token) -> Call:
    return Call("not", (p.expression(NOT),), pos=token.pos)


def group(p: Parser, _: Token) -> Expr:
    inside = p.expression()
    p.expect(")")
    return inside


def list_(p: Parser, token: Token) -> ListLiteral:
    return ListLiteral(items(p, "]"), pos=token.pos)


def items(p: Parser, close: str) -> tuple[Expr, ...]:
    """Read expressions with commas between them, and the bracket that ends them."""
    found = []
    if not p.at(close):
        found.append(p.expression())
        while p.take(","):
            found.append(p.expression())
    p.expect(close)
    return tuple(found)


def object_(p: Parser, token: Token) -> ObjectLiteral:
    entries: list[tuple[str, Expr]] = []
    while not entries or p.take(","):
        if p.token.kind is not Kind.STRING:
            raise p.expected('a key such as "count"')
        key = unescaped(p.advance())
        p.expect(":")
        entries.append((key, p.expression()))
    p.expect("}")
    return ObjectLiteral(tuple(entries), pos=token.pos)


def name(_: Parser, token: Token) -> Name:
    return Name(spelled(token), pos=token.pos)


def parameter(_: Parser, token: Token) -> Parameter:
    return Parameter(int(token.text[1:]), pos=token.pos)


def model(_: Parser, token: Token) -> Model:
    return Model(token.text[2:-1], pos=token.pos)


def up(p: Parser, token: Token) -> Up:
    """Read ``^name``; the dot of ``^^.person`` says nothing."""
    p.take(".")
    return Up(len(token.text), p.member("a field name after `^`"), pos=token.pos)


def time_word(_: Parser, token: Token) -> TimeWord:
    return TimeWord(TIME_WORDS[token.text], pos=token.pos)


def this(p: Parser, token: Token) -> This | CalendarUnit:
    return calendar_unit(p, token) if begins_unit(p) else This(pos=token.pos)


def begins_unit(p: Parser) -> bool:
    return p.token.text.lower() in UNITS


def calendar_unit(p: Parser, token: Token) -> CalendarUnit:
    unit = UNITS[p.advance().text.lower()]
    return CalendarUnit(CALENDAR_RELATIONS[token.text.lower()], unit, pos=token.pos)


def function(p: Parser, token: Token) -> Call:
    row = known(p, token, Form.FUNCTION)
    p.expect("(")
    return call(p, token, row, items(p, ")"))


def known(p: Parser, token: Token, form: Form) -> Function:
    """Return the row of the function *token* names, or explain what is wrong with the name."""
    row = FUNCTIONS.get(token.text)
    if row is not None and row.form is form:
        return row
    raise PQLTypeError(_correction(token.text, row, form), p.text, token.pos)


def _correction(written: str, row: Function | None, form: Form) -> str:
    if row is not None:
        return f"`{written}` is written {_EXAMPLES[row.form].format(written)}"
    if written.lower() in habits.FUNCTIONS:
        return f"There is no function `{written}`; {habits.FUNCTIONS[written.lower()]}"
    callable_ = [r.name for r in FUNCTIONS.values() if r.form in (form, Form.METHOD)]
    by_case = {known_name.lower(): known_name for known_name in callable_}
    near = get_close_matches(written.lower(), by_case, n=1)
    guess = f"; did you mean `{by_case[near[0]]}`?" if near else ""
    return f"There is no function `{written}`{guess}"


_EXAMPLES = {
    Form.INFIX: "between its operands, as in a {} b",
    Form.PREFIX: "before its operand, as in {} a",
    Form.METHOD: "after its operand, as in field.{}(…)",
    Form.FUNCTION: "before its operands, as in {}(…)",
}


def call(p: Parser, token: Token, row: Function, args: tuple[Expr, ...]) -> Call:
    """Make the call of *row*, unless the number of operands is wrong."""
    if len(args) < row.least or (row.most is not None and len(args) > row.most):
        raise PQLTypeError(_miscounted(row, len(args)), p.text, token.pos)
    return Call(row.name, args, pos=token.pos)


def _miscounted(row: Function, given: int) -> str:
    receiver = 1 if row.form is Form.METHOD else 0
    least = row.least - receiver
    most = None if row.most is None else row.most - receiver
    counts = {None: f"at least {least}", least: f"{least}"}.get(most, f"{least} or {most}")
    plural = "" if (most or least) == 1 else "s"
    return f"`{row.name}` takes {counts} argument{plural}, not {given - receiver}"
