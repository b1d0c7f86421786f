"""Datasets in; the tables that audiences are evaluated on out: profiles, events, identities.

A primary identity is a person; the records that several datasets have of one are merged.
An event belongs to the profile that carries its primary identity: the one keyed by it, else the
only one that carries it, else (it is ambiguous) the one with the lowest row id. Where there is
none, the identity itself becomes a profile of which only events are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from duckdb import DuckDBPyConnection

from segtoolkit.errors import DataError
from segtoolkit.local.profiles import gathering, merging, shapes, sql
from segtoolkit.local.profiles.fragments import Kind, shape_of
from segtoolkit.local.profiles.gathering import STORED
from segtoolkit.local.profiles.shapes import ClashError, Fields, Shape, dotted
from segtoolkit.local.profiles.tables import (
    RECORD,
    Dataset,
    Step,
    all_of,
    datasets,
    one,
    quietly,
)
from segtoolkit.models import MergePolicy

# What the tables hold where no policy says otherwise.
PLAIN = MergePolicy(id="", name="")

_SCRATCH = ("holders", "crowded", "pieces", "owners", "strangers", "reached")
_NOBODY = "SELECT 0::BIGINT AS position, '' AS namespace, '' AS id WHERE false"


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What the store holds now: profiles, those known from events only, ambiguous events."""

    profiles: int
    event_only_profiles: int
    ambiguous_events: int


def derive(cursor: DuckDBPyConnection, changed: Kind, step: Step = quietly) -> Derived:
    """Bring the derived tables up to the datasets, of which one of the kind *changed* did.

    Raises:
        DataError: two datasets disagree on the type of a field.
    """
    people, deeds = datasets(cursor, "profiles"), datasets(cursor, "events")
    person, deed = united(cursor, people), united(cursor, deeds)
    step("finding identities", None)
    _key_profiles(cursor, people)
    if changed == "profiles":
        _list_identities(cursor, people)
    _find_owners(cursor, deeds)
    step("building profiles", None)
    if changed == "profiles" or not _strangers_come_last(cursor):
        _build_profiles(cursor, people, person)
    else:
        _replace_strangers(cursor, sql.type_of(person, STORED))
    step("sorting events", None)
    _build_events(cursor, deeds, sql.type_of(deed, STORED))
    derived = _counted(cursor, deeds)
    for table in _SCRATCH:
        cursor.execute(f"DROP TABLE IF EXISTS temp.{table}")
    return derived


def united(cursor: DuckDBPyConnection, found: Iterable[Dataset]) -> Fields:
    """Return the shape that holds the records of all datasets.

    Raises:
        DataError: two of them disagree on the type of a field.
    """
    by_name = {dataset.name: shape_of(cursor, dataset.table) for dataset in found}
    try:
        shape = shapes.united([*by_name.values(), RECORD])
    except ClashError as clash:
        raise _disagreement(by_name) from clash
    assert isinstance(shape, Fields)
    return shape


def _disagreement(found: Mapping[str, Shape]) -> DataError:
    """Return the error for the first two datasets that nothing holds both of."""
    for (one_name, left), (other_name, right) in combinations(found.items(), 2):
        try:
            shapes.unite(left, right)
        except ClashError as clash:
            field = dotted(clash.path)
            return DataError(
                f"{field} is {clash.right} in the dataset {other_name!r} and {clash.left} "
                f"in {one_name!r}; make them the same",
                field=field,
            )
    raise AssertionError(found)


def _key_profiles(cursor: DuckDBPyConnection, people: Sequence[Dataset]) -> None:
    for dataset in people:
        _add_keys(cursor, f'SELECT "row" AS position, namespace, id FROM {dataset.table}')
    gathering.hold(cursor, people)


def _add_keys(cursor: DuckDBPyConnection, keyed: str) -> None:
    """Give a row id to each identity of *keyed* that never had one, in order of position."""
    new = f"FROM ({keyed}) ANTI JOIN keys USING (namespace, id)"
    # DuckDB 2.0.0 loses what is inserted after an insert of nothing in the same transaction, from
    # a row group (122,880 rows) on.
    if cursor.execute(f"SELECT 1 {new} LIMIT 1").fetchall():
        cursor.execute(f"""
            INSERT INTO keys
            SELECT (SELECT coalesce(max(rid), -1) FROM keys)
                   + row_number() OVER (ORDER BY position), namespace, id {new}""")


