"""A cursor over the tokens, and the errors that name what was expected and what was found."""

from __future__ import annotations

from segtoolkit.errors import PQLSyntaxError
from segtoolkit.pql.functions import FUNCTIONS, Form
from segtoolkit.pql.parser import habits
from segtoolkit.pql.tokens import Kind, Token, tokenize
from segtoolkit.pql.words import FOLLOWERS

NAMES = (Kind.NAME, Kind.QUOTED)

_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")
_BRACKETS = {**dict.fromkeys(_OPENING, 1), **dict.fromkeys(_CLOSING, -1)}
_OPERANDS = frozenset(Kind) - {Kind.SYMBOL, Kind.CARETS, Kind.END, Kind.ERROR}


class Stream:
    """The tokens of *text*, one of which is current.

    Attributes:
        token: the current one.
        open: how many brackets were opened and not yet closed before it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokenize(text)
        self._index = 0
        self.token = self._tokens[0]
        self.open = 0

    def advance(self) -> Token:
        """Return the current token and move on; the end stays current for ever."""
        passed = self.token
        if passed.kind is not Kind.END:
            self._index += 1
            self.token = self._tokens[self._index]
            self.open += _BRACKETS.get(passed.text, 0)
        return passed

    def peek(self, steps: int) -> Token:
        """Return the token *steps* after the current one; the end if there are fewer."""
        return self._tokens[min(self._index + steps, len(self._tokens) - 1)]

    def at(self, word: str) -> bool:
        """Tell whether the current token is a symbol, or a keyword in any case."""
        return self.token.text.lower() == word

    def take(self, word: str) -> bool:
        """Move past *word* if it is current, and tell whether it was."""
        if found := self.at(word):
            self.advance()
        return found

    def expect(self, word: str) -> None:
        if not self.take(word):
            hint = self._hint() if word in _CLOSING else ""
            raise self.expected(f"`{word}`", hint=hint)

    def expect_end(self) -> None:
        if self.token.kind is not Kind.END:
            raise self.expected("an operator or the end", hint=self._hint())

    def name(self, what: str) -> str:
        """Move past a name and return it; *what* says in an error what it would name."""
        if self.token.kind not in NAMES:
            raise self.expected(what)
        return spelled(self.advance())

    def member(self, what: str) -> str:
        """Move past a name as it may stand after a dot, and return it."""
        if self.token.kind is Kind.PREFIXED:
            return spelled(self.advance())
        return self.name(what)

    def expected(
        self, what: str, found: Token | None = None, hint: str = ""
    ) -> PQLSyntaxError:
        """Make the error that *found*, the current token by default, is not *what*.

        *hint* is what to say unless a habit from another language explains it.
        """
        passed = found is not None and found is not self.token
        found = found or self.token
        habit = habits.remedy(self._tokens, self._index - passed)
        hint = f"; {habit}" if habit else hint
        return self.wrong(f"Expected {what}, found {shown(found)}{hint}", found)

    def wrong(self, reason: str, token: Token) -> PQLSyntaxError:
        return PQLSyntaxError(reason, self.text, token.pos)

    def _hint(self) -> str:
        """Say what may be missing before the current token, where an operator should be."""
        row = FUNCTIONS.get(self.token.text)
        if row is not None and row.form is Form.METHOD:
            return f"; `{row.name}` is a method, as in field.{row.name}(…)"
        before = self._tokens[self._index - 1]
        ended = before.kind in _OPERANDS or before.text in _CLOSING
        begins = self.token.kind in _OPERANDS and self.token.text.lower() not in FOLLOWERS
        return "; is an `and` or `or` missing?" if ended and begins else ""


def spelled(token: Token) -> str:
    """Return the name that *token* stands for, without back-ticks or the old prefix ``xdm:``."""
    if token.kind is Kind.QUOTED:
        return token.text[1:-1]
    return token.text.removeprefix("xdm:") if token.kind is Kind.PREFIXED else token.text


def shown(token: Token, most: int = 40) -> str:
    """Quote *token* for an error message, cut where it is long."""
    if token.kind is Kind.END:
        return "end of text"
    text = token.text if len(token.text) <= most else token.text[: most - 1] + "…"
    return text if token.kind is Kind.QUOTED else f"`{text}`"
