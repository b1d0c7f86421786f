"""Either form of PQL: text or ``pql/json`` in, told apart by what it is, not by what it is called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from segtoolkit.pql import parser
from segtoolkit.pql.depth import with_room
from segtoolkit.pql.json import from_json
from segtoolkit.pql.nodes import Expr
from segtoolkit.pql.printer import to_text


def parse(expression: str | Mapping[str, Any]) -> Expr:
    """Return the tree of *expression*: PQL text, or ``pql/json`` as an object or as a string.

    Raises:
        PQLSyntaxError: it is neither.
        PQLTypeError: a function is unknown, or has too many or too few operands.

    >>> parse("a > 1") == parse(
    ...     '{"nodeType": "fnApply", "fnName": ">", "params": ['
    ...     '{"nodeType": "fieldLookup", "fieldName": "a"},'
    ...     '{"nodeType": "literal", "literalType": "Integer", "value": 1}]}'
    ... )
    True
    """
    if isinstance(expression, str) and not is_json(expression):
        return parser.parse(expression)
    return from_json(expression)


def with_text(expression: str) -> tuple[Expr, str]:
    """Return the tree of *expression*, and the PQL text that the positions in it refer to."""
    if not is_json(expression):
        return parser.parse(expression), expression
    text = to_text(parse(expression))
    return parser.parse(text), text


def is_json(text: str) -> bool:
    """Tell whether *text* is a document, however often it was put into a string."""
    found: Any = text
    while isinstance(found, str) and found.lstrip().startswith(("{", '"{')):
        try:
            found = with_room(partial(json.loads, found))
        except (
            ValueError,
            RecursionError,
        ):  # PQL text may begin with a brace or a string too
            return False
    return isinstance(found, Mapping) and "nodeType" in found
