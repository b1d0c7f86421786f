"""Refused expressions: a reason, a text and an offset go in, a line with a caret comes out."""

from __future__ import annotations

from segtoolkit.errors.base import SegtoolkitError


class PQLError(SegtoolkitError):
    """An expression is refused.

    Attributes:
        reason: what is wrong, in one sentence, without the position.
        text: the whole expression; empty when it came as JSON.
        offset: 0-based index into *text* of the offending place.
        line: 1-based.
        column: 1-based, in characters.
    """

    def __init__(self, reason: str, text: str = "", offset: int = 0) -> None:
        self.reason = reason
        self.text = text
        self.offset = min(max(offset, 0), len(text))
        before = text[: self.offset]
        self.line = before.count("\n") + 1
        self.column = self.offset - (before.rfind("\n") + 1) + 1
        super().__init__(reason, text, offset)

    def __str__(self) -> str:
        if not self.text:
            return self.reason
        line = self.text.split("\n")[self.line - 1].rstrip("\r")
        shown, column = _window(line, self.column)
        pad = "".join("\t" if c == "\t" else " " for c in shown[: column - 1])
        return (
            f"{self.reason} (line {self.line}, column {self.column})\n  {shown}\n  {pad}^"
        )


def _window(line: str, column: int, width: int = 100) -> tuple[str, int]:
    """Return at most about *width* characters of *line* around *column*, and the column there."""
    if len(line) <= width:
        return line, column
    start = max(0, column - 1 - width // 2)
    head, tail = ("…" if start else ""), ("…" if start + width < len(line) else "")
    return f"{head}{line[start : start + width]}{tail}", column - start + len(head)


class PQLSyntaxError(PQLError):
    """The text is not PQL."""


class PQLTypeError(PQLError):
    """A field or function is unknown, or an operand has the wrong type."""


class PQLUnsupportedError(PQLError):
    """The expression is PQL, and cannot be evaluated here."""


class PQLWarning(UserWarning):
    """An expression was taken, and is probably not what was meant; the message says what to write."""
