"""Variables over events that follow one another: ``E2.timestamp occurs after E1.timestamp``.

That is how sequences were written before there was ``chain``, and what is written so is evaluated as one:
in one pass over the events, where comparing each with each takes the square of their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from segtoolkit.pql.resolve import lists
from segtoolkit.pql.rules import truth
from segtoolkit.pql.trees import all_of, conjuncts, rows_of, with_row
from segtoolkit.pql.typed import (
    EVENT,
    PROFILE,
    Aggregate,
    Const,
    Events,
    Get,
    Keep,
    Not,
    Op,
    Row,
    Sequence,
    Span,
    Step,
    Truth,
    Typed,
)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable: *item* stands for what is in *source*, if all of *where* hold."""

    item: Row
    source: Typed
    where: tuple[Typed, ...] = ()

    def kept(self) -> Typed:
        return lists.keep(self.source, self.item, all_of(self.where))


@dataclass(frozen=True, slots=True)
class Distance:
    """How long after *first* the event *second* happens, in microseconds; None is no bound."""

    first: str
    second: str
    least: int | None
    most: int | None

    def turned(self) -> Distance:
        least = None if self.most is None else -self.most
        most = None if self.least is None else -self.least
        return Distance(self.second, self.first, least, most)

    def is_forward(self) -> bool:
        """Tell whether *second* is later than *first* for certain, and may be at all."""
        if self.least is None or self.least < 1:
            return False
        return self.most is None or self.most >= self.least

    def narrowed(self, other: Distance) -> Distance:
        least = [bound for bound in (self.least, other.least) if bound is not None]
        most = [bound for bound in (self.most, other.most) if bound is not None]
        return replace(self, least=max(least, default=None), most=min(most, default=None))


def some(variables: Iterable[Variable]) -> Typed:
    """Ask whether there is an item for each variable, so that all conditions hold."""
    *outer, last = variables
    test = truth(last.kept())
    for variable in reversed(outer):
        test = truth(replace(variable, where=(*variable.where, test)).kept())
    return test


def sequence_of(variables: tuple[Variable, ...]) -> Sequence | None:
    """Return the sequence that *variables* describe; None when they are none."""
    events = _over_events(variables)
    if events is None:
        return None
    own, distances = _sorted_out(events)
    path = None if distances is None else _path(tuple(events), distances)
    if distances is None or path is None:
        return None
    *tests, missing = _without_follower(own[path[-1]], path[-1])
    own = {**own, path[-1]: tuple(tests)}
    steps = [_step(events[name], own[name], distances.get(name)) for name in path]
    steps += [] if missing is None else [missing]
    closed = all(_is_closed(step.where) for step in steps)
    return Sequence(tuple(steps)) if len(steps) > 1 and closed else None


def _over_events(variables: tuple[Variable, ...]) -> dict[str, Variable] | None:
    """Return the variables over events by row; others become conditions of the event they are of."""
    found = {variable.item.name: variable for variable in variables}
    for variable in reversed(variables):
        if isinstance(variable.source, Events):
            continue
        del found[variable.item.name]
        named = frozenset[str]().union(*map(rows_of, (variable.source, *variable.where)))
        owners = named - {variable.item.name, PROFILE}
        if len(owners) != 1 or not owners <= found.keys():
            return None
        owner = found[next(iter(owners))]
        where = (*owner.where, truth(variable.kept()))
        found[owner.item.name] = replace(owner, where=where)
    return found


def _sorted_out(
    events: Mapping[str, Variable],
) -> tuple[dict[str, tuple[Typed, ...]], dict[str, Distance] | None]:
    """Tell conditions of one event from distances between two; the latter by the later event.

    The distances are None when a condition is neither.
    """
    own: dict[str, tuple[Typed, ...]] = dict.fromkeys(events, ())
    between: dict[frozenset[str], Distance] = {}
    for variable in events.values():
        for condition in variable.where:
            named = rows_of(condition).intersection(events)
            if len(named) < 2:
                name = next(iter(named), variable.item.name)
                own[name] = (*own[name], condition)
                continue
            distance = _distance(condition)
            if distance is None:
                return own, None
            known = between.get(named)
            if known is None:
                between[named] = distance
            else:
                same_way = known.first == distance.first
                between[named] = known.narrowed(distance if same_way else distance.turned())
    return own, _by_later_event(between.values())


