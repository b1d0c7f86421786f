"""Audiences that are larger than they look, or whose size depends on how long events are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from segtoolkit.pql import nodes as n
from segtoolkit.pql.lint.events import EventRule
from segtoolkit.pql.lint.findings import Problem, quoted
from segtoolkit.pql.lint.places import terms
from segtoolkit.pql.lint.windows import Span


def nearly_everyone(expr: n.Expr) -> Iterator[Problem]:
    """Find a whole expression that is true of all but some."""
    wide = _wide(expr)
    if wide is not None:
        message = f"{quoted(wide)} is true of nearly every profile, also of empty ones"
        remedy = "Join it with `and` to a condition that says who is meant"
        yield Problem(wide, message, remedy)


def _wide(expr: n.Expr) -> n.Expr | None:
    """Return the part of *expr* that lets nearly every profile in; None when there is none."""
    match expr:
        case n.Call("not", (inner,)):
            return None if _wide(inner) is not None or _is_negative(inner) else expr
        case n.Call("and") as both:
            parts = [_wide(term) for term in terms(both)]
            return parts[0] if all(part is not None for part in parts) else None
        case n.Call("or") as either:
            found = (_wide(term) for term in terms(either))
            return next((part for part in found if part is not None), None)
        case n.Chain(_, _, elements) if all(element.negated for element in elements):
            return expr
        case n.Quantifier("none"):
            return expr
        case _:
            return None


_NEGATIVE = {"!=", "notIn", "notEqualTo", "isNull", "isNotNull"}


def _is_negative(expr: n.Expr) -> bool:
    """Tell whether ``not`` makes *expr* no wider; who has a value, nobody can guess."""
    match expr:
        case n.Call(name) if name in _NEGATIVE or name.startswith("doesNot"):
            return True
        case n.Call("and" | "or") as joined:
            return all(_is_negative(term) for term in terms(joined))
        case _:
            return False


def depends_on_retention(rules: Sequence[EventRule]) -> Iterator[Problem]:
    """Find a count, a sum or an absence of events that looks back as far as there are events."""
    for step in (step for rule in rules for step in rule.steps):
        if step.span is Span.ALL and (step.is_absence or step.is_many):
            message = "Without a time window the answer depends on how long events are kept"
            yield Problem(step.at, message, _LIMIT)
            return


_LIMIT = "Add a window such as `timestamp occurs <= 90 days before now`"
