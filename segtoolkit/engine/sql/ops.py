"""Where the operations of the typed tree meet the functions of DuckDB.

``{0}``, ``{1}`` are the operands. Each stands there once, so that what is nested does not multiply; where a
value is needed twice, a lambda over a list of one gives it a name.
"""

from __future__ import annotations

from collections.abc import Mapping


def _distinct(values: str) -> str:
    """Write the distinct values of a list, in the order of their first occurrence; no nulls.

    They are numbered, sorted, and of equal neighbours the first is taken: a long list is not searched
    again for each of its items.
    """
    numbered = f"list_transform({values}, lambda i, n: struct_pack(v := i, n := n))"
    ordered = f"list_sort(list_filter({numbered}, lambda i: i.v IS NOT NULL))"
    firsts = "list_filter(l, lambda i, n: n = 1 OR i.v IS DISTINCT FROM l[n - 1].v)"
    again = (
        f"list_sort(list_transform({firsts}, lambda i: struct_pack(n := i.n, v := i.v)))"
    )
    return (
        f"list_transform([{ordered}], lambda l: list_transform({again}, lambda i: i.v))[1]"
    )


# What is not here is the function of DuckDB that has the operation's name.
OPS: Mapping[str, str] = {
    "=": "({0} = {1})",
    "!=": "({0} <> {1})",
    "<": "({0} < {1})",
    "<=": "({0} <= {1})",
    ">": "({0} > {1})",
    ">=": "({0} >= {1})",
    # Whole numbers are widened; what is still too large for any number is null, not the job's end.
    "+": "TRY({0}::HUGEINT + {1})",
    "-": "TRY({0}::HUGEINT - {1})",
    "*": "TRY({0}::HUGEINT * {1})",
    "/": "({0}::DOUBLE / nullif({1}, 0))",
    "%": "TRY({0} % nullif({1}, 0))",
    "negative": "(NOT {0})",
    "is_null": "({0} IS NULL)",
    "if": "(CASE WHEN {0} THEN {1} ELSE {2} END)",
    "ends_with": "suffix({0}, {1})",
    "like": "({0} LIKE {1})",
    "matches": "regexp_matches({0}, {1})",
    "regex_group": "regexp_extract_all({0}, {1}, {2})[1]",
    "intersects": "list_has_any({0}, {1})",
    "subset_of": "list_has_all({1}, {0})",
    "superset_of": "list_has_all({0}, {1})",
    "intersection": "list_transform([struct_pack(a := {0}, b := {1})], lambda l: list_transform(["
    + _distinct("list_filter(l.a, lambda i: list_contains(l.b, i))")
    + "], lambda l: CASE WHEN len(l) > 0 THEN l END)[1])[1]",
    "distinct": _distinct("{0}"),
    "head": "({0})[1]",
    "first": "list_transform([struct_pack(l := {0}, n := least(greatest({1}, 0), 2147483647)::BIGINT)],"
    " lambda s: CASE WHEN s.n IS NOT NULL THEN list_slice(s.l, 1, s.n) END)[1]",
    "entries": "cardinality({0})",
    "map_get": "({0})[{1}]",
    # Of equal keys the last one counts.
    "map_of_entries": "list_transform([list_filter({0}, lambda i: i.key IS NOT NULL)], lambda l:"
    " map_from_entries(list_filter(l, lambda i, n: NOT list_contains("
    "list_transform(l[n + 1:], lambda k: k.key), i.key))))[1]",
    "list_sum": "coalesce(list_sum({0}), 0)",
    "list_average": "list_avg({0})",
    "month": "TRY(month(make_timestamp({0})))",
    "year": "TRY(year(make_timestamp({0})))",
    "day": "TRY(day(make_timestamp({0})))",
    "date": "epoch_us(TRY(make_date({0}::INTEGER, {1}::INTEGER, {2}::INTEGER)))",
    "whole": "TRY(round({0})::BIGINT)",
    "parse_time": "epoch_us(try_cast({0} AS TIMESTAMPTZ))",
    "from_ms": "TRY(({0}::HUGEINT * 1000)::BIGINT)",
    "later": "TRY({0} + {1})",
    "unit_number": "(({0} - {1}) // {2})",
    "month_number": "TRY((date_diff('month', DATE '1970-01-01', make_timestamp({0})) + 23640) // {1})",
    "months_later": "TRY(epoch_us(make_timestamp({0}) + to_months({1}::INTEGER)))",
}


def applied(name: str, args: list[str]) -> str:
    """Return operation *name* applied to *args*."""
    if name in OPS:
        return OPS[name].format(*args)
    return f"{name}({', '.join(args)})"


FLOATING = {"+": "({0} + {1})", "-": "({0} - {1})", "*": "({0} * {1})"}

# Operations that look at all of an object.
COMPARING = {
    "all_null",
    "=",
    "!=",
    "in",
    "list_contains",
    "distinct",
    "intersection",
}.union(("intersects", "subset_of", "superset_of"))

# Fields that stand in columns of their own, as they cluster the table.
EVENT_COLUMNS = {"timestamp": "e.ts", "eventType": "e.type"}

# Sums of prices must not depend on the order of the events: add doubles with compensation.
AGGREGATES = {
    "count": "count({0})",
    "list": "list({0} ORDER BY e.ts, e.rowid)",
    "sum": "coalesce(sum({0}), 0)",
    "average": "avg({0})",
    "min": "min({0})",
    "max": "max({0})",
}
OF_NOTHING = {"count": "0", "sum": "0", "list": "[]"}
AGGREGATES_OF_DOUBLES = AGGREGATES | {
    # Compensation turns an infinity into NaN, which DuckDB takes for the largest number.
    "sum": "coalesce(CASE WHEN isfinite(sum({0})) THEN fsum({0}) ELSE sum({0}) END, 0)",
    "average": "CASE WHEN isfinite(avg({0})) THEN favg({0}) ELSE avg({0}) END",
}

# Gathers objects of key ``k`` and value ``v`` to a map of lists.
GROUPED = (
    "list_transform([{0}], lambda l: map_from_entries(list_transform("
    + _distinct("list_transform(l, lambda i: i.k)")
    + ", lambda k: struct_pack(key := k, value := list_transform("
    "list_filter(l, lambda i: i.k = k), lambda i: i.v)))))[1]"
)
