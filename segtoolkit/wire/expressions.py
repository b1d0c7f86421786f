"""The ``expression`` object that jobs and definitions share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segtoolkit.models import Expression
from segtoolkit.wire.bodies import as_object, embedded, text


def expression_from_json(owner: Mapping[str, Any]) -> Expression | None:
    """Read *owner*'s expression; in 2019 it was a string with its type and format beside it."""
    value = owner.get("expression")
    spelt = value if isinstance(value, Mapping) else owner
    rule = embedded(value.get("value") if isinstance(value, Mapping) else value)
    if rule is None:
        return None
    return Expression(
        value=rule,
        format=text(spelt.get("format")) or "pql/text",
        type=(text(spelt.get("type")) or "PQL").upper(),
    )


def expression_to_json(e: Expression) -> dict[str, str]:
    return {"type": e.type, "format": e.format, "value": e.value}


def conversion_to_json(
    expression: Expression, *, name: str = "conversion"
) -> dict[str, Any]:
    """Write what is asked to be converted, or the answer; a name and a schema are required."""
    return {
        "name": name,
        "expression": expression_to_json(expression),
        "schema": {"name": "_xdm.context.profile"},
    }


def conversion_from_json(body: object) -> Expression:
    """Read the expression of a conversion, in either direction.

    Raises:
        ValueError: there is none.
    """
    expression = expression_from_json(as_object(body, "a conversion"))
    if expression is None:
        raise ValueError("a conversion has no 'expression'")
    return expression
