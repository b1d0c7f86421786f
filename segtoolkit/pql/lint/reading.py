"""Whatever a caller has of an expression to its tree, and the text that positions refer to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segtoolkit.pql import forms, parser
from segtoolkit.pql.nodes import Expr
from segtoolkit.pql.printer import to_text


def read(expression: str | Mapping[str, Any] | Expr) -> tuple[Expr, str]:
    """Return the tree and the text of *expression*; what came without a text gets the canonical one.

    Raises:
        PQLError: it is not PQL.
    """
    if isinstance(expression, str):
        return forms.with_text(expression)
    if isinstance(expression, Mapping):
        expression = forms.parse(expression)
    text = to_text(expression)
    return parser.parse(text), text
