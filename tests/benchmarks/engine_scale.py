"""A job of many segments against the best queries by hand: ``python tests/benchmarks/engine_scale.py``.

Synthetic profiles in one DuckDB file; 1, 100 and 1,000 segments with counts by namespace and status, and an
event rule. Peers: DuckDB itself, a query a segment over the very same table, and polars over Parquet where
it is installed. Results are compared first; CPU seconds of all threads, medians; nothing here is a test.

Options: ``--profiles N`` (default 3,286,608, a quarter of 13,146,432), ``--runs N``.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import process_time

import duckdb
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from segtoolkit.engine import DuckDBEngine, Evaluation  # noqa: E402
from segtoolkit.local import profiles  # noqa: E402

AS_OF = datetime(2024, 5, 20, tzinfo=UTC)
COUNTRIES = ("US", "CA", "DE", "FR", "GB", "IT", "ES", "JP")
TIERS = ("gold", "silver", "bronze", "none")
NAMESPACES = ("CRMID", "ECID", "Email", "GAID", "IDFA", "Phone")
PURCHASES = (
    'xEvent[eventType = "commerce.purchases" and commerce.order.priceTotal > 50'
    " and timestamp occurs <= 30 days before now].count() >= 3"
)
PURCHASES_SQL = """SELECT rid FROM events e WHERE type = 'commerce.purchases' AND ts <= epoch_us($now)
    AND ts >= epoch_us($now - INTERVAL 30 DAY) AND xdm.commerce."order".priceTotal > 50
    GROUP BY rid HAVING count(*) >= 3"""


@dataclass(frozen=True)
class Rule:
    """One rule, in PQL and as SQL over ``p.xdm``."""

    pql: str
    sql: str


def main() -> int:
    options = arguments()
    folder = Path(tempfile.mkdtemp())
    try:
        run(options.profiles, options.runs, folder)
    finally:
        shutil.rmtree(folder)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profiles", type=int, default=13_146_432 // 4)
    parser.add_argument("--runs", type=int, default=3)
    return parser.parse_args()


def run(count: int, runs: int, folder: Path) -> None:
    store = build(folder / "store.duckdb", count)
    drawn = random.Random(1)
    jobs = [draw_job(drawn, 100) for _ in range(runs + 1)]
    engine = DuckDBEngine()
    evaluate(engine, store, {"nobody": Rule('homeAddress.country = "X"', "FALSE")})
    cold, _ = timed(lambda: evaluate(engine, store, jobs[0]))
    check(evaluate(engine, store, jobs[0]), store, jobs[0])
    hundred = median(
        timed(lambda job=job: evaluate(engine, store, job))[0] for job in jobs[1:]
    )
    ours = one_of_ours(engine, store, runs)
    by_hand = [timed(lambda: in_turn(store, jobs[0]))[0] for _ in range(runs)]
    thousand, _ = timed(lambda: evaluate(engine, store, draw_job(drawn, 1_000)))
    codes = make_codes(count)
    numpy_s = median(timed(lambda: count_codes(codes))[0] for _ in range(9))
    single = median(
        timed(lambda n=n: in_turn(store, {"s": one_rule(n)}))[0] for n in range(runs)
    )
    print(f"{count:,} profiles, CPU seconds, median of {runs}; results compared first\n")
    print_table(
        ("numpy: count of a uint8 column", numpy_s, ""),
        ("1 segment, codes warm", ours, f"{ours / numpy_s:.1f} x numpy"),
        ("1 segment, DuckDB query", single, f"{single / ours:.1f} x ours"),
        ("100 segments, codes warm, new tests", hundred, f"{hundred * 10:.1f} ms each"),
        ("100 segments, cold", cold, ""),
        ("100 DuckDB queries", median(by_hand), f"{median(by_hand) / hundred:.1f} x warm"),
        ("1,000 segments, codes warm", thousand, f"{thousand:.1f} ms each"),
    )
    events(engine, store, runs)
    print(
        f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MB"
    )


# -- the data ---------------------------------------------------------------------------------


def build(path: Path, count: int) -> duckdb.DuckDBPyConnection:
    """Write profiles and events straight into the tables of a store, as a load would leave them."""
    store = duckdb.connect(str(path))
    store.execute("SET GLOBAL TimeZone = 'UTC'")
    profiles.create_tables(store)
    listed = ", ".join(f"'{name}'" for name in COUNTRIES)
    tiers = ", ".join(f"'{name}'" for name in TIERS)
    spaces = ", ".join(f"'{name}'" for name in NAMESPACES)
    store.execute(f"""
        CREATE OR REPLACE TABLE profiles AS
        SELECT i AS rid, (hash(i * 7) % 64)::INTEGER AS namespace_set, struct_pack(
            _id := 'p' || i,
            homeAddress := struct_pack(country := [{listed}][1 + (hash(i) % 8)::INT],
                                       city := 'c' || (hash(i * 3) % 3000)),
            loyalty := struct_pack(tier := [{tiers}][1 + (hash(i * 5) % 4)::INT],
                                   points := (hash(i * 11) % 10000)::BIGINT,
                                   spend := (hash(i * 13) % 1000000) / 100.0::DOUBLE),
            person := struct_pack(birthDate := DATE '1950-01-01' + (hash(i * 17) % 20000)::INT),
            tags := list_filter(['a', 'b', 'c', 'd', 'e', 'f'],
                                lambda x, k: (hash(i * 19) >> k) % 3 = 0)) AS xdm
        FROM range({count}) t(i) ORDER BY i""")
    store.execute("DELETE FROM namespace_sets")
    store.execute(f"""
        INSERT INTO namespace_sets SELECT i::INTEGER,
            list_filter([{spaces}], lambda x, k: (i >> (k - 1)) % 2 = 1) FROM range(64) t(i)""")
    store.execute(f"INSERT INTO keys SELECT i, 'CRMID', 'p' || i FROM range({count}) t(i)")
    store.execute(f"""
        CREATE OR REPLACE TABLE events AS
        SELECT (hash(i) % {count})::BIGINT AS rid,
            epoch_us(TIMESTAMP '2023-05-20' + to_seconds((hash(i * 3) % 31536000)::BIGINT)) AS ts,
            ['commerce.purchases', 'web.webpagedetails.pageViews', 'commerce.productListAdds',
             'commerce.checkouts', 'mobile.launch'][1 + (hash(i * 5) % 5)::INT] AS type,
            struct_pack(commerce := struct_pack("order" := struct_pack(
                priceTotal := (hash(i * 7) % 20000) / 100.0::DOUBLE))) AS xdm
        FROM range({count * 5}) t(i) ORDER BY type, rid, ts""")
    return store


def draw_job(drawn: random.Random, segments: int) -> dict[str, Rule]:
    return {f"s{number}": draw_segment(drawn) for number in range(segments)}


def draw_segment(drawn: random.Random) -> Rule:
    join = drawn.choice((" and ", " and ", " or "))
    terms = [draw_term(drawn) for _ in range(drawn.choice((1, 2, 2, 3)))]
    return Rule(
        join.join(f"({t.pql})" for t in terms), join.join(f"({t.sql})" for t in terms)
    )


def draw_term(drawn: random.Random) -> Rule:
    term = drawn.choice(TERMS)(drawn)
    if drawn.random() < 0.2:
        return Rule(f"not ({term.pql})", f"NOT coalesce({term.sql}, FALSE)")
    return term


def among(drawn: random.Random) -> Rule:
    one, other = drawn.sample(COUNTRIES, 2)
    return Rule(
        f'homeAddress.country in ["{one}", "{other}"]',
        f"p.xdm.homeAddress.country IN ('{one}', '{other}')",
    )


def equal(path: str, values: tuple[str, ...]) -> Callable[[random.Random], Rule]:
    def term(drawn: random.Random) -> Rule:
        value = drawn.choice(values)
        return Rule(f'{path} = "{value}"', f"p.xdm.{path} = '{value}'")

    return term


def above(path: str, most: int) -> Callable[[random.Random], Rule]:
    def term(drawn: random.Random) -> Rule:
        value = drawn.randrange(0, most, 50)
        return Rule(f"{path} > {value}", f"p.xdm.{path} > {value}")

    return term


def born_before(drawn: random.Random) -> Rule:
    year = drawn.randrange(1955, 2004)
    return Rule(
        f"person.birthDate occurs before date({year}, 1, 1)",
        f"p.xdm.person.birthDate < DATE '{year}-01-01'",
    )


def tagged(drawn: random.Random) -> Rule:
    tag = drawn.choice("abcdef")
    return Rule(f'tags.includes("{tag}")', f"list_contains(p.xdm.tags, '{tag}')")


def in_city(drawn: random.Random) -> Rule:
    start = f"c{drawn.randrange(1, 300)}"
    return Rule(
        f'homeAddress.city.startsWith("{start}")',
        f"starts_with(p.xdm.homeAddress.city, '{start}')",
    )


TERMS: tuple[Callable[[random.Random], Rule], ...] = (
    equal("homeAddress.country", COUNTRIES),
    equal("loyalty.tier", TIERS),
    above("loyalty.points", 10_000),
    above("loyalty.spend", 10_000),
    among,
    born_before,
    tagged,
    in_city,
)


# -- the contestants --------------------------------------------------------------------------


def evaluate(
    engine: DuckDBEngine, store: duckdb.DuckDBPyConnection, job: dict[str, Rule]
) -> Evaluation:
    return engine.evaluate(
        store.cursor(),
        {name: rule.pql for name, rule in job.items()},
        as_of=AS_OF,
        expression_of=lambda _: None,
        previous=lambda _: None,
        step=lambda *_: None,
    )


def in_turn(
    store: duckdb.DuckDBPyConnection, job: dict[str, Rule]
) -> dict[str, dict[int, int]]:
    """Return for each segment the profiles by set of namespaces: the cheapest query there is."""
    return {
        name: dict(
            store.execute(
                f"SELECT namespace_set, count(*) FROM profiles p WHERE {rule.sql} GROUP BY 1"
            ).fetchall()
        )
        for name, rule in job.items()
    }


def check(done: Evaluation, store: duckdb.DuckDBPyConnection, job: dict[str, Rule]) -> None:
    for name, by_set in in_turn(store, job).items():
        assert done.counts[name] == sum(by_set.values()), job[name]
        for bit, space in enumerate(NAMESPACES):
            reached = sum(count for held, count in by_set.items() if held >> bit & 1)
            assert done.by_namespace[name].get(space, 0) == reached, (job[name], space)


def one_of_ours(engine: DuckDBEngine, store: duckdb.DuckDBPyConnection, runs: int) -> float:
    """Return the cost of one segment that was never asked for, over a column that was."""
    return median(
        timed(lambda n=n: evaluate(engine, store, {"s": one_rule(n)}))[0]
        for n in range(runs)
    )


def one_rule(number: int) -> Rule:
    points = 1_001 + 2 * number
    return Rule(f"loyalty.points >= {points}", f"p.xdm.loyalty.points >= {points}")


def events(engine: DuckDBEngine, store: duckdb.DuckDBPyConnection, runs: int) -> None:
    values = {"now": AS_OF.replace(tzinfo=None)}
    wanted = store.execute(f"SELECT count(*) FROM ({PURCHASES_SQL})", values).fetchall()[0][
        0
    ]
    job = {"buyers": Rule(PURCHASES, "")}
    assert evaluate(engine, store, job).counts["buyers"] == wanted
    grouped = median(
        timed(lambda: store.execute(PURCHASES_SQL, values).fetchnumpy())[0]
        for _ in range(runs)
    )
    ours = []
    for number in range(runs):  # each asks for another price, so that no answer is known
        rule = Rule(PURCHASES.replace("> 50", f"> 50.0000{number + 1}"), "")
        ours.append(timed(lambda rule=rule: evaluate(engine, store, {"s": rule}))[0])
    print_table(
        ("events: 3 purchases in 30 days", median(ours), f"{wanted:,} profiles"),
        (
            "events: GROUP BY, the rule alone",
            grouped,
            f"{grouped / median(ours):.1f} x ours",
        ),
    )


def make_codes(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 8, count, dtype=np.uint8)


def count_codes(codes: np.ndarray) -> int:
    return int(np.count_nonzero(codes == 3))


def timed(work: Callable[[], object]) -> tuple[float, object]:
    start = process_time()
    found = work()
    return process_time() - start, found


def print_table(*rows: tuple[str, float, str]) -> None:
    for what, seconds, remark in rows:
        print(f"{what:<40}{seconds:>10.4f}  {remark}")


if __name__ == "__main__":
    sys.exit(main())
