"""Check an expression against a schema and spell out what it means: nodes in, typed tree out.

Names are looked up in this order: variables (``select``, lambdas, ``let``), then the fields of the
item at hand (inside ``[ ]``, ``WHAT``, ``.sum( … )``), or of the profile where there is none. ``^`` climbs
to the item outside. ``xEvent`` is always the profile's.
"""

from __future__ import annotations

from segtoolkit.pql import nodes as n
from segtoolkit.pql.resolve.scope import Scope, World, refuse
from segtoolkit.pql.typed import PROFILE, Row, Typed

__all__ = ["World", "refuse", "resolve"]


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
    return Scope(world, text, (profile,), {}).condition(expr)
