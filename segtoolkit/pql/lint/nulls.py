"""Comparisons with null, which are never true."""

from __future__ import annotations

from collections.abc import Iterator

from segtoolkit.pql import nodes as n
from segtoolkit.pql.lint.findings import Problem, quoted, rewrite
from segtoolkit.pql.lint.places import Place

NULL = n.Literal(None)
_ASKED = {"=": "isNull", "equals": "isNull", "!=": "isNotNull", "notEqualTo": "isNotNull"}
_TESTS = {
    *("=", "!=", "<", "<=", ">", ">=", "in", "notIn", "like", "matches"),
    *("equals", "notEqualTo", "contains", "doesNotContain"),
    *("startsWith", "doesNotStartWith", "endsWith", "doesNotEndWith"),
}


def compared_with_null(place: Place) -> Iterator[Problem]:
    node = place.node
    if not isinstance(node, n.Call) or node.name not in _TESTS:
        return
    if NULL in node.args[:2]:
        message = f"{quoted(node)} is never true: nothing compares with null"
        yield Problem(node, message, _remedy(node))


def _remedy(node: n.Call) -> str:
    others = [arg for arg in node.args[:2] if arg != NULL]
    if node.name in _ASKED and others:
        return rewrite(n.Call(_ASKED[node.name], (others[0],)))
    return "Compare with a value, or ask isNull() or isNotNull()"


def null_in_list(place: Place) -> Iterator[Problem]:
    match place.node:
        case n.Call("in" | "notIn" as name, (value, n.ListLiteral(items) as listed)):
            if NULL not in items or place.node.args[0] == NULL:
                return
            rest = n.ListLiteral(tuple(item for item in items if item != NULL))
            message = f"null in {quoted(listed)} is ignored: nothing compares with null"
            missing = n.Call("isNull" if name == "in" else "isNotNull", (value,))
            known = (n.Call(name, (value, rest)),) if rest.items else ()
            if name == "notIn" and known:
                # Without the null it already asks for a value.
                yield Problem(listed, message, rewrite(known[0]))
            else:
                yield Problem(listed, message, rewrite(_either((*known, missing))))
        case _:
            return


def _either(tests: tuple[n.Expr, ...]) -> n.Expr:
    return tests[0] if len(tests) == 1 else n.Call("or", tests)