def _list_identities(cursor: DuckDBPyConnection, people: Sequence[Dataset]) -> None:
    spaces = all_of(
        f"""SELECT rid, unnest(map_entries(xdm."identityMap")) AS space
            FROM {dataset.table} JOIN temp.holders USING (namespace, id)"""
        for dataset in people
    )
    cursor.execute("DELETE FROM identities")
    if spaces:
        # Within one record the list is distinct already.
        distinct = "DISTINCT" if len(people) > 1 else ""
        cursor.execute(f"""
            INSERT INTO identities
            SELECT {distinct} namespace, unnest(ids) AS id, rid FROM (
                SELECT space.key AS namespace, rid,
                       list_distinct(list_transform(space.value, lambda entry: entry.id)) AS ids
                FROM ({spaces}))""")


def _find_owners(cursor: DuckDBPyConnection, deeds: Sequence[Dataset]) -> None:
    """List who owns the events of each identity; strangers are identities that nobody carries."""
    cursor.execute("DELETE FROM identities WHERE rid NOT IN (SELECT rid FROM temp.holders)")
    primaries = all_of(
        f"""SELECT {number}::BIGINT << 40 | "row" AS position, namespace, id FROM {dataset.table}"""
        for number, dataset in enumerate(deeds)
    )
    cursor.execute(f"""
        CREATE OR REPLACE TEMP TABLE owners AS
        WITH met AS (SELECT namespace, id, min(position) AS position
                     FROM ({primaries or _NOBODY}) GROUP BY ALL),
        carriers AS (SELECT namespace, id, min(rid) AS rid, count(*) AS many
                     FROM identities GROUP BY ALL)
        SELECT met.*, coalesce(holders.rid, carriers.rid) AS rid,
               holders.rid IS NULL AND carriers.many > 1 AS is_ambiguous
        FROM met LEFT JOIN temp.holders USING (namespace, id)
                 LEFT JOIN carriers USING (namespace, id)""")
    _add_keys(cursor, "SELECT * FROM temp.owners WHERE rid IS NULL")
    cursor.execute("""
        CREATE OR REPLACE TEMP TABLE strangers AS
        SELECT keys.* FROM temp.owners JOIN keys USING (namespace, id) WHERE owners.rid IS NULL""")
    cursor.execute("INSERT INTO identities SELECT namespace, id, rid FROM temp.strangers")
    cursor.execute("""
        UPDATE temp.owners SET rid = strangers.rid FROM temp.strangers
        WHERE owners.namespace = strangers.namespace AND owners.id = strangers.id""")


def _strangers_come_last(cursor: DuckDBPyConnection) -> bool:
    (is_so,) = one(
        cursor,
        """SELECT coalesce((SELECT min(rid) FROM temp.strangers) >
                           (SELECT max(rid) FROM temp.holders), true)""",
    )
    return bool(is_so)


def _build_profiles(
    cursor: DuckDBPyConnection, people: Sequence[Dataset], shape: Fields
) -> None:
    cursor.execute("DELETE FROM namespace_sets")
    find_namespace_sets(
        cursor, "SELECT rid FROM temp.holders UNION ALL SELECT rid FROM temp.strangers"
    )
    kind = sql.type_of(shape, STORED)
    queries = [*_known(cursor, people, shape), _strangers(kind)]
    cursor.execute(f"CREATE OR REPLACE TABLE profiles AS {_profiles(queries)}")


