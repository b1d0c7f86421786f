"""What it costs to load profiles: ``python tests/benchmarks/load.py``.

Nested profiles of some 750 bytes of JSON, with a map of three identities, from NDJSON, gzipped or not, Parquet
and pandas, against a plain ``CREATE TABLE`` of DuckDB from the same file with the same types; more records,
replaced records, fragments of three datasets merged, and the identity graph. What a load leaves is compared
with the source first; CPU seconds of all threads; nothing here is a test.

Options: ``--profiles N`` (default 1,000,000), ``--memory-limit SIZE`` (default 1GB).
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time

import duckdb

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from segtoolkit.local import profiles  # noqa: E402
from segtoolkit.local.limits import Limits  # noqa: E402
from segtoolkit.local.profiles import sources, views  # noqa: E402
from segtoolkit.local.profiles.reading import read  # noqa: E402
from segtoolkit.models import IdentityGraph, MergePolicy  # noqa: E402

FLAT = """_id, person.name.firstName AS firstName, person.name.lastName AS lastName, homeAddress.city AS city,
    homeAddress.country AS country, loyalty.tier AS tier, loyalty.points AS points, totalSpend, optIn"""
CHECK = """count(*), count(DISTINCT hash({0}_id)), sum({0}loyalty.points), count({0}tags),
    sum(epoch({0}loyalty.joined)), sum({0}totalSpend)"""
LINKED = MergePolicy(id="linked", name="linked", identity_graph=IdentityGraph.PRIVATE)


def main() -> int:
    options = arguments()
    if options.child:
        return load_bounded(options.child, options.memory_limit)
    folder = Path(tempfile.mkdtemp())
    try:
        run(options.profiles, options.memory_limit, folder)
    finally:
        shutil.rmtree(folder)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--memory-limit", default="1GB")
    parser.add_argument("--child", type=Path, nargs="+", help=argparse.SUPPRESS)
    return parser.parse_args()


def run(count: int, memory_limit: str, folder: Path) -> None:
    quarter, whole = (write(folder / str(n), n) for n in (count // 4, count))
    print(
        f"{count:,} profiles, {whole['ndjson'].stat().st_size // count} bytes of JSON each\n"
    )
    print(f"{'':<34}{'CPU s':>8}{'rows per CPU s':>16}  plain CREATE TABLE")
    for kind in ("parquet", "ndjson", "ndjson.gz"):
        formats(kind, whole[kind], count, folder)
    frames(whole["parquet"], count, folder)
    for kind in ("parquet", "ndjson"):
        formats(kind, quarter[kind], count // 4, folder)
    print()
    more(whole["parquet"], count, folder)
    merging(whole["parquet"], count, folder)
    print()
    for kind in ("parquet", "ndjson"):
        bounded([whole[kind]], memory_limit)
    bounded([whole["parquet"]] * 3, memory_limit)


# -- the data ---------------------------------------------------------------------------------


def write(folder: Path, count: int) -> dict[str, Path]:
    """Write the same profiles in each format."""
    folder.mkdir()
    files = {kind: folder / f"p.{kind}" for kind in ("parquet", "ndjson", "ndjson.gz")}
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        copy = f"COPY ({records(count)}) TO '{files['parquet']}' (FORMAT parquet, COMPRESSION zstd)"
        connection.execute(copy)
        lines = f"SELECT * REPLACE ({AS_JSON}) FROM '{files['parquet']}'"
        for kind in ("ndjson", "ndjson.gz"):
            connection.execute(f"COPY ({lines}) TO '{files[kind]}' (FORMAT json)")
    return files


def records(count: int, first: int = 0) -> str:
    return f"""
        SELECT 'p' || i AS _id,
            MAP {{'CRMID': [struct_pack(id := 'crm-' || lpad(i::VARCHAR, 12, '0'),
                                        authenticatedState := 'authenticated', "primary" := true)],
                 'ECID': [struct_pack(id := lpad(hash(i * 3)::VARCHAR, 38, '0'),
                                      authenticatedState := 'ambiguous', "primary" := false)],
                 'Email': [struct_pack(id := md5((i * 5)::VARCHAR) || '@example.com',
                                       authenticatedState := 'loggedOut', "primary" := false)]}}
                AS "identityMap",
            struct_pack(name := struct_pack(firstName := 'first' || hash(i * 7) % 2000,
                                            lastName := 'last' || hash(i * 11) % 20000),
                        birthDate := DATE '1950-01-01' + (hash(i * 13) % 20000)::INT) AS person,
            struct_pack(street1 := hash(i * 17) % 999 || ' main street', city := 'city' || hash(i * 19) % 3000,
                        country := ['US', 'CA', 'DE', 'FR', 'GB', 'IT', 'ES', 'JP'][1 + (hash(i * 23) % 8)::INT],
                        postalCode := lpad((hash(i * 29) % 99999)::VARCHAR, 5, '0')) AS "homeAddress",
            struct_pack(tier := ['gold', 'silver', 'bronze', 'none'][1 + (hash(i * 31) % 4)::INT],
                        points := (hash(i * 37) % 10000)::BIGINT,
                        joined := TIMESTAMP '2015-01-01' + to_seconds((hash(i * 41) % 200000000)::BIGINT))
                AS loyalty,
            list_filter(['sports', 'music', 'travel', 'food', 'garden', 'games'],
                        lambda x, k: (hash(i * 43) >> k) % 3 = 0) AS tags,
            MAP {{'ups': MAP {{'seg-' || hash(i * 47) % 40: struct_pack(status := 'realized',
                lastQualificationTime := TIMESTAMP '2024-01-01' + to_seconds((hash(i * 53) % 10000000)::BIGINT))}}}}
                AS "segmentMembership",
            (hash(i * 59) % 1000000) / 100.0::DOUBLE AS "totalSpend", hash(i * 61) % 2 = 0 AS "optIn"
        FROM range({first}, {first + count}) t(i)"""


ISO = "strftime({0}, '%Y-%m-%dT%H:%M:%SZ')"
AS_JSON = f"""
    struct_pack(tier := loyalty.tier, points := loyalty.points, joined := {ISO.format("loyalty.joined")})
        AS loyalty,
    MAP {{'ups': map_from_entries(list_transform(map_entries("segmentMembership"['ups']),
        lambda entry: struct_pack(key := entry.key, value := struct_pack(status := entry.value.status,
            lastQualificationTime := {ISO.format('entry.value."lastQualificationTime"')}))))}}
        AS "segmentMembership" """


# -- the contestants --------------------------------------------------------------------------


def formats(kind: str, file: Path, count: int, folder: Path) -> None:
    plain = load_plainly(file, folder / "plain.duckdb")
    store = new_store(folder / "ours.duckdb")
    ours, _ = timed(lambda: load(store, file))
    check(store, file)
    store.close()
    show(f"{kind}, {count:,}", ours, count, f"{plain:.2f} s: {ours / plain:.2f} x")


def load_plainly(file: Path, path: Path) -> float:
    """Return the cost of writing the columns of *file*, of the types we found, into one table."""
    path.unlink(missing_ok=True)
    with duckdb.connect(path, config=SETTINGS) as store, sources.opened(file) as source:
        store.execute("SET GLOBAL TimeZone = 'UTC'")
        relation = read(store.cursor(), source).relation  # finding the types is our part
        cost, _ = timed(lambda: store.execute(f"CREATE TABLE p AS FROM {relation}"))
        closing, _ = timed(lambda: store.execute("CHECKPOINT"))
    return cost + closing


def frames(file: Path, count: int, folder: Path) -> None:
    with duckdb.connect() as connection:
        frame = connection.execute(f"SELECT {FLAT} FROM '{file}'").df()
    store = new_store(folder / "ours.duckdb")
    ours, _ = timed(lambda: profiles.load(store, frame, kind="profiles", name="frame"))
    store.close()
    show(f"pandas, 9 columns, {count:,}", ours, count, "")


def more(file: Path, count: int, folder: Path) -> None:
    part, news, store = (
        count // 100,
        folder / "news.parquet",
        new_store(folder / "ours.duckdb"),
    )
    full, _ = timed(lambda: load(store, file))
    for mode, first in (("append", count), ("upsert", count // 2)):
        store.execute(f"COPY ({records(part, first)}) TO '{news}' (FORMAT parquet)")
        cost, _ = timed(
            lambda mode=mode: profiles.load(
                store, news, kind="profiles", name="p", mode=mode
            )
        )
        show(f"{mode} 1 %", cost, part, f"{cost / full:.1%} of the full load")
    assert rows_of(store) == count + part
    store.close()


def merging(file: Path, count: int, folder: Path) -> None:
    store = new_store(folder / "ours.duckdb")
    cost, _ = timed(lambda: [load(store, file, name) for name in ("crm", "web", "app")])
    assert rows_of(store) == count
    show("three datasets, merged", cost, 3 * count, "")
    news = folder / "news.parquet"
    store.execute(f"COPY ({records(count // 100)}) TO '{news}' (FORMAT parquet)")
    part, _ = timed(
        lambda: profiles.load(store, news, kind="profiles", name="web", mode="upsert")
    )
    show("upsert 1 % of one of them", part, count // 100, f"{part / cost:.1%} of the three")
    store.close()
    store = new_store(folder / "ours.duckdb")
    load(store, file)
    graph, _ = timed(lambda: views.build(store, "linked", LINKED))
    show("identity graph", graph, count, "")
    store.close()


def bounded(files: list[Path], memory_limit: str) -> None:
    """Load in a process of its own, and print the most memory it took."""
    command = [sys.executable, __file__, "--memory-limit", memory_limit, "--child"]
    done = subprocess.run(
        [*command, *map(str, files)], check=True, capture_output=True, text=True
    )
    what = (
        f"{len(files)} datasets of {files[0].suffix}" if len(files) > 1 else files[0].suffix
    )
    print(f"{f'within {memory_limit}, {what}':<34}{done.stdout.strip()}")


def load_bounded(files: list[Path], memory_limit: str) -> int:
    folder = Path(tempfile.mkdtemp())
    try:
        limits = Limits(memory_limit=memory_limit)
        store = new_store(folder / "s.duckdb", limits.settings(folder / "spill"))
        cost, _ = timed(
            lambda: [load(store, file, f"d{n}") for n, file in enumerate(files)]
        )
        print(f"{cost:.2f} CPU s, peak {peak_mb():,} MB, {rows_of(store):,} profiles")
    finally:
        shutil.rmtree(folder)
    return 0


def peak_mb() -> int:
    """Return the most memory this process had; what `resource` says is its parent's too."""
    (line,) = (
        t for t in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in t
    )
    return int(line.split()[1]) // 1024


