"""Expression to its rules about events: which events, how far back, in which order, present or absent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from segtoolkit.pql import nodes as n
from segtoolkit.pql.lint.clashes import condition
from segtoolkit.pql.lint.places import Place, is_call
from segtoolkit.pql.lint.scope import Scope, is_event_time, is_events
from segtoolkit.pql.lint.windows import Span, span


@dataclass(frozen=True, slots=True)
class Step:
    """One event that a rule asks for, or does not want.

    Attributes:
        at: where it is asked for.
        span: how far back it looks.
        is_absence: whether there must be no such event.
        is_many: whether it takes more than one event to tell.
    """

    at: n.Node
    span: Span
    is_absence: bool = False
    is_many: bool = False


@dataclass(frozen=True, slots=True)
class EventRule:
    """What is asked at one place; *is_ordered* tells whether the order of its steps matters."""

    steps: tuple[Step, ...]
    is_ordered: bool = True

    @property
    def is_absence(self) -> bool:
        return all(step.is_absence for step in self.steps)

    @property
    def is_many(self) -> bool:
        return len(self.steps) > 1 or any(step.is_many for step in self.steps)


def event_rules(places: Sequence[Place]) -> Iterator[EventRule]:
    """Yield the rules about events among all *places* of an expression."""
    for place in places:
        rule = _rule(place)
        if rule is not None and rule.steps:
            yield _negated(rule) if place.is_negated else rule


def _negated(rule: EventRule) -> EventRule:
    """Return *rule* under a ``not``: what it wants must not be; the rest is left as it is."""
    if any(step.is_absence for step in rule.steps) and len(rule.steps) > 1:
        return rule
    turned = [replace(step, is_absence=not step.is_absence) for step in rule.steps]
    return replace(rule, steps=tuple(turned))


def _rule(place: Place) -> EventRule | None:
    match place.node:
        case n.Chain(array, _, elements) if is_events(array, place.scope):
            return EventRule(tuple(_step(element) for element in elements))
        case n.Select(declarations) | n.Aggregation(_, _, declarations):
            return _selected(place, declarations)
        case n.Quantifier(kind, declarations):
            rule = _selected(place, declarations)
            return _negated(rule) if kind in ("none", "forall") else rule
        case n.Name("xEvent") | n.Field(_, "xEvent") if is_events(place.node, place.scope):
            return _used(place)
        case _:
            return None


def _step(element: n.Element) -> Step:
    least, number = element.count or (">=", 1)
    spans = [span(c, _is_own_time) for c in (element.what, element.when)]
    is_none = element.negated or _is_upper(least, number)
    return Step(element, max(spans), is_none, is_many=(least, number) != (">=", 1))


def _is_own_time(occurs: n.Occurs) -> bool:
    return occurs.timestamp in (None, n.Name("timestamp"))


def _is_upper(comparison: str, number: float) -> bool:
    """Tell whether a count compared like this may be zero."""
    return comparison in ("<", "<=") or (comparison == "=" and number == 0)


def _selected(place: Place, declarations: tuple[n.Declaration, ...]) -> EventRule:
    """Return the rule of a selection, with a step for each variable that is an event."""
    events = [d for d in declarations if is_events(d.source, place.scope)]
    wheres = [d.where for d in declarations if d.where is not None]
    everything = n.Call("and", tuple(wheres))
    spans: dict[str, Span] = {}
    for declaration in events:
        mine = span(everything, _is_time_of(declaration.name))
        spans[declaration.name] = max(mine, *_conditions_in(declaration.source))
    _spread(spans, everything)
    many = isinstance(place.node, n.Aggregation) or _counts_many(place)
    absent = is_absent(place)
    return EventRule(
        tuple(Step(d, spans[d.name], absent, is_many=many) for d in events),
        is_ordered=len(events) < 2 or bool(_orderings(everything, set(spans))),
    )


def _is_time_of(name: str) -> Callable[[n.Occurs], bool]:
    own = n.Field(n.Name(name), "timestamp")
    return lambda occurs: occurs.timestamp == own and not _event_of(occurs.reference)


def _conditions_in(source: n.Expr) -> Iterator[Span]:
    """Yield how far back the filters of *source* look, and that of none."""
    yield Span.ALL
    while isinstance(source, n.Filter):
        yield span(source.where, _is_own_time)
        source = source.base


def _spread(spans: dict[str, Span], everything: n.Call) -> None:
    """Let an event that comes after another one look no further back than that."""
    pairs = _orderings(everything, set(spans))
    for _ in spans:
        for earlier, later in pairs:
            spans[later] = max(spans[later], spans[earlier])


def _orderings(condition: n.Expr, names: set[str]) -> list[tuple[str, str]]:
    """Return, of events that *condition* puts in order, the earlier and the later."""
    match condition:
        case n.Call("and", args):
            return [pair for arg in args for pair in _orderings(arg, names)]
        case n.Occurs(timestamp, relation, reference) if timestamp is not None:
            one, other = _event_of(timestamp), _event_of(reference)
            if one in names and other in names:
                return [(other, one)] if relation == "after" else [(one, other)]
    return []


def _event_of(time: n.Expr) -> str:
    """Return the variable whose timestamp *time* is, or an empty string."""
    match time:
        case n.Field(n.Name(name), "timestamp"):
            return name
        case _:
            return ""


def _used(place: Place) -> EventRule | None:
    """Return the rule where ``xEvent`` is filtered, counted or gone through."""
    spans, upper = [Span.ALL], place
    while (above := upper.above) is not None and (found := _filter(above, upper.node)):
        where, scope = found
        spans.append(span(where, _is_event_time_in(scope)))
        upper = above
    if _is_source(upper):
        return None  # the rule is that of the selection, or chain
    many = _counts_many(upper)
    return EventRule((Step(place.node, max(spans), is_absent(upper), is_many=many),))


def _filter(above: Place, source: n.Node) -> tuple[n.Expr, Scope] | None:
    """Return the condition that *above* puts on its *source*, and what that sees; else None."""
    scope = above.scope
    match above.node:
        case n.Call("filter" | "exists", (base, n.Lambda((param,), where))):
            inside = scope.binding({param: scope.event})
        case n.Filter(base, where) | n.Call("filter" | "exists", (base, where)):
            inside = scope.inside(scope.event)
        case _:
            return None
    return (where, inside) if base is source else None


def _is_event_time_in(scope: Scope) -> Callable[[n.Occurs], bool]:
    return lambda occurs: is_event_time(occurs, scope)


def _is_source(place: Place) -> bool:
    match place.parent:
        case n.Declaration(_, source) | n.Chain(source):
            return source is place.node
        case _:
            return False


_AGGREGATES = {
    *("count", "sum", "average", "min", "max", "topN", "bottomN", "groupBy"),
    *("distinct", "map", "head"),
}


def _counts_many(place: Place) -> bool:
    """Tell whether more than one event is needed to answer what is asked of *place*."""
    above = _consumer(place)
    if above is None or not is_call(above.node, *_AGGREGATES):
        return False
    return not (is_call(above.node, "count") and _number_asked(above) == (">=", 1))


def _consumer(place: Place) -> Place | None:
    """Return the place that makes use of the values along the path from *place*."""
    above = place.above
    while above is not None and isinstance(above.node, n.Field):
        above = above.above
    return above


def _number_asked(count: Place) -> tuple[str, float] | None:
    """Return what the number is compared with; ``> 0`` and ``!= 0`` are read as ``>= 1``."""
    asked = condition(count.parent) if isinstance(count.parent, n.Call) else None
    if asked is None or not asked.values or not isinstance(asked.values[0], int | float):
        return None
    found = asked.operator, asked.values[0]
    return (">=", 1) if found in ((">", 0), ("!=", 0)) else found


def is_absent(place: Place) -> bool:
    """Tell whether the events of *place* are counted, and may be none."""
    above = _consumer(place)
    if above is None or not is_call(above.node, "count"):
        return False
    asked = _number_asked(above)
    if asked is None:
        return False
    comparison, number = asked
    return _is_upper(comparison, number) or (comparison == "!=" and number != 0)
