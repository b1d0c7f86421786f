"""What is said of expressions as it is shown: findings, reasons and explanations go in, cards come out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from segtoolkit.cards import blocks, theme
from segtoolkit.cards.expressions import coloured, pql_block
from segtoolkit.errors import PQLError

if TYPE_CHECKING:
    from segtoolkit.pql.functions import Construct, Function
    from segtoolkit.pql.lint import Eligibility, Finding, Reason

_QUOTED = re.compile(r"`([^`]+)`")
_LEVELS = {"warning": theme.ORANGE, "info": theme.BLUE}
_METHODS = {"edge": theme.GREEN, "streaming": theme.SKY, "batch": theme.GREY}


def finding_card(finding: Finding) -> str:
    return blocks.card(
        blocks.line(blocks.bold(finding.level), f" · {finding.code}"),
        blocks.line(_prose(finding.message)),
        _marked(finding.text, finding.offset),
        blocks.line(_prose(finding.remedy)),
        colour=_LEVELS[finding.level],
    )


def eligibility_card(eligibility: Eligibility) -> str:
    return blocks.card(
        blocks.line(
            blocks.bold(eligibility.method), " · the fastest way AEP can evaluate it"
        ),
        _reasons("why not streaming", eligibility.not_streaming),
        # What is in the way of streaming is in the way of the edge as well.
        _reasons(
            "why not on the edge",
            [r for r in eligibility.not_edge if r not in eligibility.not_streaming],
        ),
        _reasons("provided that", eligibility.provided),
        colour=_METHODS[eligibility.method],
    )


def function_card(name: str, function: Function | Construct) -> str:
    return blocks.card(function_block(name, function), colour=theme.BLUE)


def function_block(name: str, function: Function | Construct) -> Markup:
    """Return how *function* is written, what it means, and an example in colours."""
    return Markup().join(
        [
            blocks.line(blocks.bold(name)),
            pql_block(function.usage),
            blocks.line(_prose(function.meaning)),
            blocks.faint("for example"),
            pql_block(function.example),
        ]
    )


def question_block(name: str, question: str, choice: str, because: str) -> Markup:
    """Return what was chosen where a *question* is open."""
    return Markup().join(
        [
            blocks.line(blocks.bold(name), " · ", _prose(question)),
            blocks.line(_prose(choice)),
            blocks.faint("because: ", _prose(because)),
        ]
    )


def stacked_card(several: Iterable[Markup]) -> str:
    """Return one card of *several* blocks with some room between them."""
    return blocks.card(
        *(
            Markup('<div style="margin:.3em 0 .7em">{}</div>').format(one)
            for one in several
        ),
        colour=theme.BLUE,
    )


def _reasons(title: str, reasons: Sequence[Reason]) -> Markup:
    if not reasons:
        return Markup()
    lines = [
        blocks.line(_prose(reason.message)) + blocks.faint(_prose(reason.remedy))
        for reason in reasons
    ]
    return blocks.line(blocks.bold(title)) + Markup().join(lines)


def _marked(text: str, offset: int) -> Markup:
    """Return the line of *text* that *offset* is in, and a caret under it."""
    drawn = str(PQLError("", text, offset)).partition("\n")[2]
    return blocks.pointed(drawn)


def _prose(text: str) -> Markup:
    """Return *text* with the PQL that stands in back-ticks in colours."""
    parts = _QUOTED.split(text)
    return Markup().join(
        Markup("<code>{}</code>").format(coloured(part)) if place % 2 else blocks.said(part)
        for place, part in enumerate(parts)
    )
