"""Datasets of profiles in; whose each record is out, and the records of those who have several.

What is found stays in temporary tables: ``holders`` (each primary identity, its person, and how
many records it keys), ``crowded`` (persons of several records) and ``pieces`` (their records).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from duckdb import DuckDBPyConnection

from segtoolkit.local.profiles import fragments, sql
from segtoolkit.local.profiles.raw import Column
from segtoolkit.local.profiles.shapes import Fields, Scalar, Shape, Unseen
from segtoolkit.local.profiles.tables import STORED, Dataset, all_of, one
from segtoolkit.models import AttributeMerge, MergePolicy

# Where a record says itself how new it is, as the platform's merge policies read it.
UPDATED = ("extSourceSystemAudit", "lastUpdatedDate")

# Records that are merged at once: what DuckDB holds of values meanwhile cannot go to disk.
_MOST_PIECES = 400_000
_NOBODY = "SELECT '' AS namespace, '' AS id WHERE false"


def hold(
    cursor: DuckDBPyConnection, people: Sequence[Dataset], among: str = "main.keys"
) -> None:
    """List who of *among*, a table of identities, is known from records; each is a person."""
    keyed = all_of(
        f"SELECT namespace, id FROM {dataset.table} SEMI JOIN {among} USING (namespace, id)"
        for dataset in people
    )
    # Within one dataset a primary identity keys one record.
    counted = "GROUP BY ALL" if len(people) > 1 else ""
    many = "count(*)" if counted else "1"
    cursor.execute(f"""
        CREATE OR REPLACE TEMP TABLE holders AS
        SELECT namespace, id, rid, many
        FROM (SELECT namespace, id, {many} AS many FROM ({keyed or _NOBODY}) {counted})
             JOIN main.keys USING (namespace, id)""")


def crowd(cursor: DuckDBPyConnection) -> bool:
    """List the persons of several records; tell whether there are any."""
    cursor.execute("""
        CREATE OR REPLACE TEMP TABLE crowded AS
        SELECT rid FROM temp.holders GROUP BY rid HAVING sum(many) > 1""")
    return one(cursor, "SELECT count(*) FROM temp.crowded") != (0,)


def gather(
    cursor: DuckDBPyConnection,
    people: Sequence[Dataset],
    shape: Shape,
    policy: MergePolicy,
) -> Iterator[str]:
    """Collect the records of the crowded, each with its rank for *policy*: the highest is best.

    They come in parts, each with all records of some persons, and stay until the next part is
    asked for. What is yielded is SQL that tells whether ``rid`` is of this part.

    Args:
        cursor: has the tables of `hold` and `crowd`.
        people: all datasets of profiles.
        shape: the one that holds the records of all of them.
        policy: says which fragment is better.
    """
    _rank(cursor, people, policy)
    kind = sql.type_of(shape, STORED)
    for part in _parts(cursor):
        records = all_of(
            f"""SELECT rid, rank, CAST(xdm AS {kind}) AS xdm FROM {dataset.table}
                JOIN (SELECT rid, rank, "row" FROM temp.ranks WHERE number = {number} AND {part})
                USING ("row")"""
            for number, dataset in enumerate(people)
        )
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE pieces AS {records}")
        yield part
    cursor.execute("DROP TABLE temp.ranks")


def _rank(
    cursor: DuckDBPyConnection, people: Sequence[Dataset], policy: MergePolicy
) -> None:
    cursor.execute(f"""
        CREATE OR REPLACE TEMP TABLE ranks AS
        SELECT rid, number, "row", row_number() OVER (ORDER BY
            precedence DESC, updated, lower(name) DESC, "row" DESC) AS rank
        FROM ({all_of(_known(cursor, n, d, policy) for n, d in enumerate(people))})
        ORDER BY rid""")


def _parts(cursor: DuckDBPyConnection) -> list[str]:
    """Return conditions that divide the persons, whoever they are, by ranges of row ids."""
    rows = cursor.execute(
        "SELECT DISTINCT rid FROM temp.ranks WHERE rowid % ? = 0 AND rowid > 0 ORDER BY rid",
        [_MOST_PIECES],
    ).fetchall()
    limits = [None, *(rid for (rid,) in rows), None]
    return [_range(low, high) for low, high in pairwise(limits)]


def _range(low: int | None, high: int | None) -> str:
    above = "true" if low is None else f"rid >= {low}"
    below = "true" if high is None else f"rid < {high}"
    return f"({above} AND {below})"


def _known(
    cursor: DuckDBPyConnection, number: int, dataset: Dataset, policy: MergePolicy
) -> str:
    """Return the query for the records of *dataset* that are the crowded's."""
    return f"""
        SELECT holders.rid, {number} AS number, "row", {_precedence(dataset, policy)} AS precedence,
               {updated(cursor, dataset)} AS updated,
               {sql.literal(dataset.name)} AS name
        FROM {dataset.table} JOIN temp.holders USING (namespace, id)
        SEMI JOIN temp.crowded USING (rid)"""


def _precedence(dataset: Dataset, policy: MergePolicy) -> int:
    """Return the place of *dataset*, the lowest preferred; those not named come last together."""
    if policy.attribute_merge is AttributeMerge.TIMESTAMP_ORDERED:
        return 0
    places = {name.lower(): place for place, name in enumerate(policy.order)}
    return places.get(dataset.name.lower(), len(places))


def updated(cursor: DuckDBPyConnection, dataset: Dataset) -> str:
    """Return SQL for when a record of *dataset* was updated, in microseconds since 1970.

    That is what it says itself, if it does, or else when it was loaded.
    """
    found, value = fragments.shape_of(cursor, dataset.table), "xdm"
    for name in UPDATED:
        members: Mapping[str, Shape] = found.members if isinstance(found, Fields) else {}
        found, value = members.get(name, Unseen()), sql.field_of(value, name)
    said = fragments.microseconds(
        Column(found, value) if isinstance(found, Scalar) else None
    )
    newer = "".join(
        f' WHEN "row" >= {first_row} THEN {at}'
        for first_row, at in reversed(dataset.batches)
    )
    loaded = f"CASE{newer} ELSE {dataset.loaded_at} END" if newer else dataset.loaded_at
    return f"coalesce({said}, {loaded})"
