"""``chain``: events one after the other, with counts, distances, and events that must be missing.

Documented choices: later means strictly later. The GAP of an element is its distance to the next one, that
of the last to the one before. COUNT in a sequence is reached with the last of the events it takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from segtoolkit.pql import nodes as n
from segtoolkit.pql import times
from segtoolkit.pql.resolve import items, lists
from segtoolkit.pql.rules import count_of
from segtoolkit.pql.rules.operands import as_time, op
from segtoolkit.pql.trees import all_of, conjuncts, rows_of, with_row
from segtoolkit.pql.typed import (
    EVENT,
    PROFILE,
    Const,
    Events,
    Get,
    Not,
    Or,
    Row,
    Sequence,
    Span,
    Step,
    Truth,
    Typed,
)
from segtoolkit.pql.types import BOOLEAN, INTEGER, TIME

if TYPE_CHECKING:
    from segtoolkit.pql.resolve.scope import Scope


MOST_ELEMENTS = 50


def chain(scope: Scope, node: n.Chain) -> Typed:
    source = scope.value(node.array)
    if not isinstance(source, Events):
        raise scope.site(node).unsupported("a chain is over xEvent, or a filter of it")
    if len(node.elements) == 1:
        return _single(scope, node, node.elements[0], source)
    if len(node.elements) > MOST_ELEMENTS:
        raise scope.site(node.elements[MOST_ELEMENTS]).unsupported(
            f"a sequence has {MOST_ELEMENTS} elements at most; AEP takes six"
        )
    if all(element.negated for element in node.elements):
        raise scope.wrong(node, "a sequence needs an element that is not negated")
    steps = tuple(_step(scope, node, element, source) for element in node.elements)
    joined = _joined(scope, node, _with_gaps(scope, node, steps))
    last = joined[-1]
    if last.negated and (last.nearest.months or (last.farthest and last.farthest.months)):
        raise scope.later(
            node.elements[-1], "a GAP in months before an element that must be missing"
        )
    return Sequence(joined)


def _single(scope: Scope, node: n.Chain, element: n.Element, source: Events) -> Typed:
    if element.gap:
        raise scope.wrong(element, "GAP is the distance to another element; there is none")
    item = items.item_of(scope, element, source)
    kept = lists.keep(source, item, _where(scope, node, element, item))
    comparison, number = element.count or (">=", 1)
    met = Truth(op(comparison, (count_of(kept), Const(number, INTEGER)), BOOLEAN))
    return Not(met) if element.negated else met


def _where(scope: Scope, node: n.Chain, element: n.Element, item: Row) -> Typed:
    """Return what WHAT and WHEN ask of an event."""
    inner = scope.inside(item)
    time = as_time(scope.site(node.timestamp), inner.value(node.timestamp))
    timed = replace(inner, event_time=time)
    clauses = []
    if element.what:
        about_event, what = items.with_item(scope, item, element.what)
        clauses.append(about_event.condition(what))
    clauses += [timed.condition(element.when)] if element.when else []
    return all_of(tuple(clauses))


def _step(scope: Scope, node: n.Chain, element: n.Element, source: Events) -> Step:
    item = items.item_of(scope, element, source)
    where = _where(scope, node, element, item)
    if scope.inside(item).value(node.timestamp) != Get(item, "timestamp", TIME):
        raise scope.later(node, "a sequence by another time than the event's")
    if not rows_of(where) <= {item.name, PROFILE}:
        raise scope.site(element).unsupported(
            "a sequence cannot ask for the item around it"
        )
    comparison, number = element.count or (">=", 1)
    if comparison == ">":
        comparison, number = ">=", number + 1
    if comparison != ">=" or number < 1 or (element.negated and number > 1):
        raise scope.later(element, "this COUNT in a sequence")
    own = with_row(where, item.name, Row(EVENT, item.type))
    return Step(all_of((*conjuncts(source.where), own)), element.negated, number)


def _with_gaps(scope: Scope, node: n.Chain, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Give each step its distance to the one before; a negated first one, to the one after."""
    last = len(steps) - 1
    placed = list(steps)
    for number, element in enumerate(node.elements):
        at = number + 1 if 0 < number + 1 <= last and not element.negated else number
        for distance in element.gap:
            _refuse_gap(scope, element, steps, at)
            placed[at] = step = _narrowed(scope, placed[at], distance)
            if _is_empty(step):
                raise scope.wrong(distance, "this GAP leaves no distance at all")
    return tuple(placed)


def _refuse_gap(scope: Scope, element: n.Element, steps: tuple[Step, ...], at: int) -> None:
    between = steps[at].negated and 0 < at < len(steps) - 1
    if between or steps[at].count > 1:
        raise scope.later(element, "this GAP beside a negated or counted element")


def _narrowed(scope: Scope, step: Step, distance: n.Distance) -> Step:
    """Bound the distance of *step* by one comparison more."""
    match distance.comparison:
        case ">=" | ">":
            least = _span(scope, distance, us=0 if distance.comparison == ">=" else 1)
            return replace(step, nearest=_bound(scope, distance, step.nearest, least, max))
        case "<=" | "<":
            most = _span(scope, distance, us=0 if distance.comparison == "<=" else -1)
            return replace(step, farthest=_bound(scope, distance, step.farthest, most, min))
        case _:
            raise scope.later(distance, "this comparison in a GAP")


def _span(scope: Scope, distance: n.Distance, us: int) -> Span:
    count, unit = scope.value(distance.duration.count), distance.duration.unit
    if not isinstance(count, Const) or not isinstance(count.value, int | float):
        raise scope.later(distance, "a GAP that is not a number")
    if unit in times.FIXED:
        return Span(us=times.within_ages(count.value * times.FIXED[unit], "day") + us)
    return Span(months=times.within_ages(count.value * times.MONTHS[unit], "month"), us=us)


def _bound(
    scope: Scope,
    node: n.Distance,
    known: Span | None,
    new: Span,
    choose: Callable[[int, int], int],
) -> Span:
    """Join two bounds on one side of a distance."""
    if known in (None, Span(us=1)) and new.months:
        return new
    if known is None:
        return new
    if known.months != new.months:
        raise scope.later(node, "a GAP in months and in days at once")
    return replace(known, us=choose(known.us, new.us))


def _is_empty(step: Step) -> bool:
    if step.farthest is None or step.farthest.months != step.nearest.months:
        return False
    return step.farthest.us < step.nearest.us


def _joined(scope: Scope, node: n.Chain, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Join negated neighbours: none of these events means neither the one nor the other."""
    joined: list[Step] = []
    for negated, run in groupby(steps, key=lambda step: step.negated):
        group = list(run)
        if not negated or len(group) == 1:
            joined += group
            continue
        if any(replace(step, where=group[0].where) != replace(group[0]) for step in group):
            raise scope.later(node, "a GAP between negated neighbours")
        joined.append(replace(group[0], where=Or(tuple(step.where for step in group))))
    return tuple(joined)
