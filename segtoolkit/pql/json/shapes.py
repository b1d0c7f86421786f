"""The table of nodes in ``pql/json``: which fields each one must have, and which it may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of a node besides ``nodeType``; no others are understood."""

    needed: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


_AGGREGATION = Shape(("variables",), ("aggExpr",))
_QUANTIFIER = Shape(("variables",), ("condition",))

SHAPES: Mapping[str, Shape] = {
    "literal": Shape(optional=("literalType", "value", "relation", "unit")),
    "fieldLookup": Shape(("fieldName",), ("object",)),
    "parameterReference": Shape(("position",)),
    "pathReference": Shape(("fieldName",)),
    "varRef": Shape(("varName",)),
    "fnApply": Shape(("params",), ("fnName", "function")),
    "lambda": Shape(("varNames", "body")),
    "let": Shape(("varName", "value", "body")),
    "select": Shape(("variables",)),
    "varDecl": Shape(("varName",), ("from", "range", "where")),
    "exists": _QUANTIFIER,
    "forall": _QUANTIFIER,
    "quantification": Shape(("quantifier", "variables")),
    "sum": _AGGREGATION,
    "average": _AGGREGATION,
    "min": _AGGREGATION,
    "max": _AGGREGATION,
    "occurs": Shape(("timestamp", "timeinterval"), ("relation", "qualification")),
    "timeQualification": Shape(("comparison", "duration")),
    "duration": Shape(("count", "unit")),
    "range": Shape(("start", "end")),
    "chain": Shape(("array", "timestampField", "elements")),
    "element": Shape(("name",), ("negated", "what", "when", "count", "gap")),
    # Ours, see the module's docstring.
    "countQualification": Shape(("comparison", "count")),
    "list": Shape(("items",)),
    "object": Shape(("entries",)),
    "entry": Shape(("key", "value")),
    # Only read: 2018, and a misspelling in the schema of 2019.
    "fnCreate": Shape(("params", "body")),
    "set": Shape(("variables",)),
    "exist": _QUANTIFIER,
}
