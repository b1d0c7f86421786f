"""The Pratt loop: an operand, then operators as long as they bind tightly enough.

One table says how an operand may begin, the other what may follow one. Both are keyed by the text of a
token. Everything is contextual: ``exists``, ``sum`` or ``last`` are names unless what follows them
makes them keywords.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from segtoolkit.errors import PQLSyntaxError
from segtoolkit.pql.depth import DEEPEST, make_room
from segtoolkit.pql.functions import (
    AND,
    COMPARISON,
    FUNCTIONS,
    NEGATION,
    NOT,
    OR,
    PRODUCT,
    SUM,
    Form,
    Function,
)
from segtoolkit.pql.nodes import Expr
from segtoolkit.pql.parser import binders, events, operands, operators
from segtoolkit.pql.parser.stream import Stream
from segtoolkit.pql.tokens import Kind, Token
from segtoolkit.pql.words import AGGREGATIONS, QUANTIFIERS, TIME_WORDS

T = TypeVar("T")

LOOSEST, POSTFIX, ATOM = 0, NEGATION + 1, NEGATION + 2


def parse(text: str) -> Expr:
    """Read a PQL expression.

    >>> parse('homeAddress.country = "US"').args[1]
    Literal(value='US')

    Raises:
        PQLSyntaxError: *text* is not PQL; says what was expected and what was found.
        PQLTypeError: a function is unknown, or has too few or too many operands.
    """
    parser = Parser(text)
    expr = parser.expression()
    parser.expect_end()
    return expr


class Parser(Stream):
    """A stream that reads expressions.

    Attributes:
        barred: while a ``let`` value is read, the number of brackets open around it: there ``in``
            ends the value instead of being an operator.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.barred = -1
        self._depth = 0  # of what is being read, bracket in bracket
        self._height = 0  # of the tree read so far inside the innermost bracket

    def expression(self, binding: int = LOOSEST) -> Expr:
        """Read an operand and the operators after it that bind tighter than *binding*."""
        outer, self._height = self._height, 0
        self._descend(1)
        token = self.advance()
        begin = self._begin(token)
        if begin.binding < binding:
            raise self._too_loose(token)
        left = begin.read(self, token)
        self._grow(token, token.text != "(")
        while (follow := self.follow()) is not None and follow.row.binding > binding:
            token = self.advance()
            left = follow.read(self, left, token, follow.row)
            self._grow(token)
        self._depth -= 1
        self._height = max(outer, self._height)
        return left

    def below(self, read: Callable[[Parser], T]) -> T:
        """Read a node that is no expression, one level below the one being read."""
        outer, self._height = self._height, 0
        self._descend(2)
        found = read(self)
        self._grow(self.token)
        self._depth -= 2
        self._height = max(outer, self._height)
        return found

    def follow(self) -> Follow | None:
        """Return the row of the current token if it is an operator here."""
        found = FOLLOWS.get(self.token.text.lower())
        if found is not None and found.row.name == "in" and self.open == self.barred:
            return None
        return found

    def end_comparison(self) -> None:
        """Refuse ``a < b < c``."""
        follow = self.follow()
        if follow is not None and follow.row.binding == COMPARISON:
            reason = (
                "Comparisons cannot be chained; join them with `and` or use parentheses"
            )
            raise self.wrong(reason, self.token)

    def _descend(self, steps: int) -> None:
        # A level of the tree may take two steps, as does each one of ``not ( not ( …``.
        self._depth += steps
        make_room(self._depth)
        if self._depth > 2 * DEEPEST:
            raise self._too_deep(self.token)

    def _grow(self, token: Token, levels: int = 1) -> None:
        self._height += levels
        make_room(self._height)
        if self._height > DEEPEST:
            raise self._too_deep(token)

    def _begin(self, token: Token) -> Begin:
        if token.kind is Kind.NAME:
            return self._begin_word(token)
        if token.kind is Kind.QUOTED and self.at("=>"):
            return _LAMBDA
        if token.text == "(" and binders.are_parameters(self):
            return _LAMBDA
        found = KINDS.get(token.kind) or SYMBOLS.get(token.text)
        if found is None:
            raise self.expected("an operand", token)
        return found

    def _begin_word(self, token: Token) -> Begin:
        lower = token.text.lower()
        word = WORDS.get(token.text) or KEYWORDS.get(lower)
        if word is not None and word.applies(self):
            return word
        if lower in FOLLOWS:
            raise self.expected("an operand", token)
        if self.token.text == "(":
            return _FUNCTION
        return _LAMBDA if self.token.text == "=>" else KINDS[Kind.NAME]

    def _too_loose(self, token: Token) -> PQLSyntaxError:
        if self.at("=>"):
            return self.wrong("`=>` makes a lambda; did you mean `>=`?", self.token)
        return self.wrong(f"Put parentheses around `{token.text} …` here", token)

    def _too_deep(self, token: Token) -> PQLSyntaxError:
        return self.wrong(f"The expression is nested deeper than {DEEPEST} levels", token)


