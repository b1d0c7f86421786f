"""Sequences in the oracle: when the events of each element happened in, found or not out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from segtoolkit.pql import nodes as n
from tests.pql.oracle_times import MIRRORED, OPERATORS, shifted

Step: TypeAlias = tuple[n.Element, list[datetime]]


def is_sequence(steps: Sequence[Step]) -> bool:
    """Tell whether events happened as the elements ask: a single one, or one after another."""
    if len(steps) > 1:
        return is_found(steps, None, ())
    ((element, times),) = steps
    return is_counted(element, len(times)) is not element.negated


def is_counted(element: n.Element, count: int) -> bool:
    symbol, number = element.count or (">=", 1)
    return OPERATORS[symbol](count, number)


def is_found(
    steps: Sequence[Step],
    previous: datetime | None,
    gap: Sequence[n.Distance],
    absent: Sequence[datetime] = (),
) -> bool:
    """Tell whether *steps* follow the event at *previous*, at a distance, without what is *absent*.

    The gap of an element is the one to the next, but that of the last the one before it.
    """
    if not steps:
        return not any(t > previous and is_near(previous, t, gap) for t in absent)
    (element, times), *others = steps
    gap = gap if others else [*gap, *element.gap]
    if element.negated:
        return is_found(others, previous, gap, [*absent, *times])
    since = [t for t in times if previous is None or t > previous]
    return any(
        (previous is None or is_near(previous, t, gap))
        and is_counted(element, sum(other <= t for other in since))
        and not any(y < t and (previous is None or y > previous) for y in absent)
        and is_found(others, t, element.gap if others else ())
        for t in since
    )


def is_near(start: datetime, t: datetime, gap: Sequence[n.Distance]) -> bool:
    """Tell whether *start* is as long before *t* as *gap* asks; months are counted back from *t*."""
    return all(
        OPERATORS[MIRRORED[one.comparison]](
            start, shifted(t, -one.duration.count.value, one.duration.unit)
        )
        for one in gap
    )
