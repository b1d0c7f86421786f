"""Chains of events, and counts of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from segtoolkit.pql import nodes as n
from segtoolkit.pql.lint.events import EventRule
from segtoolkit.pql.lint.findings import Problem
from segtoolkit.pql.lint.places import Place, is_call, walk
from segtoolkit.pql.lint.scope import is_events
from segtoolkit.pql.printer import to_text

LONGEST = 6


def too_long(place: Place) -> Iterator[Problem]:
    """Find a sequence of more events than AEP takes."""
    match place.node:
        case n.Chain(_, _, elements) if len(elements) > LONGEST:
            extra: n.Node = elements[LONGEST]
            number = len(elements)
        case n.Select(declarations) | n.Quantifier(_, declarations):
            events = [d for d in declarations if is_events(d.source, place.scope)]
            if len(events) <= LONGEST:
                return
            extra, number = events[LONGEST], len(events)
        case _:
            return
    message = f"The sequence has {number} events, and AEP takes {LONGEST}"
    yield Problem(
        extra, message, "Split it into two audiences and join them with inSegment"
    )


def count_of_none(place: Place) -> Iterator[Problem]:
    """Find ``COUNT(0)``, and counts that may be zero."""
    node = place.node
    if not isinstance(node, n.Element) or node.count is None:
        return
    comparison, number = node.count
    least = {">=": number, ">": number + 1, "=": number}.get(comparison, 0)
    if least > 0 or comparison == "!=":
        return
    absent = _spelled(replace(node, negated=True, count=None))
    if comparison == ">=":
        message = "COUNT(0) is true of any number of events, also of none"
        yield Problem(node, message, f"Write COUNT(1), or `{absent}` for no such event")
    elif comparison == "=" or (comparison, number) in (("<", 1), ("<=", 0)):
        message = "The count asks that there is no such event"
        yield Problem(node, message, f"Write `{absent}`")


def _spelled(element: n.Element) -> str:
    whole = to_text(n.Chain(n.Name("x"), n.Name("t"), (element,)))
    return whole.removeprefix("chain(x, t, [").removesuffix("])")


def gap_without_neighbour(place: Place) -> Iterator[Problem]:
    match place.node:
        case n.Chain(_, _, (n.Element(gap=gap) as only,)) if gap:
            message = "GAP is the time between two events, and there is one"
            yield Problem(only, message, "Use WHEN for the time of the event itself")


def unordered_events(place: Place) -> Iterator[Problem]:
    """Find a selection of two events that may be one and the same."""
    match place.node:
        case n.Select(declarations) | n.Quantifier("exists" | "one", declarations):
            events = [d for d in declarations if is_events(d.source, place.scope)]
        case _:
            return
    names = {event.name for event in events}
    wheres = [d.where for d in declarations if d.where is not None]
    if len(events) < 2 or any(_names_two(where, names, place) for where in wheres):
        return
    first, second = events[0].name, events[1].name
    message = f"`{first}` and `{second}` may be the same event, in any order"
    remedy = f"Add `{second}.timestamp occurs after {first}.timestamp` for a sequence"
    yield Problem(events[1], message, remedy)


def _names_two(where: n.Expr, names: set[str], place: Place) -> bool:
    """Tell whether some condition in *where* is about two of the events."""
    for below in walk(where, place.scope):
        if isinstance(below.node, n.Occurs) or is_call(below.node, "=", "!=", "<", ">"):
            inside = (each.node for each in walk(below.node, place.scope))
            found = {node.name for node in inside if isinstance(node, n.Name)}
            if len(found & names) > 1:
                return True
    return False


def counts_without_events(rules: Sequence[EventRule]) -> Iterator[Problem]:
    """Find ``xEvent[…].count() < 3``, which is true of profiles without any event."""
    for step in (step for rule in rules for step in rule.steps):
        if step.is_absence and step.is_many and not isinstance(step.at, n.Element):
            message = "Profiles without any such event count as well"
            remedy = "Add `xEvent.count() > 0` for profiles that have events at all"
            yield Problem(step.at, message, remedy)
