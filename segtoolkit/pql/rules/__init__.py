"""What each operator and function means: typed operands in, one typed node out.

`RULES` has one row per name of `functions.FUNCTIONS` that can be evaluated. A rule checks the types
of its operands, converts literals once, and answers with the nodes of `typed`; what it answers holds
for every engine. Names that bind variables (``sum``, ``exists``, …) are resolved in `resolve`.
"""

from __future__ import annotations

from collections.abc import Mapping

from segtoolkit.pql.rules import collections, strings, values
from segtoolkit.pql.rules.operands import count_of, truth
from segtoolkit.pql.rules.site import Args, Rule, Site

__all__ = ["RULES", "Args", "Rule", "Site", "count_of", "truth"]

RULES: Mapping[str, Rule] = {
    **{name: values.compare(name) for name in ("=", "!=", "<", "<=", ">", ">=")},
    **{name: values.arithmetic(name) for name in ("+", "-", "*", "/", "%")},
    "negate": values.negate,
    "equals": strings.text("equals", "="),
    "notEqualTo": strings.text("notEqualTo", "=", negative=True),
    "contains": strings.text("contains", "contains"),
    "doesNotContain": strings.text("doesNotContain", "contains", negative=True),
    "startsWith": strings.text("startsWith", "starts_with"),
    "doesNotStartWith": strings.text("doesNotStartWith", "starts_with", negative=True),
    "endsWith": strings.text("endsWith", "ends_with"),
    "doesNotEndWith": strings.text("doesNotEndWith", "ends_with", negative=True),
    "like": strings.like,
    "matches": strings.matches,
    "regexGroup": strings.regex_group,
    "in": collections.in_,
    "notIn": collections.not_in,
    "includes": collections.includes,
    "intersects": collections.lists("intersects"),
    "intersection": collections.lists("intersection"),
    "subsetOf": collections.lists("subset_of"),
    "supersetOf": collections.lists("superset_of"),
    "isNull": values.null,
    "isNotNull": values.not_null,
    "count": collections.count,
    "distinct": collections.list_op("distinct"),
    "head": collections.list_op("head"),
    "get": collections.get,
    "keys": collections.keys,
    "values": collections.values,
    "if": values.if_,
    "getMonth": values.date_part("month"),
    "getYear": values.date_part("year"),
    "getDayOfMonth": values.date_part("day"),
    "currentMonth": values.current("month"),
    "currentYear": values.current("year"),
    "currentDayOfMonth": values.current("day"),
    "date": values.date,
    "inSegment": collections.in_segment,
}
