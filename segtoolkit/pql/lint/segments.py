"""Membership in other audiences."""

from __future__ import annotations

from collections.abc import Iterator

from segtoolkit.pql import nodes as n
from segtoolkit.pql.lint.findings import Problem, quoted, rewrite
from segtoolkit.pql.lint.lists import POSITIVE
from segtoolkit.pql.lint.places import Place, alternatives

# AEP writes the first two for members, the second in older data only.
MEMBER = ("realized", "existing")
_STATUSES = {*MEMBER, "exited"}
_IS_MEMBER = n.ListLiteral(tuple(n.Literal(status) for status in MEMBER))
_TESTS = ("=", "equals", "in")


def membership(expr: n.Node) -> tuple[n.Expr, n.Expr] | None:
    """Return namespace and id of ``segmentMembership.get(…).get(…)``, or of a field of it."""
    match expr:
        case n.Call("get", (n.Call("get", (base, namespace)), id_)):
            named = base.name if isinstance(base, n.Name | n.Field | n.Up) else None
            return (namespace, id_) if named == "segmentMembership" else None
        case _:
            return None


def without_id(place: Place) -> Iterator[Problem]:
    node = place.node
    match node:
        case n.Call("inSegment", (n.Literal(id_),)):
            pass
        case _ if (found := membership(node)) and isinstance(found[1], n.Literal):
            id_ = found[1].value
        case _:
            return
    if isinstance(id_, str) and not id_.strip() and isinstance(node, n.Call):
        message = f"{quoted(node)} names no audience"
        yield Problem(node, message, "Put the id of the audience between the quotes")


def status(place: Place) -> Iterator[Problem]:
    """Find a test of the status that is not the one of a member."""
    node = place.node
    if not isinstance(node, n.Call) or not node.args or not _is_status(node.args[0]):
        return
    if node.name == "isNotNull":
        message = f"{quoted(node)} is also true of who has left the audience"
    elif node.name in (*_TESTS, *POSITIVE):
        message = _complaint(node, _words(node))
    else:
        return
    if message:
        yield Problem(node, message, _membership_of(node.args[0]))


def status_of_some_members(place: Place) -> Iterator[Problem]:
    """Find tests of a status, alone or joined with ``or``, that know one word for a member."""
    by_status: dict[n.Expr, list[n.Call]] = {}
    for test in alternatives(place):
        if isinstance(test, n.Call) and test.name in _TESTS and _is_status(test.args[0]):
            by_status.setdefault(test.args[0], []).append(test)
    for asked, tests in by_status.items():
        words = set[str]().union(*map(_words, tests))
        missed = [word for word in MEMBER if word not in words]
        if len(missed) == 1 and "exited" not in words:
            message = f'{quoted(tests[-1])} misses members whose status is "{missed[0]}"'
            yield Problem(tests[-1], message, _membership_of(asked))


def _is_status(expr: n.Expr) -> bool:
    match expr:
        case n.Field(base, "status"):
            return membership(base) is not None
        case _:
            return membership(expr) is not None


def _words(node: n.Call) -> set[str]:
    right = node.args[1]
    items = right.items if isinstance(right, n.ListLiteral) else (right,)
    values = [item.value for item in items if isinstance(item, n.Literal)]
    return {value for value in values if isinstance(value, str)}


def _complaint(node: n.Call, words: set[str]) -> str:
    unknown = sorted(words - _STATUSES)
    if unknown:
        return f'There is no status "{unknown[0]}": a member is realized or existing'
    if "exited" in words and node.name in POSITIVE:
        return f"{quoted(node)} is not true of who never was in the audience"
    if "exited" in words:
        return f"{quoted(node)} finds who left lately; the record is not kept for long"
    return ""


def _membership_of(expr: n.Expr) -> str:
    value = expr if isinstance(expr, n.Field) else n.Field(expr, "status")
    return f"{rewrite(n.Call('in', (value, _IS_MEMBER)))} for members"
