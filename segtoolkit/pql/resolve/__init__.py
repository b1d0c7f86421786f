"""Check an expression against a schema and spell out what it means: nodes in, typed tree out.

Names are looked up in this order: variables (``select``, lambdas, ``let``), then the fields of the
item at hand (inside ``[ ]``, ``WHAT``, ``.sum( … )``), or of the profile where there is none. ``^`` climbs
to the item outside. ``xEvent`` is always the profile's.
"""

from __future__ import annotations

from segtoolkit.errors import PQLUnsupportedError
from segtoolkit.pql import nodes as n
from segtoolkit.pql.resolve.scope import Scope, World, refuse
from segtoolkit.pql.resolve.variables import MOST_OVER_EVENTS
from segtoolkit.pql.trees import is_within, nesting
from segtoolkit.pql.typed import PROFILE, Row, Typed

__all__ = ["World", "refuse", "resolve"]

# Larger than any list of terms that people write; smaller than what takes an engine minutes.
MOST_NODES = 300_000
# An engine takes twice to four times as long for each further level.
MOST_WITHIN = 8


def resolve(expr: n.Expr, world: World, text: str = "") -> Typed:
    """Return the typed tree of a segment's rule: true or false for every profile.

    Args:
        expr: the parsed expression.
        world: the schema and the instant it is checked against.
        text: what *expr* was parsed from; errors point into it.

    Raises:
        PQLTypeError: an unknown field, or an operand of the wrong type.
        PQLUnsupportedError: correct PQL that cannot be evaluated yet.
    """
    profile = Row(PROFILE, world.schema.profile)
    rule = Scope(world, text, (profile,), {}).condition(expr)
    if not is_within(rule, MOST_NODES):
        raise PQLUnsupportedError("the expression is too large for one segment", text)
    if nesting(rule) > MOST_WITHIN:
        raise PQLUnsupportedError(
            f"rules about items lie within each other {MOST_WITHIN} levels deep, not more",
            text,
        )
    if nesting(rule, over_events=True) > MOST_OVER_EVENTS:
        raise PQLUnsupportedError(
            f"more than {MOST_OVER_EVENTS} variables over xEvent, each within the one before; "
            "if one follows the other, use chain(…)",
            text,
        )
    return rule
