"""``occurs`` and ``chain``: ``pql/json`` to a tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal as OneOf

from segtoolkit.pql.json.binders import opened, over_item
from segtoolkit.pql.json.document import Place, shown
from segtoolkit.pql.json.joining import joined, joins, terms
from segtoolkit.pql.json.literals import literal, word
from segtoolkit.pql.json.scope import Item, Scope
from segtoolkit.pql.nodes import (
    Call,
    Chain,
    Distance,
    Duration,
    Element,
    Expr,
    Literal,
    Occurs,
    TimeRange,
)
from segtoolkit.pql.words import COMPARISONS, UNITS

_COMPARISONS: Mapping[str, str] = {name: name for name in COMPARISONS}
_DIRECTIONS: Mapping[str, OneOf["before", "after", "on", "between"]] = {
    "before": "before",
    "after": "after",
    "from": "after",
    "within": "on",
    "on": "on",
    "between": "between",
}


def occurs(place: Place, scope: Scope) -> Occurs:
    return _occurs(place, scope, scope.read(place.child("timestamp")))


def _occurs(place: Place, scope: Scope, timestamp: Expr | None) -> Occurs:
    interval = place.child("timeinterval")
    if interval.kind() == "range":
        _check_range(place)
        return Occurs(timestamp, "between", _range(interval, scope))
    place.need("relation")
    relation = word(place.child("relation"), "TimeDirection", _DIRECTIONS)
    if relation == "between":
        raise interval.wrong("`between` needs a node `range` here")
    reference = scope.read(interval)
    if not place.has("qualification"):
        return Occurs(timestamp, relation, reference)
    qualification = place.child("qualification")
    if relation == "on":
        raise qualification.wrong("a distance needs the relation `before` or `after`")
    return Occurs(timestamp, relation, reference, _distance(qualification, scope))


def _check_range(place: Place) -> None:
    if place.has("qualification"):
        reason = "a distance does not go with a `range`"
        raise place.child("qualification").wrong(reason)
    if place.has("relation"):
        relation = place.child("relation")
        if word(relation, "TimeDirection", _DIRECTIONS) not in ("on", "between"):
            raise relation.wrong("a `range` needs the relation `within`")


def _range(place: Place, scope: Scope) -> TimeRange:
    return TimeRange(scope.read(place.child("start")), scope.read(place.child("end")))


def _distance(place: Place, scope: Scope) -> Distance:
    place.expect("timeQualification")
    comparison = word(place.child("comparison"), "Comparison", _COMPARISONS)
    duration = place.child("duration", levels=0).expect("duration")
    unit = word(duration.child("unit"), "TimeUnit", UNITS)
    return Distance(comparison, Duration(scope.read(duration.child("count")), unit))


def chain(place: Place, scope: Scope) -> Chain:
    return Chain(
        scope.read(place.child("array")),
        over_item(place.child("timestampField"), scope),
        tuple([_element(element, scope) for element in place.some("elements")]),
    )


def _element(place: Place, scope: Scope) -> Element:
    place.expect("element")
    return Element(
        place.child("name").name(),
        _flag(place, "negated"),
        over_item(place.child("what"), scope) if place.has("what") else None,
        _when(place.child("when"), scope) if place.has("when") else None,
        _count(place.child("count")) if place.has("count") else None,
        _gap(place, scope) if place.has("gap") else (),
    )


def _flag(place: Place, key: str) -> bool:
    if not place.has(key):
        return False
    flag = place.child(key)
    if not isinstance(flag.value, bool):
        raise flag.wrong(f"`true` or `false` is needed here, found {shown(flag.value)}")
    return flag.value


def _count(place: Place) -> tuple[str, int]:
    place.expect("countQualification")
    comparison = word(place.child("comparison"), "Comparison", _COMPARISONS)
    count = place.child("count")
    match literal(count):
        case Literal(int() as number) if number >= 0 and not isinstance(number, bool):
            return comparison, number
        case _:
            raise count.wrong("a whole number of events is needed here")


def _gap(place: Place, scope: Scope) -> tuple[Distance, ...]:
    return tuple([_distance(distance, scope) for distance in place.children("gap")])


def _when(place: Place, scope: Scope) -> Expr:
    """Read a lambda over the timestamp of an event and, if there are two variables, the event."""
    (time, *event), body = opened(place)
    if len(event) > 1 or time in event:
        raise place.wrong("`when` takes the timestamp and perhaps the event")
    # The timestamp is no value: all that text can say of it is that it `occurs`.
    inner = scope.without(time).inside(Item(None), *event)
    return _when_term(body, inner, time)


def _when_term(place: Place, scope: Scope, time: str) -> Expr:
    kind = place.kind()
    if name := joins(place):
        return joined(name, [_when_term(term, scope, time) for term in terms(place)])
    if kind == "occurs":
        return _occurs_to_event(place, scope, time)
    if _negates(place):
        (operand,) = place.children("params")
        return Call("not", (_when_term(operand, scope, time),))
    raise place.wrong("`when` is made of `occurs`, `and`, `or` and `not`")


def _negates(place: Place) -> bool:
    name = place.value.get("fnName")
    is_not = isinstance(name, str) and name.lower() == "not"
    return is_not and not place.has("function") and len(place.children("params")) == 1


def _occurs_to_event(place: Place, scope: Scope, time: str) -> Occurs:
    left = place.child("timestamp")
    if left.kind() != "varRef" or left.child("varName").value != time:
        raise left.wrong(f"inside `when` the timestamp of the event, `{time}`, is needed")
    return _occurs(place, scope, None)