@dataclass(frozen=True, slots=True)
class Begin:
    """How an operand that begins in some way is read, after its first token.

    Attributes:
        read: gets that token.
        binding: where more is asked for, the operand needs parentheses.
        applies: looks at what follows, and tells whether the word is a keyword here.
    """

    read: Callable[[Parser, Token], Expr]
    binding: int = ATOM
    applies: Callable[[Parser], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Follow:
    """How an operator is read, after its token: *read* gets its left side and its *row*."""

    row: Function
    read: Callable[[Parser, Expr, Token, Function], Expr]


_LAMBDA = Begin(binders.lambda_, LOOSEST)
_FUNCTION = Begin(operands.function)

KINDS = {
    Kind.NAME: Begin(operands.name),
    Kind.QUOTED: Begin(operands.name),
    Kind.STRING: Begin(operands.string),
    Kind.INTEGER: Begin(operands.integer),
    Kind.DOUBLE: Begin(operands.double),
    Kind.PARAMETER: Begin(operands.parameter),
    Kind.MODEL: Begin(operands.model),
    Kind.CARETS: Begin(operands.up),
}

SYMBOLS = {
    "(": Begin(operands.group),
    "[": Begin(operands.list_),
    "{": Begin(operands.object_),
    "-": Begin(operands.negation, NEGATION),
    "!": Begin(operands.not_, NOT),
}

# These are values, and as case sensitive as names.
WORDS = {
    **dict.fromkeys(("true", "false", "null"), Begin(operands.constant)),
    **dict.fromkeys(TIME_WORDS, Begin(operands.time_word)),
}

_CALENDAR = Begin(operands.calendar_unit, applies=operands.begins_unit)
_QUANTIFIER = Begin(binders.quantifier, applies=binders.begins_variable)
_AGGREGATION = Begin(binders.aggregation, applies=binders.begins_value)

KEYWORDS = {
    "not": Begin(operands.not_, NOT),
    "let": Begin(binders.let, LOOSEST, binders.begins_let),
    "select": Begin(binders.select, applies=binders.begins_selection),
    "chain": Begin(events.chain, applies=events.begins_chain),
    "this": Begin(operands.this),
    "last": _CALENDAR,
    "next": _CALENDAR,
    **dict.fromkeys(QUANTIFIERS, _QUANTIFIER),
    **dict.fromkeys(AGGREGATIONS, _AGGREGATION),
}

_READ = {
    OR: operators.joined,
    AND: operators.joined,
    COMPARISON: operators.comparison,
    SUM: operators.arithmetic,
    PRODUCT: operators.arithmetic,
}

FOLLOWS = {
    ".": Follow(Function(".", Form.INFIX, 2, 2, binding=POSTFIX), operators.member),
    "[": Follow(Function("[", Form.INFIX, 2, 2, binding=POSTFIX), operators.filter_),
    "occurs": Follow(
        Function("occurs", Form.INFIX, 2, 2, binding=COMPARISON), events.occurs
    ),
    **{
        row.name.lower(): Follow(row, _READ[row.binding])
        for row in FUNCTIONS.values()
        if row.binding and row.form is not Form.PREFIX
    },
    "in": Follow(FUNCTIONS["in"], operators.membership),
    "notin": Follow(FUNCTIONS["notIn"], operators.membership),
}