def _known(
    cursor: DuckDBPyConnection, people: Sequence[Dataset], shape: Fields
) -> Iterator[str]:
    """Yield queries for those known from records: who has one record is spared the merge."""
    is_crowded = gathering.crowd(cursor)
    alone = "ANTI JOIN temp.crowded USING (rid)" if is_crowded else ""
    for dataset in people:
        yield f"""SELECT rid, CAST(xdm AS {sql.type_of(shape, STORED)}) AS xdm
                  FROM {dataset.table} JOIN temp.holders USING (namespace, id) {alone}"""
    if is_crowded:
        gathering.gather(cursor, people, shape, PLAIN)
        yield merging.merged(shape, "temp.pieces")


def _replace_strangers(cursor: DuckDBPyConnection, kind: str) -> None:
    """Spare the known profiles, most of the work, where only those known from events change."""
    find_namespace_sets(cursor, "SELECT rid FROM temp.strangers")
    cursor.execute("DELETE FROM profiles WHERE rid NOT IN (SELECT rid FROM temp.holders)")
    cursor.execute(f"INSERT INTO profiles {_profiles([_strangers(kind)])}")


def _profiles(queries: Iterable[str]) -> str:
    return f"""
        SELECT rid, namespace_sets.id AS namespace_set, xdm
        FROM ({all_of(queries)}) JOIN temp.reached USING (rid)
             JOIN namespace_sets USING (namespaces)
        ORDER BY rid"""


def _strangers(kind: str) -> str:
    return f"""
        SELECT rid, CAST(struct_pack("_id" := NULL, "identityMap" := MAP {{namespace:
            [struct_pack(id := id, "primary" := true)]}}) AS {kind}) AS xdm
        FROM temp.strangers"""


def find_namespace_sets(
    cursor: DuckDBPyConnection, rids: str, identities: str = "identities"
) -> None:
    """List the namespaces of each profile of *rids*, and number the sets that are new."""
    cursor.execute(f"""
        CREATE OR REPLACE TEMP TABLE reached AS
        SELECT rid, list_sort(list(DISTINCT namespace) FILTER (namespace IS NOT NULL)) AS namespaces
        FROM ({rids}) LEFT JOIN {identities} USING (rid) GROUP BY rid""")
    cursor.execute("UPDATE temp.reached SET namespaces = [] WHERE namespaces IS NULL")
    cursor.execute("""
        INSERT INTO namespace_sets
        SELECT (SELECT coalesce(max(id), -1) FROM namespace_sets)
               + row_number() OVER (ORDER BY namespaces), namespaces
        FROM (SELECT DISTINCT namespaces FROM temp.reached)
             ANTI JOIN namespace_sets USING (namespaces)""")


def _build_events(cursor: DuckDBPyConnection, deeds: Sequence[Dataset], kind: str) -> None:
    none = f"""SELECT CAST(NULL AS BIGINT) AS rid, CAST(NULL AS BIGINT) AS ts,
                      CAST(NULL AS VARCHAR) AS type, CAST(NULL AS {kind}) AS xdm,
                      0 AS load, CAST(NULL AS BIGINT) AS position WHERE false"""
    done = (
        f"""SELECT rid, ts, type, CAST(xdm AS {kind}) AS xdm, {load} AS load, "row" AS position
            FROM {dataset.table} JOIN temp.owners USING (namespace, id)"""
        for load, dataset in enumerate(deeds)
    )
    # Events of one moment and type stay as they were loaded: the first of them must be the same always.
    cursor.execute(f"""
        CREATE OR REPLACE TABLE events AS
        SELECT * EXCLUDE (load, position) FROM ({all_of([none, *done])})
        ORDER BY type, rid, ts, load, position""")


def _counted(cursor: DuckDBPyConnection, deeds: Sequence[Dataset]) -> Derived:
    ambiguous = all_of(
        f"SELECT 1 FROM {dataset.table} JOIN temp.owners USING (namespace, id)"
        " WHERE is_ambiguous"
        for dataset in deeds
    )
    profiles, strangers, doubtful = one(
        cursor,
        f"""SELECT (SELECT count(*) FROM profiles), (SELECT count(*) FROM temp.strangers),
                   (SELECT count(*) FROM ({ambiguous or _NOBODY}))""",
    )
    return Derived(
        profiles=profiles, event_only_profiles=strangers, ambiguous_events=doubtful
    )
