"""SQL of a sequence: one pass over the few events that any of its steps asks for.

Each step adds one window over the profile's events in the order of their times. What it needs of the
step before is only the latest time at which that was reached: it is the best choice for any distance, and
for events that must be missing in between. So no event meets another, however many a profile has.
"""

from __future__ import annotations

from collections.abc import Callable

from segtoolkit.pql.typed import Or, Sequence, Span, Step, Typed


def sequence_sql(sequence: Sequence, holds: Callable[[Typed], str], source: str) -> str:
    """Return the query for the profiles that have *sequence*.

    Args:
        sequence: two steps at least, one of them not negated, no two negated ones side by side.
        holds: writes a test of an event.
        source: the FROM clause with the events as ``e``.
    """
    steps = sequence.steps
    matches = ", ".join(f"{holds(step.where)} AS m{i}" for i, step in enumerate(steps))
    relevant = holds(Or(tuple(step.where for step in steps)))
    query = f"SELECT e.rid, e.ts, {matches} {source} WHERE {relevant}"
    reached = None
    for number, step in enumerate(steps):
        if step.negated:
            continue
        query = _extended(query, steps, number, reached)
        reached = number
    rest = "" if not steps[-1].negated else f" AND {_none_after(steps[-1], len(steps) - 1)}"
    # A window cannot stand in WHERE, so its answer becomes a column first.
    last = f"SELECT rid, t{reached} IS NOT NULL{rest} AS found FROM ({query})"
    return f"SELECT DISTINCT rid FROM ({last}) WHERE found"


def _extended(query: str, steps: tuple[Step, ...], number: int, before: int | None) -> str:
    """Add the column ``t<number>``: the time of an event with which that step is reached."""
    step = steps[number]
    missing = number - 1 if number and steps[number - 1].negated else None
    if before is None:
        tests = [f"m{number}", *_counted(step, number)]
        tests += [] if missing is None else [_none_before(steps[missing], missing)]
        return _with_time(query, number, tests)
    latest = f"max(t{before}) OVER ({_events_back(step)})"
    query = f"SELECT *, {latest} AS u{number} FROM ({query})"
    if step.count > 1:
        # The first of the events it takes must come after the step before.
        first = f"lag(u{number}, {step.count - 1}) OVER (PARTITION BY rid, m{number} ORDER BY ts)"
        query = f"SELECT * REPLACE ({first} AS u{number}) FROM ({query})"
    tests = [f"m{number}", f"u{number} IS NOT NULL"]
    if missing is not None:
        tests.append(f"coalesce({_latest_before(missing)} <= u{number}, TRUE)")
    return _with_time(query, number, tests)


def _with_time(query: str, number: int, tests: list[str]) -> str:
    return (
        f"SELECT *, CASE WHEN {' AND '.join(tests)} THEN ts END AS t{number} FROM ({query})"
    )


def _counted(step: Step, number: int) -> list[str]:
    if step.count == 1:
        return []
    so_far = f"count(*) FILTER (m{number}) OVER (PARTITION BY rid ORDER BY ts)"
    return [f"{so_far} >= {step.count}"]


def _events_back(step: Step) -> str:
    """Return the window of what lies *nearest* to *farthest* back."""
    order, nearest, farthest = _frame(step)
    frame = f"RANGE BETWEEN {farthest} PRECEDING AND {nearest} PRECEDING"
    return f"PARTITION BY rid ORDER BY {order} {frame}"


def _frame(step: Step) -> tuple[str, str, str]:
    """Return what to order by, and the bounds: microseconds, or intervals if there are months."""
    bounds = [step.nearest] + ([] if step.farthest is None else [step.farthest])
    written = [str(span.us) for span in bounds]
    order = "ts"
    if any(span.months for span in bounds):
        written, order = [_interval(span) for span in bounds], "make_timestamp(ts)"
    return order, written[0], written[1] if step.farthest else "UNBOUNDED"


def _interval(span: Span) -> str:
    return f"(to_months({span.months}) + to_microseconds({span.us}))"


def _none_before(step: Step, number: int) -> str:
    return f"max(CASE WHEN m{number} THEN ts END) OVER ({_events_back(step)}) IS NULL"


def _latest_before(number: int) -> str:
    """Return the time of the latest such event strictly before this one."""
    frame = "RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
    return (
        f"max(CASE WHEN m{number} THEN ts END) OVER (PARTITION BY rid ORDER BY ts {frame})"
    )


def _none_after(step: Step, number: int) -> str:
    order, nearest, farthest = _frame(step)
    frame = f"RANGE BETWEEN {nearest} FOLLOWING AND {farthest} FOLLOWING"
    window = f"PARTITION BY rid ORDER BY {order} {frame}"
    return f"max(CASE WHEN m{number} THEN ts END) OVER ({window}) IS NULL"
