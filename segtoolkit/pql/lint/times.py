"""Times that are asked for in a way that finds something else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from math import inf

from segtoolkit.pql import nodes as n
from segtoolkit.pql.lint.findings import Problem, quoted, rewrite
from segtoolkit.pql.lint.places import Place, is_call
from segtoolkit.pql.lint.scope import is_event_time
from segtoolkit.pql.lint.windows import SECONDS, TODAY, is_relative
from segtoolkit.pql.words import counted

_BIRTH = re.compile("birth|bday|(^|_)dob($|_)", re.IGNORECASE)
_YEAR = SECONDS["year"][1]
_SHORT = {unit for unit, (_, longest) in SECONDS.items() if longest < _YEAR}


def birthday_with_year(place: Place) -> Iterator[Problem]:
    """Find ``birthDate occurs this month``, which finds the newborn."""
    node = place.node
    if not isinstance(node, n.Occurs) or node.timestamp is None:
        return
    name = getattr(node.timestamp, "name", "")
    if _BIRTH.search(name) and is_relative(node.reference) and _is_near(node):
        message = f"{quoted(node)} asks for the year of birth as well"
        yield Problem(node, message, _birthday(node, node.timestamp))


def _is_near(occurs: n.Occurs) -> bool:
    """Tell whether *occurs* looks less than a year away, where no grown-up was born."""
    if occurs.distance is None:
        units = [r.unit for r in _references(occurs) if isinstance(r, n.CalendarUnit)]
        return occurs.relation in ("on", "between") and all(u in _SHORT for u in units)
    is_close = occurs.distance.comparison in ("<", "<=", "=") or occurs.relation == "after"
    return is_close and _length(occurs.distance.duration) < _YEAR


def _length(duration: n.Duration) -> float:
    """Return the longest *duration* can be, in seconds; endless when its count is no number."""
    count = duration.count
    if not isinstance(count, n.Literal) or not isinstance(count.value, int | float):
        return inf
    return count.value * SECONDS[duration.unit][1]


def _references(occurs: n.Occurs) -> tuple[n.Expr, ...]:
    found = occurs.reference
    return (found.start, found.end) if isinstance(found, n.TimeRange) else (found,)


def _birthday(occurs: n.Occurs, date: n.Expr) -> str:
    reference = occurs.reference
    months = _same("getMonth", date, n.Call("currentMonth", ()))
    if reference == n.CalendarUnit("this", "month"):
        return rewrite(months)
    day: n.Expr = reference if isinstance(reference, n.TimeWord) else TODAY
    day = TODAY if day == n.TimeWord("now") else day
    pair = [_same(f, date, n.Call(f, (day,))) for f in ("getMonth", "getDayOfMonth")]
    text = rewrite(n.Call("and", tuple(pair)))
    if isinstance(reference, n.TimeWord) and occurs.distance is None:
        return text
    return f"{text} for one day; other days need numbers in place of `today`"


def _same(part: str, date: n.Expr, other: n.Expr) -> n.Expr:
    return n.Call("=", (n.Call(part, (date,)), other))


def exact_distance(place: Place) -> Iterator[Problem]:
    """Find ``occurs = 3 days before now``, which is a whole day."""
    node = place.node
    if not isinstance(node, n.Occurs) or node.distance is None:
        return
    distance = node.distance
    if distance.comparison in ("=", "!="):
        unit = distance.duration.unit
        means = "means" if distance.comparison == "=" else "excludes"
        message = f"{quoted(node)} {means} the whole {unit}, not an instant"
        yield Problem(node, message, _spelled_out(node, distance))


def _spelled_out(node: n.Occurs, distance: n.Distance) -> str:
    count = distance.duration.count
    if not isinstance(count, n.Literal) or type(count.value) is not int:
        return "Write two conditions, one with `>=` and one with `<`"
    # Of the day three days back, two days back is the end; of the day in three days, four.
    near, far = (
        (("<=", count.value), (">", count.value - 1))
        if node.relation == "before"
        else ((">=", count.value), ("<", count.value + 1))
    )
    both = n.Call("and", (_at(node, distance, *near), _at(node, distance, *far)))
    outside = n.Call("not", (both,))
    text = rewrite(both if distance.comparison == "=" else outside)
    unit = distance.duration.unit
    # Only days begin where today does; other units begin where the calendar says.
    is_same = node.reference == TODAY and unit == "day"
    return f"{text} to say so" if is_same else f"{text} for the {unit} that begins then"


def _at(node: n.Occurs, distance: n.Distance, comparison: str, count: int) -> n.Occurs:
    duration = replace(distance.duration, count=n.Literal(count))
    return replace(node, distance=n.Distance(comparison, duration))


def negative_distance(place: Place) -> Iterator[Problem]:
    """Find ``occurs < -3 days before now``: a distance has no sign."""
    node = place.node
    if not isinstance(node, n.Distance) or not isinstance(node.duration.count, n.Literal):
        return
    count = node.duration.count.value
    if isinstance(count, int | float) and count < 0:
        written = f"`{node.comparison} {count} {counted(count, node.duration.unit)}`"
        message = f"{written} is a negative distance, on the other side of the time"
        yield Problem(node, message, _positive(place.parent, node, -count))


def _positive(parent: n.Node | None, distance: n.Distance, count: float) -> str:
    if not isinstance(parent, n.Occurs):
        return "Leave out the minus"
    duration = replace(distance.duration, count=n.Literal(count))
    remedied = replace(parent, distance=replace(distance, duration=duration))
    return f"{rewrite(remedied)}, with `before` or `after` for the side"


def event_in_future(place: Place) -> Iterator[Problem]:
    node = place.node
    if not isinstance(node, n.Occurs) or not is_event_time(node, place.scope):
        return
    if _is_future(node):
        message = f"{quoted(node)} asks for events that have not happened yet"
        past = replace(node, relation="before", reference=_past(node.reference))
        yield Problem(node, message, f"{rewrite(past)} for those that have")


def _is_future(occurs: n.Occurs) -> bool:
    match occurs.reference:
        case n.TimeWord("now" | "today"):
            return occurs.relation == "after"
        case n.TimeWord("tomorrow") | n.CalendarUnit("next"):
            return occurs.relation in ("after", "on")
        case _:
            return False


def _past(reference: n.Expr) -> n.Expr:
    return reference if isinstance(reference, n.TimeWord) else n.TimeWord("now")


def anchored_at_midnight(place: Place) -> Iterator[Problem]:
    """Find ``<= 7 days before today``, which leaves today out; after today, it is in."""
    node = place.node
    if not isinstance(node, n.Occurs) or node.distance is None:
        return
    if node.reference != TODAY or node.distance.comparison not in ("<", "<="):
        return
    if is_event_time(node, place.scope) and node.relation == "after":
        return  # said by `event_in_future`
    if _length(node.distance.duration) > SECONDS["month"][1]:
        return  # where a day more or less is not seen
    if node.relation == "after" and _has_lower_bound(place):
        return
    counts = "leaves today out" if node.relation == "before" else "counts today as well"
    message = f"{quoted(node)} is measured from midnight UTC and {counts}"
    if node.relation == "before":
        now = replace(node, reference=n.TimeWord("now"))
        yield Problem(node, message, f"{rewrite(now)} for the time up to this moment")
    else:
        first = _at(node, node.distance, ">=", 1)
        both = n.Call("and", (first, node))
        yield Problem(node, message, f"{rewrite(both)} to begin tomorrow")


def _has_lower_bound(place: Place) -> bool:
    """Tell whether another condition beside it says when the window begins."""
    others = place.parent.args if isinstance(place.parent, n.Call) else ()
    mine = place.node
    assert isinstance(mine, n.Occurs)
    return is_call(place.parent, "and") and any(
        isinstance(other, n.Occurs)
        and other is not mine
        and other.timestamp == mine.timestamp
        and (other.distance is None or other.distance.comparison in (">", ">="))
        for other in others
    )