# -- what they share --------------------------------------------------------------------------

SETTINGS: dict[str, str] = {"storage_compatibility_version": "v1.4.0"}


def new_store(
    path: Path, settings: dict[str, str] | None = None
) -> duckdb.DuckDBPyConnection:
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    store = duckdb.connect(path, config={**SETTINGS, **(settings or {})})
    store.execute("SET GLOBAL TimeZone = 'UTC'")
    profiles.create_tables(store)
    return store


def load(store: duckdb.DuckDBPyConnection, file: Path, name: str = "p") -> None:
    profiles.load(store, file, kind="profiles", name=name)
    store.execute("CHECKPOINT")


def rows_of(store: duckdb.DuckDBPyConnection) -> int:
    return int(store.execute("SELECT count(*) FROM profiles").fetchall()[0][0])


def check(store: duckdb.DuckDBPyConnection, file: Path) -> None:
    source = file.with_name("p.parquet")
    ours = store.execute(f"SELECT {CHECK.format('xdm.')} FROM profiles").fetchall()
    theirs = store.execute(f"SELECT {CHECK.format('')} FROM '{source}'").fetchall()
    # Sums of parts in another order differ in their last digits.
    assert repr(ours[0][:5]) == repr(theirs[0][:5]), (ours, theirs)
    assert abs(ours[0][5] - theirs[0][5]) < 1e-6 * abs(theirs[0][5])


def timed(work: Callable[[], object]) -> tuple[float, object]:
    start = process_time()
    found = work()
    return process_time() - start, found


def show(what: str, seconds: float, count: int, remark: str) -> None:
    print(f"{what:<34}{seconds:>8.2f}{count / seconds:>16,.0f}  {remark}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