def _by_later_event(distances: Iterable[Distance]) -> dict[str, Distance] | None:
    found: dict[str, Distance] = {}
    for distance in distances:
        forward = next((d for d in (distance, distance.turned()) if d.is_forward()), None)
        if forward is None or forward.second in found:
            return None
        found[forward.second] = forward
    return found


def _path(names: tuple[str, ...], distances: Mapping[str, Distance]) -> list[str] | None:
    """Order *names* so that each but the first follows the one before; None if they do not."""
    after = {distance.first: distance.second for distance in distances.values()}
    first = [name for name in names if name not in distances]
    if len(first) != 1 or len(after) != len(distances):
        return None
    path = first
    while path[-1] in after:
        path.append(after[path[-1]])
    return path if len(path) == len(names) else None


def _distance(condition: Typed) -> Distance | None:
    """Read a comparison of the times of two events."""
    match condition:
        case Truth(Op(comparison, (left, right))) if comparison in ("<", "<=", ">", ">="):
            one, other = _time_of(left), _time_of(right)
        case _:
            return None
    if one is None or other is None:
        return None
    (second, added), (first, shift) = one, other
    limit = shift - added
    match comparison:
        case ">":
            return Distance(first, second, limit + 1, None)
        case ">=":
            return Distance(first, second, limit, None)
        case "<":
            return Distance(first, second, None, limit - 1)
        case _:
            return Distance(first, second, None, limit)


def _time_of(node: Typed) -> tuple[str, int] | None:
    """Return whose time *node* is, and how many microseconds are added to it."""
    match node:
        case Get(Row(name), "timestamp"):
            return name, 0
        case Op("later", (Get(Row(name), "timestamp"), Const(int() as added))):
            return name, added
        case _:
            return None


def _step(variable: Variable, tests: tuple[Typed, ...], distance: Distance | None) -> Step:
    assert isinstance(variable.source, Events)
    event = Row(EVENT, variable.item.type)
    own = tuple(with_row(test, variable.item.name, event) for test in tests)
    where = all_of((*conjuncts(variable.source.where), *own))
    return _with_distance(Step(where), distance)


def _with_distance(step: Step, distance: Distance | None) -> Step:
    if distance is None:
        return step
    assert distance.least is not None
    farthest = None if distance.most is None else Span(us=distance.most)
    return replace(step, nearest=Span(us=distance.least), farthest=farthest)


def _without_follower(
    tests: tuple[Typed, ...], name: str
) -> tuple[*tuple[Typed, ...], Step | None]:
    """Split off the condition that no such event follows the one called *name*."""
    followers = {test: step for test in tests if (step := _no_follower(test, name))}
    if len(followers) != 1:
        return (*tests, None)
    ((found, step),) = followers.items()
    return (*(test for test in tests if test != found), step)


def _no_follower(test: Typed, name: str) -> Step | None:
    """Read ``not (select E from xEvent where … and E.timestamp occurs after …)``."""
    match test:
        case Not(
            Truth(
                Op(">", (Op("len", (Keep(Aggregate() as events, item, where),)), Const(0)))
            )
        ) if events.value is None:
            bounds = [_distance(part) for part in conjuncts(where)]
        case _:
            return None
    forward = Distance(name, item, None, None)
    for bound in bounds:
        if bound is None or {bound.first, bound.second} != {name, item}:
            return None
        forward = forward.narrowed(bound if bound.first == name else bound.turned())
    if not forward.is_forward():
        return None
    return _with_distance(Step(events.where, negated=True), forward)


def _is_closed(where: Typed) -> bool:
    return rows_of(where) <= {EVENT, PROFILE}
