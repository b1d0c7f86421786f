"""Jobs over millions of profiles against what one would use instead.

``python tests/benchmarks/engine_scale.py [--profiles N] [--runs N]`` (13,146,432 profiles at first).

Synthetic profiles in one DuckDB file; mixed rules on strings, numbers, dates and lists; every profile, count and
namespace compared with DuckDB's answer first. CPU seconds of all threads, medians; nothing here is a test.
``--peers`` compares polars, DataFusion and chDB where they are installed; ``--linear`` the costs of a
quarter, a half and all of the profiles; ``--memory 1GB`` runs jobs through a client that is so limited.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from time import process_time
from typing import Any

import duckdb
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from segtoolkit import connect_local  # noqa: E402
from segtoolkit.engine import DuckDBEngine, Evaluation  # noqa: E402
from segtoolkit.errors import PQLWarning  # noqa: E402
from tests.benchmarks.peers import PEERS, Counts  # noqa: E402
from tests.benchmarks.rules import (  # noqa: E402
    COUNTRIES,
    PATHS,
    TIERS,
    Rule,
    Term,
    draw_job,
    draw_rule,
)

AS_OF = datetime(2024, 5, 20, tzinfo=UTC)
NAMESPACES = ("CRMID", "ECID", "Email", "GAID", "IDFA", "Phone")
PURCHASES = (
    'xEvent[eventType = "commerce.purchases" and commerce.order.priceTotal > {price}'
    " and timestamp occurs <= {days} days before now].count() >= 3"
)
PURCHASES_SQL = """SELECT namespace_set, count(*) FROM profiles WHERE rid IN (
    SELECT rid FROM events WHERE type = 'commerce.purchases' AND ts <= epoch_us($now)
    AND ts >= epoch_us($now - INTERVAL {days} DAY) AND xdm.commerce."order".priceTotal > 50
    GROUP BY rid HAVING count(*) >= 3) GROUP BY namespace_set"""

Job = dict[str, Rule]


def main() -> int:
    options = arguments()
    folder = Path(tempfile.mkdtemp())
    try:
        store = folder / "store.duckdb"
        build(store, options.profiles)
        if options.memory:
            bounded(store, options.memory)
        elif options.brief:
            brief(store)
        else:
            compare(store, options)
    finally:
        shutil.rmtree(folder)
    if options.linear:
        linear(options.profiles)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profiles", type=int, default=13_146_432)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--linear", action="store_true")
    parser.add_argument("--memory", help="such as 1GB")
    parser.add_argument("--brief", action="store_true", help="one line, for --linear")
    return parser.parse_args()


def compare(path: Path, options: argparse.Namespace) -> None:
    store = opened(path)
    print(f"{options.profiles:,} profiles; CPU seconds, medians; results compared first\n")
    hundred = many(store, options.runs)
    one(store, options.profiles, options.runs)
    unseen(store)
    events(store, options.runs)
    if options.peers:
        against_peers(store, path.with_name("flat.parquet"), hundred, options.runs)
    print(f"\npeak memory {peak_mb():,} MB")


# -- the contests -----------------------------------------------------------------------------


def many(store: duckdb.DuckDBPyConnection, runs: int) -> float:
    """Compare jobs of 100 and 1,000 segments with a query for each; return the cost of 100."""
    drawn = random.Random(1)
    jobs = [draw_job(drawn, 100) for _ in range(runs + 1)]
    engine = DuckDBEngine()
    evaluate(engine, store, {"nobody": Rule((Term("equal", "country", "X"),))})
    cold = cost(lambda: evaluate(engine, store, jobs[0]))
    check(engine, store, jobs[0])
    warm = median(cost(lambda job=job: evaluate(engine, store, job)) for job in jobs[1:])
    by_hand = median(cost(lambda: queries(store, jobs[0])) for _ in range(runs))
    show("100 segments, codes warm, new tests", warm, f"{warm * 10:.1f} ms each")
    show("100 segments, nothing known", cold, f"{by_hand / cold:.1f} x less than queries")
    show("100 DuckDB queries", by_hand, f"{by_hand / warm:.1f} x warm")
    thousand = draw_job(drawn, 1_000)
    total = cost(lambda: evaluate(engine, store, thousand))
    show("1,000 segments, codes warm", total, f"{total:.1f} ms each")
    show_status(engine, store, jobs[1])
    return warm


def show_status(engine: DuckDBEngine, store: duckdb.DuckDBPyConnection, job: Job) -> None:
    """Show what it costs to tell who entered, stayed and left, with all answers known."""
    before: dict[str, bytes] = {}
    evaluate(engine, store, job, keep=before.__setitem__)
    without = median(cost(lambda: evaluate(engine, store, job)) for _ in range(5))
    compared = median(
        cost(lambda: evaluate(engine, store, job, previous=before.get)) for _ in range(5)
    )
    each = (compared - without) / len(job)
    show("status difference, 100 segments", compared - without, f"{each * 1e3:.2f} ms each")


def one(store: duckdb.DuckDBPyConnection, count: int, runs: int) -> None:
    engine = DuckDBEngine()
    rules = [Rule((Term("above", "points", 1_001 + 2 * n),)) for n in range(runs + 12)]
    evaluate(engine, store, {f"s{n}": rule for n, rule in enumerate(rules[runs:])})
    check(engine, store, {"s": rules[-1]})
    ours = median(cost(lambda r=r: evaluate(engine, store, {"s": r})) for r in rules[:runs])
    codes = np.random.default_rng(0).integers(0, 8, count, dtype=np.uint8)
    numpy_s = median(cost(lambda: np.count_nonzero(codes == 3)) for _ in range(9))
    query = median(cost(lambda r=r: queries(store, {"s": r})) for r in rules[:runs])
    show("1 segment, codes warm, new test", ours, f"{ours / numpy_s:.1f} x numpy")
    show("numpy: count of a uint8 column", numpy_s)
    show("1 segment, DuckDB query", query, f"{query / ours:.1f} x ours")


def unseen(store: duckdb.DuckDBPyConnection) -> None:
    """Show what sizing costs, of rules that nobody asked for before, over columns somebody did."""
    engine, drawn = DuckDBEngine(), random.Random(7)
    evaluate(engine, store, draw_job(drawn, 100))
    costs = [
        cost(lambda: evaluate(engine, store, {"s": draw_rule(drawn)})) for _ in range(100)
    ]
    show("sizing of an unseen rule, median", median(costs))
    show("sizing of an unseen rule, 95th of 100", quantiles(costs, n=20)[-1])


def events(store: duckdb.DuckDBPyConnection, runs: int) -> None:
    engine, values = DuckDBEngine(), {"now": AS_OF.replace(tzinfo=None)}
    for days in (7, 30, 365):
        sql = PURCHASES_SQL.format(days=days)
        by_set = dict(store.execute(sql, values).fetchall())
        done = evaluate_text(engine, store, PURCHASES.format(price=50, days=days))
        assert_same(done, "s", by_set)
        # Each asks for another price, so that no answer is known.
        texts = [PURCHASES.format(price=f"50.000{n + 1}", days=days) for n in range(runs)]
        ours = median(cost(lambda t=t: evaluate_text(engine, store, t)) for t in texts)
        grouped = median(
            cost(lambda sql=sql: store.execute(sql, values).fetchall()) for _ in range(runs)
        )
        show(f"events: 3 purchases in {days} days", ours, f"{done.counts['s']:,} profiles")
        show(f"events: GROUP BY, {days} days", grouped, f"{grouped / ours:.1f} x ours")


def against_peers(
    store: duckdb.DuckDBPyConnection, file: Path, ours: float, runs: int
) -> None:
    columns = ", ".join(f"xdm.{path} AS {name}" for name, path in PATHS.items())
    store.execute(
        f"COPY (SELECT namespace_set, {columns} FROM profiles ORDER BY rid) TO '{file}'"
        " (FORMAT parquet, COMPRESSION zstd)"
    )
    job = draw_job(random.Random(1), 100)
    wanted = queries(store, job)
    for name, make in PEERS.items():
        try:
            ask = make(file)
        except ImportError:
            print(f"{name}: not installed, left out")
            continue
        assert same(ask(job), wanted), name
        theirs = median(cost(lambda ask=ask: ask(job)) for _ in range(runs))
        show(f"100 segments, {name}", theirs, f"{theirs / ours:.1f} x ours, warm")


def linear(count: int) -> None:
    print("\nprofiles, and CPU seconds of: 100 segments cold; 100 warm; 1,000 warm; events")
    for part in (count // 4, count // 2, count):
        command = [sys.executable, __file__, "--brief", "--profiles", str(part)]
        subprocess.run(command, check=True)


def brief(path: Path) -> None:
    store, engine, drawn = opened(path), DuckDBEngine(), random.Random(1)
    total = len(engine.everyone(store.cursor())) * 64
    costs = [
        cost(lambda n=n: evaluate(engine, store, draw_job(drawn, n)))
        for n in (100, 100, 1_000)
    ]
    rule = PURCHASES.format(price=50, days=365)
    costs.append(cost(lambda: evaluate_text(engine, store, rule)))
    print(f"{total:>12,}", *(f"{seconds:>10.3f}" for seconds in costs), flush=True)


def bounded(path: Path, limit: str) -> None:
    """Run jobs through a client that may take so much memory, and say what it took."""
    before = peak_mb()
    warnings.simplefilter("ignore", PQLWarning)  # drawn rules may contradict themselves
    with connect_local(path, memory_limit=limit, progress="off") as client:
        for segments in (1, 100, 1_000):
            job = draw_job(random.Random(segments), segments)
            rules = {f"j{segments}{name}": rule.pql for name, rule in job.items()}
            ids = [client.definitions.put(name, rule) for name, rule in rules.items()]
            took = cost(lambda ids=ids: client.run(ids, as_of=AS_OF))
            show(f"{segments:,} segments under {limit}", took, f"peak {peak_mb():,} MB")
        took = cost(lambda: client.size(PURCHASES.format(price=50, days=365), as_of=AS_OF))
        show(f"an event rule under {limit}", took, f"peak {peak_mb():,} MB")
    print(f"before anything was opened: {before:,} MB")


# -- asking and comparing ---------------------------------------------------------------------


def evaluate(
    engine: DuckDBEngine,
    store: duckdb.DuckDBPyConnection,
    job: Job,
    *,
    keep: Callable[[str, bytes], Any] = lambda *_: None,
    previous: Callable[[str], bytes | None] = lambda _: None,
) -> Evaluation:
    return _evaluated(engine, store, {n: r.pql for n, r in job.items()}, previous, keep)


def evaluate_text(
    engine: DuckDBEngine, store: duckdb.DuckDBPyConnection, text: str
) -> Evaluation:
    return _evaluated(engine, store, {"s": text}, lambda _: None, lambda *_: None)


def _evaluated(
    engine: DuckDBEngine,
    store: duckdb.DuckDBPyConnection,
    texts: dict[str, str],
    previous: Callable[[str], bytes | None],
    keep: Callable[[str, bytes], Any],
) -> Evaluation:
    return engine.evaluate(
        store.cursor(),
        texts,
        as_of=AS_OF,
        expression_of=lambda _: None,
        previous=previous,
        step=lambda *_: None,
        keep=keep,
    )


def queries(store: duckdb.DuckDBPyConnection, job: Job) -> Counts:
    """Return for each segment the profiles by set of namespaces: the cheapest query there is."""
    return {
        name: dict(
            store.execute(
                f"SELECT namespace_set, count(*) FROM profiles p WHERE {rule.sql} GROUP BY 1"
            ).fetchall()
        )
        for name, rule in job.items()
    }


def check(engine: DuckDBEngine, store: duckdb.DuckDBPyConnection, job: Job) -> None:
    done = evaluate(engine, store, job)
    for name, by_set in queries(store, job).items():
        assert_same(done, name, by_set)


def assert_same(done: Evaluation, name: str, by_set: dict[int, int]) -> None:
    assert done.counts[name] == sum(by_set.values()), name
    for bit, space in enumerate(NAMESPACES):
        reached = sum(count for held, count in by_set.items() if held >> bit & 1)
        assert done.by_namespace[name].get(space, 0) == reached, (name, space)


def same(found: Counts, wanted: Counts) -> bool:
    def without_zeros(counts: Counts) -> Counts:
        return {
            name: {int(held): int(count) for held, count in by_set.items() if count}
            for name, by_set in counts.items()
        }

    return without_zeros(found) == without_zeros(wanted)


def cost(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def show(what: str, seconds: float, remark: str = "") -> None:
    print(f"{what:<42}{seconds:>10.4f}  {remark}", flush=True)


# -- the data ---------------------------------------------------------------------------------


def opened(path: Path) -> duckdb.DuckDBPyConnection:
    store = duckdb.connect(str(path))
    store.execute("SET GLOBAL TimeZone = 'UTC'")
    return store


def build(path: Path, count: int) -> None:
    """Write profiles and events straight into the tables of a store, as a load would leave them."""
    connect_local(path).close()
    store = opened(path)
    tiers, spaces = _listed(TIERS), _listed(NAMESPACES)
    store.execute(f"""
        CREATE OR REPLACE TABLE profiles AS
        SELECT i AS rid, (hash(i * 7) % 64)::INTEGER AS namespace_set, struct_pack(
            _id := 'p' || i,
            homeAddress := struct_pack(country := [{_listed(COUNTRIES)}][1 + (hash(i) % 8)::INT],
                                       city := 'c' || (hash(i * 3) % 3000)),
            loyalty := struct_pack(tier := [{tiers}][1 + (hash(i * 5) % 4)::INT],
                                   points := (hash(i * 11) % 10000)::BIGINT,
                                   spend := (hash(i * 13) % 1000000) / 100.0::DOUBLE),
            person := struct_pack(birthDate := DATE '1950-01-01' + (hash(i * 17) % 20000)::INT),
            tags := list_filter(['a', 'b', 'c', 'd', 'e', 'f'],
                                lambda x, k: (hash(i * 19) >> k) % 3 = 0)) AS xdm
        FROM range({count}) t(i) ORDER BY i""")
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
    store.close()


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


if __name__ == "__main__":
    sys.exit(main())
