"""The same job by other engines: a flat Parquet file and rules in, profiles by set of namespaces out.

Each peer answers all rules in one pass, which was the quickest way found for each of them. One that is not
installed is left out, and said to be: ``pip install polars datafusion chdb``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from tests.benchmarks.rules import CLICKHOUSE, DATAFUSION, Rule

Job = Mapping[str, Rule]
# Counts by segment and set of namespaces.
Counts = dict[str, dict[int, int]]
Ask = Callable[[Job], Counts]


def polars_groups(file: Path) -> Ask:
    """Sum each rule by set of namespaces."""
    import polars as pl

    def ask(job: Job) -> Counts:
        asked = [rule.polars().sum().alias(name) for name, rule in job.items()]
        found = pl.scan_parquet(file).group_by("namespace_set").agg(asked)
        return _counts(found.collect(engine="streaming").to_dict(as_series=False), job)

    return ask


def polars_flags(file: Path) -> Ask:
    """Find the members of each rule as booleans, and count them by set of namespaces in numpy."""
    import polars as pl

    def ask(job: Job) -> Counts:
        asked = [rule.polars().alias(name) for name, rule in job.items()]
        found = pl.scan_parquet(file).select("namespace_set", *asked)
        flags = found.collect(engine="streaming")
        sets = flags["namespace_set"].to_numpy()
        return {
            name: dict(enumerate(np.bincount(sets[flags[name].to_numpy()], minlength=64)))
            for name in job
        }

    return ask


def datafusion(file: Path) -> Ask:
    from datafusion import SessionContext

    context = SessionContext()
    context.register_parquet("profiles", str(file))

    def ask(job: Job) -> Counts:
        asked = ", ".join(
            f"count(*) FILTER (WHERE {rule.flat(DATAFUSION)}) AS {name}"
            for name, rule in job.items()
        )
        sql = f"SELECT namespace_set, {asked} FROM profiles GROUP BY namespace_set"
        return _counts(context.sql(sql).to_pydict(), job)

    return ask


def chdb(file: Path) -> Ask:
    """Keep the table in ClickHouse's own format, which is not counted."""
    from chdb.session import Session

    session = Session(str(file.with_name("chdb")))
    session.query(
        "CREATE TABLE profiles ENGINE = MergeTree ORDER BY tuple() AS"
        f" SELECT * FROM file('{file}', Parquet)"
    )

    def ask(job: Job) -> Counts:
        asked = ", ".join(
            f"countIf({rule.flat(CLICKHOUSE)}) AS {name}" for name, rule in job.items()
        )
        sql = f"SELECT namespace_set, {asked} FROM profiles GROUP BY namespace_set"
        rows = str(session.query(sql, "TabSeparated")).splitlines()
        cells = zip(*(map(int, row.split("\t")) for row in rows), strict=True)
        return _counts(dict(zip(["namespace_set", *job], cells, strict=True)), job)

    return ask


PEERS: Mapping[str, Callable[[Path], Ask]] = {
    "polars, group_by": polars_groups,
    "polars, booleans and numpy": polars_flags,
    "DataFusion": datafusion,
    "chDB (MergeTree)": chdb,
}


def _counts(columns: Mapping[str, list[int] | tuple[int, ...]], job: Job) -> Counts:
    sets = columns["namespace_set"]
    return {name: dict(zip(sets, columns[name], strict=True)) for name in job}
