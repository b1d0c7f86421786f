"""How soon a rule is sized while it is typed: ``python tests/benchmarks/sizer.py``.

Made-up profiles and events in one store; rules of many kinds, none of them asked before, given to an
`AudienceSizer`. Each is answered from a sample first and exactly then. What one would do instead is a query of
DuckDB at every key, over the same tables; its count must be the exact answer, and its count of the sample the first
answer. How many intervals hold the size is told: they are of one sample, and err together. CPU and wall, of all threads, in milliseconds from the key to the drawn card, medians and 95th
of a hundred; then thirty keys in a row. Nothing here is a test.

Options: ``--profiles N`` (default 1,000,000), ``--rounds N`` (default 6).
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time, sleep

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from segtoolkit import Client, connect_local, samples  # noqa: E402
from segtoolkit.models import Estimate  # noqa: E402
from segtoolkit.widgets import AudienceSizer  # noqa: E402

SAMPLE = 100_000
NOW = f"TIMESTAMP '{samples.AS_OF:%Y-%m-%d %H:%M:%S}'"
LATE = f"e.ts <= epoch_us({NOW}) AND e.ts >= epoch_us({NOW} - INTERVAL {{}} DAY)"
SINCE = "timestamp occurs <= {} days before now"
WHERE = "SELECT namespace_set, count(*) FROM profiles p WHERE {} GROUP BY namespace_set"
AMONG = WHERE.format(
    "rid IN (SELECT e.rid FROM events e WHERE {} GROUP BY e.rid HAVING {})"
)


@dataclass(frozen=True)
class Rule:
    """A rule as PQL, and as the query for its profiles by set of namespaces."""

    pql: str
    sql: str


@dataclass(frozen=True)
class Cost:
    """Milliseconds."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Typed:
    """What came of a typed rule: the answers, and what each had cost by then."""

    first: Estimate
    last: Estimate
    to_first: Cost
    to_last: Cost


def main() -> int:
    options = arguments()
    folder = Path(tempfile.mkdtemp())
    try:
        files = samples.write(folder, profiles=options.profiles)
        path = folder / "store.duckdb"
        with connect_local(path, profiles=files.profiles, events=files.events) as client:
            # The events end at an instant of their own, which is the present here.
            client.local._service._clock = lambda: samples.AS_OF
            draw_sample(client, options.profiles)
            compare(client, options.rounds)
            in_a_row(client)
    finally:
        shutil.rmtree(folder)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=6)
    return parser.parse_args()


def draw_sample(client: Client, profiles: int) -> None:
    cost = costing()
    while not client.local.prepare_sample(SAMPLE):
        sleep(0.1)
    spent = cost()
    client.size("true", budget=SAMPLE)
    print(
        f"{profiles:,} profiles; a sample of {SAMPLE:,} drawn once: {spent.cpu:,.0f} ms CPU\n"
    )


# -- rules ------------------------------------------------------------------------------------


