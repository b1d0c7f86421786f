"""Expressions as they are shown: PQL goes in, one line of text or coloured HTML comes out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, get_args

from markupsafe import Markup

from segtoolkit.cards import blocks, theme
from segtoolkit.cards.words import one_line
from segtoolkit.errors import PQLError, PQLSyntaxError

if TYPE_CHECKING:
    from segtoolkit.models import Expression
    from segtoolkit.pql.tokens import Token

# The language is loaded when an expression is shown; who never shows one need not wait for it.

_MOST_CHARACTERS = 2_000


def expression_line(expression: Expression) -> str:
    """Return such as ``Expression loyalty.points > 500``, and in which format it is if that is another."""
    form = "" if expression.format == "pql/text" else f" · {one_line(expression.format)}"
    return f"Expression {one_line(text_of(expression))}{form}"


def expression_card(expression: Expression) -> str:
    text = text_of(expression)
    is_rewritten = text != expression.value
    kind = f"{expression.type} · {expression.format}"
    return blocks.card(
        pql_block(text),
        blocks.faint(kind, ", written as text" if is_rewritten else ""),
    )


def tree_card(tree: Any) -> str | None:
    """Return how a parsed expression looks; None for what is only a part of one."""
    text = tree_text(tree)
    return None if text is None else blocks.card(pql_block(text))


def tree_text(tree: Any) -> str | None:
    """Return a parsed expression as PQL; None for what is only a part of one."""
    from segtoolkit.pql.nodes import Expr  # noqa: PLC0415
    from segtoolkit.pql.printer import to_text  # noqa: PLC0415

    return to_text(tree) if isinstance(tree, get_args(Expr)) else None


def text_of(expression: Expression) -> str:
    """Return PQL as people read it, also of ``pql/json``; the stored text if it is neither."""
    from segtoolkit.pql.forms import is_json, parse  # noqa: PLC0415
    from segtoolkit.pql.printer import to_text  # noqa: PLC0415

    if not is_json(expression.value):
        return expression.value
    try:
        return to_text(parse(expression.value))
    except PQLError:
        return expression.value


def pql_block(text: str) -> Markup:
    """Return *text* in colours, on as many lines as it needs; the end of a very long one is cut."""
    hidden = len(text) - _MOST_CHARACTERS
    more = f"… and {hidden:,} more characters" if hidden > 0 else ""
    # Who is shown no styles, in a notebook that is not trusted, still sees code.
    return Markup('<pre style="{}">{}{}</pre>').format(
        theme.CODE, coloured(text[:_MOST_CHARACTERS]), more
    )


def coloured(text: str) -> Markup:
    """Return *text* in colours, as far as it is PQL."""
    return Markup().join(
        blocks.said(piece)
        if kind is None
        else Markup('<span style="{}">{}</span>').format(
            theme.PIECES[kind], blocks.said(piece)
        )
        for kind, piece in pieces(text)
    )


def pieces(text: str) -> Iterator[tuple[str | None, str]]:
    """Cut *text* into what is to be coloured and what is not.

    >>> list(pieces('a > 1 and b.in("x")'))
    [(None, 'a > '), ('number', '1'), (None, ' '), ('keyword', 'and'), (None, ' b.'), ('function', 'in'), (None, '('), ('string', '"x"'), (None, ')')]
    """
    end = 0
    for token, kind in _coloured_tokens(text):
        if token.pos > end:
            yield None, text[end : token.pos]
        end = token.pos + len(token.text)
        yield kind, token.text
    if end < len(text):
        yield None, text[end:]


def _coloured_tokens(text: str) -> Iterator[tuple[Token, str]]:
    from segtoolkit.pql.tokens import Kind  # noqa: PLC0415
    from segtoolkit.pql.words import RESERVED  # noqa: PLC0415

    kinds = {Kind.STRING: "string", Kind.INTEGER: "number", Kind.DOUBLE: "number"}
    tokens = _tokens(text)
    before = ""
    for token, after in pairwise(tokens):
        kind = kinds.get(token.kind)
        if token.kind is Kind.NAME:
            is_word = token.text.lower() in RESERVED and before != "."
            is_called = after.text == "(" and not is_word
            kind = "keyword" if is_word else "function" if is_called else None
        if kind is not None:
            yield token, kind
        before = token.text


def _tokens(text: str) -> tuple[Token, ...]:
    """Return the tokens before the first place where *text* is no PQL."""
    from segtoolkit.pql.tokens import tokenize  # noqa: PLC0415

    while True:
        try:
            return tokenize(text)
        except PQLSyntaxError as error:
            text = text[: error.offset]
