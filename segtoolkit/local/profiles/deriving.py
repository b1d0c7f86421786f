"""Datasets in; the tables that audiences are evaluated on out: profiles, events, identities.

A primary identity is a person; the records that several datasets have of one are merged.
An event belongs to the profile that carries its primary identity: the one keyed by it, else the
only one that carries it, else (it is ambiguous) the one with the lowest row id. Where there is
none, the identity itself becomes a profile of which only events are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from duckdb import DuckDBPyConnection

from segtoolkit.errors import DataError
from segtoolkit.local.profiles import gathering, merging, namespaces, shapes, sql
from segtoolkit.local.profiles.fragments import Kind, shape_of
from segtoolkit.local.profiles.shapes import ClashError, Fields, Shape, dotted
from segtoolkit.local.profiles.tables import (
    RECORD,
    STORED,
    Dataset,
    add_keys,
    all_of,
    datasets,
    insert,
    one,
    quietly,
)
from segtoolkit.models import MergePolicy
from segtoolkit.progress import Step

# What the tables hold where no policy says otherwise.
PLAIN = MergePolicy(id="", name="")

_SCRATCH = ("touched", "changed", "holders", "crowded", "pieces", "owners", "strangers")
_NOBODY = "SELECT 0::BIGINT AS position, '' AS namespace, '' AS id WHERE false"


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What the store holds now: profiles, those known from events only, ambiguous events."""

    profiles: int
    event_only_profiles: int
    ambiguous_events: int


def derive(cursor: DuckDBPyConnection, changed: Kind, step: Step = quietly) -> Derived:
    """Bring the derived tables up to the datasets, of which one of the kind *changed* did.

    Where there are several of profiles, the persons who may have changed are ``touched``.

    Raises:
        DataError: two datasets disagree on the type of a field.
    """
    people, deeds = datasets(cursor, "profiles"), datasets(cursor, "events")
    person, deed = united(cursor, people), united(cursor, deeds)
    is_merged = changed == "profiles" and len(people) > 1
    step("finding identities", None)
    if is_merged:
        _find_changed(cursor, people)
    step("building profiles", None)
    if is_merged:
        _merge_changed(cursor, people, person)
    cursor.execute('DELETE FROM main.profiles WHERE "row" IS NULL')
    if deeds:
        _find_owners(cursor, deeds)
        _add_strangers(cursor, sql.type_of(person, STORED))
    namespaces.forget_unused(cursor)
    step("sorting events", None)
    if deeds:
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


def _find_changed(cursor: DuckDBPyConnection, people: Sequence[Dataset]) -> None:
    """List the row ids of the touched, and which of them have several records."""
    for dataset in people:
        add_keys(
            cursor,
            f"""SELECT "row" AS position, namespace, id FROM {dataset.table}
                SEMI JOIN temp.touched USING (namespace, id)""",
        )
    cursor.execute("""
        CREATE OR REPLACE TEMP TABLE changed AS
        SELECT rid FROM main.keys SEMI JOIN temp.touched USING (namespace, id)""")
    gathering.hold(cursor, people, "temp.touched")
    gathering.crowd(cursor)


def _merge_changed(
    cursor: DuckDBPyConnection, people: Sequence[Dataset], shape: Fields
) -> None:
    """Make the profiles of the changed anew: who has one record is spared the merge."""
    kind = sql.type_of(shape, STORED)
    others = "SELECT * FROM main.profiles ANTI JOIN temp.changed USING (rid)"
    if kind == sql.type_of(shape_of(cursor, "main.profiles")):
        cursor.execute(
            "DELETE FROM main.profiles WHERE rid IN (SELECT rid FROM temp.changed)"
        )
    else:
        cursor.execute(f"""
            CREATE OR REPLACE TABLE main.profiles AS
            SELECT * REPLACE (CAST(xdm AS {kind}) AS xdm) FROM ({others})""")
    for dataset in people:
        add_profiles(
            cursor,
            "main",
            f"""SELECT rid, CAST(xdm AS {kind}) AS xdm FROM {dataset.table}
                JOIN temp.holders USING (namespace, id) ANTI JOIN temp.crowded USING (rid)""",
        )
    for _ in gathering.gather(cursor, people, shape, PLAIN):
        add_profiles(cursor, "main", merging.merged(shape, "temp.pieces"))
    namespaces.complete(cursor, "main.profiles")


def add_profiles(cursor: DuckDBPyConnection, schema: str, made: str) -> None:
    """Add the profiles that the query *made* yields, ``rid`` and ``xdm``, to those of *schema*.

    Some may lack their set of namespaces, to be completed.
    """
    insert(
        cursor,
        f"{schema}.profiles",
        f"""SELECT rid, {namespaces.usual(cursor)} AS namespace_set, 0 AS "row", xdm
            FROM (SELECT *, xdm."identityMap" AS spaces FROM ({made}))""",
    )


def _find_owners(cursor: DuckDBPyConnection, deeds: Sequence[Dataset]) -> None:
    """List who owns the events of each identity; strangers are identities that nobody carries."""
    primaries = all_of(
        f"""SELECT {number}::BIGINT << 40 | "row" AS position, namespace, id FROM {dataset.table}"""
        for number, dataset in enumerate(deeds)
    )
    cursor.execute(f"""
        CREATE OR REPLACE TEMP TABLE owners AS
        WITH met AS MATERIALIZED (SELECT namespace, id, min(position) AS position
                                  FROM ({primaries or _NOBODY}) GROUP BY ALL),
        holders AS (SELECT namespace, id, rid FROM main.profiles JOIN main.keys USING (rid)),
        carriers AS (SELECT namespace, id, min(rid) AS rid, count(*) AS many
                     FROM main.identities SEMI JOIN met USING (namespace, id) GROUP BY ALL)
        SELECT met.*, coalesce(holders.rid, carriers.rid) AS rid,
               holders.rid IS NULL AND carriers.many > 1 AS is_ambiguous
        FROM met LEFT JOIN holders USING (namespace, id)
                 LEFT JOIN carriers USING (namespace, id)""")
    add_keys(cursor, "SELECT * FROM temp.owners WHERE rid IS NULL")
    cursor.execute("""
        CREATE OR REPLACE TEMP TABLE strangers AS
        SELECT keys.* FROM temp.owners JOIN main.keys USING (namespace, id)
        WHERE owners.rid IS NULL""")
    cursor.execute("""
        UPDATE temp.owners SET rid = strangers.rid FROM temp.strangers
        WHERE owners.namespace = strangers.namespace AND owners.id = strangers.id""")


def _add_strangers(cursor: DuckDBPyConnection, kind: str) -> None:
    """Add a profile for each identity of which only events are known."""
    namespaces.learn(
        cursor, "SELECT DISTINCT [namespace] AS namespaces FROM temp.strangers"
    )
    insert(
        cursor,
        "main.profiles",
        f"""SELECT strangers.rid, namespace_sets.id AS namespace_set,
                   CAST(struct_pack("_id" := NULL, "identityMap" := MAP {{namespace:
                       [struct_pack(id := strangers.id, "primary" := true)]}}) AS {kind}) AS xdm
            FROM temp.strangers JOIN namespace_sets ON namespaces = [namespace]""",
    )


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
        CREATE OR REPLACE TABLE main.events AS
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
        f"""SELECT (SELECT count(*) FROM main.profiles),
                   (SELECT count(*) FROM main.profiles WHERE "row" IS NULL),
                   (SELECT count(*) FROM ({ambiguous or _NOBODY}))""",
    )
    return Derived(
        profiles=profiles, event_only_profiles=strangers, ambiguous_events=doubtful
    )
