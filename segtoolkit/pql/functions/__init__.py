"""The table of operators and functions: one row says how each is written, and what it means.

A row has the syntax, which parser, printer and ``pql/json`` go by; the rule, which makes typed nodes of
typed operands; and the words with which `explain` describes it. What SQL an operation becomes is up to
an engine: ``engine.sql.OPS``. To add a function, add a row here, an operation there if it needs a
new one, and a case to the engine's cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from segtoolkit.pql.functions.aggregates import AGGREGATES
from segtoolkit.pql.functions.arithmetic import ARITHMETIC
from segtoolkit.pql.functions.constructs import CONSTRUCTS, Construct
from segtoolkit.pql.functions.lists import LISTS
from segtoolkit.pql.functions.logic import LOGIC
from segtoolkit.pql.functions.maps import MAPS
from segtoolkit.pql.functions.references import REFERENCES
from segtoolkit.pql.functions.row import (
    AND,
    COMPARISON,
    NEGATION,
    NOT,
    OR,
    PRODUCT,
    SUM,
    Form,
    Function,
)
from segtoolkit.pql.functions.strings import STRINGS
from segtoolkit.pql.functions.times import TIMES

__all__ = [
    "AND",
    "COMPARISON",
    "CONSTRUCTS",
    "FUNCTIONS",
    "NEGATION",
    "NOT",
    "OR",
    "PRODUCT",
    "SUM",
    "Construct",
    "Form",
    "Function",
]

_FAMILIES = (LOGIC, ARITHMETIC, STRINGS, LISTS, AGGREGATES, MAPS, TIMES, REFERENCES)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {row.name: row for rows in _FAMILIES for row in rows}
)
