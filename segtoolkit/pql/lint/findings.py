"""What a check reports, and what a caller gets: a place in the text, what is wrong, what to write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

from segtoolkit import cards
from segtoolkit.errors import PQLError
from segtoolkit.pql.nodes import Expr, Node
from segtoolkit.pql.printer import to_text

Level: TypeAlias = OneOf["warning", "info"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Finding:
    """Something in an expression that deserves a second look.

    Attributes:
        code: which check found it, in kebab-case.
        level: ``warning`` when it is likely a mistake, ``info`` when it is good to know.
        message: what is likely wrong.
        remedy: what to write instead; PQL in it stands in back-ticks.
        text: the whole expression that the position refers to.
        offset: 0-based index into *text*.
        line: 1-based.
        column: 1-based, in characters.
    """

    code: str
    level: Level
    message: str
    remedy: str
    text: str
    offset: int
    line: int
    column: int

    def __str__(self) -> str:
        # An error about the same place knows how to draw a line and a caret.
        drawn = PQLError(
            f"{self.level} {self.code}: {self.message}", self.text, self.offset
        )
        return f"{drawn}\n  {self.remedy}"

    def __repr__(self) -> str:
        said = cards.one_line(self.message, most=200)
        return f"<Finding {self.level} {self.code} at {self.line}:{self.column}: {said}>"

    def _repr_html_(self) -> str:
        return cards.finding_card(self)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a check found; *at* is the node that is marked."""

    at: Node
    message: str
    remedy: str


def finding(code: str, level: Level, problem: Problem, text: str) -> Finding:
    """Place *problem* in *text*."""
    place = PQLError(problem.message, text, problem.at.pos)
    return Finding(
        code=code,
        level=level,
        message=problem.message,
        remedy=problem.remedy,
        text=text,
        offset=place.offset,
        line=place.line,
        column=place.column,
    )


def quoted(expr: Expr, most: int = 80) -> str:
    """Quote *expr* for a message, cut where it is long.

    >>> from segtoolkit.pql.nodes import Name
    >>> quoted(Name("loyalty"))
    '`loyalty`'
    """
    text = to_text(expr)
    return f"`{text}`" if len(text) <= most else f"`{text[: most - 1]}…`"


def rewrite(expr: Expr) -> str:
    """Say what to write instead; never cut, so that it can be pasted."""
    return f"Write `{to_text(expr)}`"
