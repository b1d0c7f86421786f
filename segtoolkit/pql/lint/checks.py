"""The table of checks, and the walk that asks them: an expression in, findings out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from segtoolkit.pql.lint import (
    constants,
    lists,
    names,
    nulls,
    segments,
    sequences,
    size,
    texts,
    times,
)
from segtoolkit.pql.lint.eligibility import eligibility_of
from segtoolkit.pql.lint.events import EventRule, event_rules
from segtoolkit.pql.lint.findings import Finding, Level, Problem, finding
from segtoolkit.pql.lint.places import Place, walk
from segtoolkit.pql.lint.reading import read
from segtoolkit.pql.lint.scope import outermost
from segtoolkit.pql.nodes import Expr, Node
from segtoolkit.pql.types import Schema

T = TypeVar("T")


def lint(
    expression: str | Mapping[str, Any] | Expr, *, schema: Schema | None = None
) -> list[Finding]:
    """Return what looks like a mistake in *expression*, in the order of the text.

    A *schema* lets the checks know which fields are lists or dates; without one they judge by
    what is written.

    >>> [found] = lint("loyalty.tier != null")
    >>> found.code, found.remedy
    ('null-comparison', 'Write `loyalty.tier.isNotNull()`')

    Raises:
        PQLError: the expression is not PQL; a tree or document is positioned in its canonical text.
    """
    expr, text = read(expression)
    places = list(walk(expr, outermost(schema)))
    whole = Whole(expr, places, list(event_rules(places)))
    found = [
        *_found(CHECKS, places, text),
        *_found(WHOLE_CHECKS, [whole], text),
    ]
    return sorted(found, key=lambda each: each.offset)


def _found(
    checks: Iterable[Check[T]], subjects: Iterable[T], text: str
) -> Iterator[Finding]:
    for subject in subjects:
        for check in checks:
            for problem in check.find(subject):
                yield finding(check.code, check.level, problem, text)


@dataclass(frozen=True, slots=True)
class Whole:
    """An expression, everything in it, and what it asks of events."""

    expr: Expr
    places: Sequence[Place]
    rules: Sequence[EventRule]


def batch_only(whole: Whole) -> Iterator[Problem]:
    """Say why AEP will evaluate the expression in batch."""
    reasons = eligibility_of(whole.places, whole.rules).not_streaming
    if reasons:
        told = dict.fromkeys(_uncapitalised(reason.message) for reason in reasons)
        message = f"AEP will evaluate this audience in batch: {'; '.join(told)}"
        yield Problem(Node(pos=reasons[0].offset), message, reasons[0].remedy)


def _uncapitalised(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


@dataclass(frozen=True, slots=True)
class Check(Generic[T]):
    """One row of a table: *find* yields the problems of one place, or of the whole."""

    code: str
    level: Level
    find: Callable[[T], Iterator[Problem]]


CHECKS: tuple[Check[Place], ...] = (
    Check("null-comparison", "warning", nulls.compared_with_null),
    Check("null-in-list", "warning", nulls.null_in_list),
    Check("always-false", "warning", constants.contradiction),
    Check("always-false", "warning", constants.contradicting_windows),
    Check("always-false", "warning", constants.opposite_terms),
    Check("always-false", "warning", constants.constant_false),
    Check("always-false", "warning", constants.backward_range),
    Check("always-true", "warning", constants.tautology),
    Check("always-true", "warning", constants.constant_true),
    Check("repeated-condition", "info", constants.repeated_term),
    Check("birthday-with-year", "warning", times.birthday_with_year),
    Check("exact-distance", "info", times.exact_distance),
    Check("future-event", "warning", times.event_in_future),
    Check("midnight-anchor", "info", times.anchored_at_midnight),
    Check("negative-distance", "warning", times.negative_distance),
    Check("name-of-a-time", "warning", names.variable_called_as_time),
    Check("repeated-field", "warning", names.repeated_field),
    Check("negation-through-list", "warning", lists.negation_through_list),
    Check("separate-events", "warning", lists.separate_events),
    Check("like-without-wildcard", "warning", texts.like_without_wildcard),
    Check("plain-pattern", "info", texts.like_as_method),
    Check("plain-pattern", "info", texts.matches_plain_text),
    Check("empty-text", "warning", texts.empty_text),
    Check("empty-text", "info", texts.equal_to_empty_text),
    Check("text-order", "warning", texts.ordered_texts),
    Check("text-as-time", "warning", texts.text_as_time),
    Check("segment-without-id", "warning", segments.without_id),
    Check("membership-status", "warning", segments.status),
    Check("membership-status", "info", segments.status_of_some_members),
    Check("sequence-too-long", "warning", sequences.too_long),
    Check("count-of-none", "warning", sequences.count_of_none),
    Check("gap-without-neighbour", "warning", sequences.gap_without_neighbour),
    Check("unordered-events", "info", sequences.unordered_events),
)

WHOLE_CHECKS: tuple[Check[Whole], ...] = (
    Check("counts-no-events", "info", lambda w: sequences.counts_without_events(w.rules)),
    Check("nearly-everyone", "info", lambda w: size.nearly_everyone(w.expr)),
    Check("events-kept", "info", lambda w: size.depends_on_retention(w.rules)),
    Check("batch-only", "info", batch_only),
)