def rules(drawn: random.Random) -> Iterator[tuple[str, Rule]]:
    """Yield one rule of each kind."""
    points, month, city = (
        drawn.randrange(5_000),
        drawn.randrange(1, 13),
        drawn.choice("TPA"),
    )
    yield "number", Rule(f"loyalty.points > {points}", where(f"loyalty.points > {points}"))
    first, second = (str(drawn.randrange(10_000, 99_999)) for _ in range(2))
    yield (
        "in",
        Rule(
            f'homeAddress.postalCode in ["{first}", "{second}"]',
            where(f"homeAddress.postalCode IN ('{first}', '{second}')"),
        ),
    )
    yield (
        "text",
        Rule(
            f'homeAddress.city.startsWith("{city}") and personalEmail.address.contains("{points}")',
            where(
                f"homeAddress.city LIKE '{city}%'",
                f"contains(p.xdm.personalEmail.address, '{points}')",
            ),
        ),
    )
    yield (
        "pattern",
        Rule(
            f'personalEmail.address.matches(".*{points}.*")',
            where(f"personalEmail.address LIKE '%{points}%'"),
        ),
    )
    yield (
        "date",
        Rule(
            f"person.birthDate.getMonth() = {month} and loyalty.points > {points}",
            where(f"loyalty.points > {points}", f"month(p.xdm.person.birthDate) = {month}"),
        ),
    )
    for name, most in (("week", 9), ("month", 35), ("year", 365)):
        days, times = drawn.randrange(most * 3 // 4, most), drawn.randrange(1, 4)
        kind = drawn.choice(tuple(samples.choices.TYPES))
        yield (
            f"events, {name}",
            Rule(
                f'xEvent[eventType = "{kind}" and {SINCE.format(days)}].count() >= {times}',
                among(f"e.type = '{kind}' AND {LATE.format(days)}", f"count(*) >= {times}"),
            ),
        )
    price, days = drawn.randrange(10, 2_000), drawn.randrange(30, 300)
    yield (
        "sum",
        Rule(
            f'xEvent[eventType = "commerce.purchases" and {SINCE.format(days)}]'
            f".sum(commerce.order.priceTotal) > {price}",
            among(
                f"e.type = 'commerce.purchases' AND {LATE.format(days)}",
                f'sum(e.xdm.commerce."order".priceTotal) > {price}',
            ),
        ),
    )
    gap = drawn.randrange(2, 20)
    yield (
        "chain of two",
        Rule(
            'chain(xEvent, timestamp, [A: WHAT(eventType = "commerce.productListAdds")'
            f" WHEN(<= {days} days before now),"
            f' B: WHAT(eventType = "commerce.purchases") GAP(<= {gap} days)])',
            chained(days, gap),
        ),
    )


def where(*tests: str) -> str:
    return WHERE.format(
        " AND ".join(test if "p.xdm" in test else f"p.xdm.{test}" for test in tests)
    )


def among(events: str, having: str) -> str:
    return AMONG.format(events, having)


def chained(days: int, gap: int) -> str:
    added = f"e.type = 'commerce.productListAdds' AND {LATE.format(days)}"
    return WHERE.format(
        f"rid IN (SELECT e.rid FROM events e JOIN events b ON b.rid = e.rid AND b.ts >= e.ts"
        f" AND b.ts <= e.ts + {gap} * 86400000000::BIGINT"
        f" WHERE {added} AND b.type = 'commerce.purchases')"
    )


# -- the contests -----------------------------------------------------------------------------


def compare(client: Client, rounds: int) -> None:
    drawn = random.Random(1)
    sizer = AudienceSizer(client, budget=SAMPLE)
    found: dict[str, list[tuple[Typed, Cost]]] = {}
    held = []
    for _ in range(rounds):
        for kind, rule in rules(drawn):
            typed = type_in(sizer, rule.pql)
            size, by_hand = query(client, rule, "main")
            sampled, _ = query(client, rule, "sample,main")
            if (typed.first.rows_matched, typed.last.size) != (sampled, size):
                raise AssertionError(
                    f"{rule.pql}: {typed.first}, then {typed.last}; by SQL {sampled:,} of the"
                    f" sample, {size:,} in all"
                )
            low, high = typed.first.interval or (0, 0)
            held.append(low <= size <= high)
            found.setdefault(kind, []).append((typed, by_hand))
    sizer.close()
    print(f"{'ms: CPU / wall / 95th of wall':32}{'sample':>18}{'exact':>20}{'a query':>20}")
    for kind, cases in found.items():
        show(kind, cases)
    show("all", [case for cases in found.values() for case in cases])
    print(
        f"{sum(held)} of {len(held)} intervals hold the exact size; all counts are as by SQL"
    )


def show(kind: str, cases: list[tuple[Typed, Cost]]) -> None:
    columns = (
        [typed.to_first for typed, _ in cases],
        [typed.to_last for typed, _ in cases],
        [by_hand for _, by_hand in cases],
    )
    print(f"{kind:32}" + "  ".join(f"{summary(column):>18}" for column in columns))


def summary(costs: list[Cost]) -> str:
    walls = [cost.wall for cost in costs]
    late = quantiles(walls, n=20)[-1]
    return f"{median(cost.cpu for cost in costs):.0f} / {median(walls):.0f} / {late:.0f}"


def type_in(sizer: AudienceSizer, text: str) -> Typed:
    answers: list[tuple[Estimate, Cost]] = []
    cost, draw = costing(), sizer._draw

    def drawn() -> None:
        draw()
        if sizer.estimate is not None:
            answers.append((sizer.estimate, cost()))

    sizer._draw = drawn
    try:
        sizer.value = text
        sizer.wait()
    finally:
        sizer._draw = draw
    if not answers:
        raise AssertionError(f"{text}: {sizer.fault}")
    (first, to_first) = answers[0]
    (last, to_last) = next(a for a in answers if a[0].rows_read == a[0].total)
    return Typed(first, last, to_first, to_last)


def query(client: Client, rule: Rule, schema: str) -> tuple[int, Cost]:
    with client.local._service.store.read() as cursor:
        cursor.execute(f"SET search_path = '{schema}'")
        cost = costing()
        rows = cursor.execute(rule.sql).fetchall()
        return sum(count for _, count in rows), cost()


def in_a_row(client: Client) -> None:
    """Type thirty keys, one every 50 ms, and see how soon the last is answered."""
    sizer = AudienceSizer(client, budget=SAMPLE)
    text = 'xEvent[eventType = "commerce.purchases"].sum(commerce.order.priceTotal) > '
    started = process_time()
    for number in range(29):
        sizer.value = f"{text}{number}"
        sleep(0.05)
    last = type_in(sizer, f"{text}29")
    sizer.close()
    print(
        f"\nthirty keys, 50 ms apart: {1e3 * (process_time() - started):,.0f} ms CPU in all;"
        f" after the last {last.to_first.wall:.0f} ms to the sample, {last.to_last.wall:.0f}"
        " to the exact size"
    )


def costing() -> Callable[[], Cost]:
    cpu, wall = process_time(), perf_counter()
    return lambda: Cost(1e3 * (process_time() - cpu), 1e3 * (perf_counter() - wall))


if __name__ == "__main__":
    sys.exit(main())
