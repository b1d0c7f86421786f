"""Expression to the fastest way in which AEP evaluates it: on the edge, streaming, or in batch.

The rules are those published for new and edited audiences since May 2025. Edge takes what streaming
takes, as long as one event is enough to tell. Beyond the expression, both need a merge policy that is
active on edge. The published lists have no sums and averages; they are taken for rules of several events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from typing import Literal as OneOf

from segtoolkit import cards
from segtoolkit.cards import Thing
from segtoolkit.pql import nodes as n
from segtoolkit.pql.lint.events import EventRule, Step, event_rules
from segtoolkit.pql.lint.places import Place, is_call, walk
from segtoolkit.pql.lint.reading import read
from segtoolkit.pql.lint.scope import outermost
from segtoolkit.pql.lint.segments import membership
from segtoolkit.pql.lint.windows import Span
from segtoolkit.pql.nodes import Expr
from segtoolkit.pql.types import Schema


@dataclass(frozen=True, slots=True, repr=False)
class Reason(Thing):
    """Why an audience is not evaluated faster, and the place in the text that is to blame.

    Attributes:
        message: what is in the way.
        remedy: what would remove it.
        offset: 0-based index into the text of the expression.
    """

    message: str
    remedy: str
    offset: int

    def _line(self) -> str:
        return self.message

    def _known(self) -> Mapping[str, object]:
        return {"what helps": self.remedy}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Eligibility:
    """How an audience can be evaluated at best.

    Attributes:
        method: ``edge``, ``streaming`` or ``batch``.
        not_edge: why not on the edge; empty if it can be.
        not_streaming: why not streaming; empty if it can be.
        provided: what the expression alone does not show, and has to be true.
    """

    method: OneOf["edge", "streaming", "batch"]
    not_edge: tuple[Reason, ...] = ()
    not_streaming: tuple[Reason, ...] = ()
    provided: tuple[Reason, ...] = ()

    def __repr__(self) -> str:
        first = next(iter((*self.not_streaming, *self.not_edge, *self.provided)), None)
        why = f": {cards.one_line(first.message, most=200)}" if first else ""
        return f"<Eligibility {self.method}{why}>"

    def _repr_html_(self) -> str:
        return cards.eligibility_card(self)


def eligibility(
    expression: str | Mapping[str, Any] | Expr, *, schema: Schema | None = None
) -> Eligibility:
    """Return how AEP can evaluate *expression* at best, and why not faster.

    >>> found = eligibility('xEvent[eventType = "buy"]')
    >>> found.method, found.not_streaming[0].message
    ('batch', 'How far back this event may lie is not limited')

    Raises:
        PQLError: the expression is not PQL.
    """
    expr, _ = read(expression)
    places = list(walk(expr, outermost(schema)))
    return eligibility_of(places, list(event_rules(places)))


def eligibility_of(places: Sequence[Place], rules: Sequence[EventRule]) -> Eligibility:
    """Return how an expression can be evaluated, from its *places* and *rules* about events."""
    slow = sorted({*_of_places(places), *_of_rules(rules)}, key=_order)
    single = sorted({*slow, *_history(rules)}, key=_order)
    return Eligibility(
        method="batch" if slow else "streaming" if single else "edge",
        not_edge=tuple(single),
        not_streaming=tuple(slow),
        provided=tuple(_provided(places, rules)),
    )


def _order(reason: Reason) -> tuple[int, str]:
    return reason.offset, reason.message


_IGNORED_YEAR = "A date without its year is compared in batch only"
_OTHER_RECORD = "Records outside the profile are read in batch only"
_AUDIENCE_MANAGER = "Audience Manager segments and traits are read in batch only"
_OWN_AUDIENCE = "Put it into an audience of its own, and refer to that with inSegment"
_NO_WINDOW = "How far back this event may lie is not limited"
_LONG_WINDOW = "This event may lie more than 24 hours back"
_DAY_WINDOW = "Limit it to a day, as in `timestamp occurs <= 24 hours before now`"
_NO_ORDER = "This event is in no order of time with the one before"
_CHAIN = "Make both elements of one chain, or audiences of their own"
_ABSENCE = "Only events that must not be there are asked for"
_PRESENCE = "Ask for an event that must be there as well"
_HISTORY = "It takes more than one event to tell"
_ONE_EVENT = "Ask for a single event for evaluation on the edge"
_PROFILE_ONLY = "The audience referred to has to ask for profile attributes only"
_NO_EVENTS = "Otherwise evaluation is in batch"


def _of_places(places: Sequence[Place]) -> Iterator[Reason]:
    for place in places:
        node = place.node
        found = membership(node)
        if found and _is_audience_manager(found[0]):
            yield Reason(_AUDIENCE_MANAGER, _OWN_AUDIENCE, node.pos)
        elif isinstance(node, n.Model) or is_call(node, "modelInstances"):
            yield Reason(_OTHER_RECORD, _OWN_AUDIENCE, node.pos)
        elif _ignores_year(node):
            yield Reason(_IGNORED_YEAR, _OWN_AUDIENCE, node.pos)


def _is_audience_manager(namespace: n.Expr) -> bool:
    value = namespace.value if isinstance(namespace, n.Literal) else None
    return isinstance(value, str) and value.startswith("AAM")


def _ignores_year(node: n.Node) -> bool:
    match node:
        case n.Call("getMonth" | "getDayOfMonth", (date,)):
            return not isinstance(date, n.TimeWord)
        case _:
            return False


def _of_rules(rules: Sequence[EventRule]) -> Iterator[Reason]:
    for number, rule in enumerate(rules):
        yield from (reason for step in rule.steps for reason in _of_window(step))
        if number:
            yield Reason(_NO_ORDER, _CHAIN, rule.steps[0].at.pos)
        if not rule.is_ordered:
            yield Reason(_NO_ORDER, _CHAIN, rule.steps[1].at.pos)
    if rules and all(rule.is_absence for rule in rules):
        yield Reason(_ABSENCE, _PRESENCE, rules[0].steps[0].at.pos)


def _of_window(step: Step) -> Iterator[Reason]:
    if step.span is not Span.DAY:
        message = _NO_WINDOW if step.span is Span.ALL else _LONG_WINDOW
        yield Reason(message, _DAY_WINDOW, step.at.pos)


def _history(rules: Sequence[EventRule]) -> Iterator[Reason]:
    for rule in rules:
        if rule.is_many:
            yield Reason(_HISTORY, _ONE_EVENT, rule.steps[-1].at.pos)


def _provided(places: Sequence[Place], rules: Sequence[EventRule]) -> Iterator[Reason]:
    """Name the audiences that an expression with events refers to; AEP looks into them."""
    if rules:
        for place in places:
            if is_call(place.node, "inSegment") or _is_own_audience(place.node):
                yield Reason(_PROFILE_ONLY, _NO_EVENTS, place.node.pos)


def _is_own_audience(node: n.Node) -> bool:
    found = membership(node)
    return found is not None and found[0] == n.Literal("ups")
