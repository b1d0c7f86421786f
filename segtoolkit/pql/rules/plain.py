"""The rule that most functions need: so many operands of these types, a value of that type."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from segtoolkit.pql.rules.operands import as_time, numeric, op, string
from segtoolkit.pql.rules.site import Args, Rule, Site
from segtoolkit.pql.typed import Typed
from segtoolkit.pql.types import DOUBLE, INTEGER, STRING, TIME, Type


def plain(operation: str, takes: tuple[Type, ...], gives: Type) -> Rule:
    """Make the rule of a function of values; null if one of them is.

    Args:
        operation: what the engines call it.
        takes: the type of each operand.
        gives: the type of the answer.
    """

    def rule(site: Site, args: Args) -> Typed:
        checked = (
            _CHECKS[kind](site, arg, f"`{operation}`")
            for kind, arg in zip(takes, args, strict=True)
        )
        return op(operation, tuple(checked), gives)

    return rule


_CHECKS: Mapping[Type, Callable[[Site, Typed, str], Typed]] = {
    STRING: string,
    INTEGER: numeric,
    DOUBLE: numeric,
    TIME: lambda site, arg, _: as_time(site, arg),
}
