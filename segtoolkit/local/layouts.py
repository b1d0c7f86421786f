"""Layouts of the store: the tables of any release in, those of this one out, or a refusal.

A store says in ``meta`` which layout it has. An earlier one is brought up step by step, in the one
transaction of whoever calls, so that a step that fails leaves the store to the release that made it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import metadata
from types import MappingProxyType

import duckdb

from segtoolkit.errors import StoreError
from segtoolkit.local import ledger, memberships, policies, profiles
from segtoolkit.local.ledger import Cursor

logger = logging.getLogger("segtoolkit")

SCHEMA_VERSION = 2
_OURS = frozenset({"meta", "definitions", "jobs", "memberships"})


def version_of(cursor: Cursor, place: object) -> int | None:
    """Return the layout of the store that *cursor* sees; None if there is nothing in it.

    Args:
        cursor: of the store.
        place: where it is, for messages.

    Raises:
        StoreError: it is something else's, or of a release that is too new or too old.
    """
    tables = _tables(cursor)
    if not tables:
        return None
    facts = _facts(cursor) if tables >= _OURS else {}
    version = facts.get("schema_version", "")
    if not version.isdecimal():
        raise StoreError(
            f"{place} is a DuckDB file of something else (it has the tables "
            f"{', '.join(sorted(tables)[:5])}); give another path for the store"
        )
    writer = facts.get("written_by", "another segtoolkit")
    refuse_other(
        int(version), place, writer, readable=range(min(_STEPS), SCHEMA_VERSION + 1)
    )
    return int(version)


def refuse_other(version: int, place: object, writer: str, *, readable: range) -> None:
    """Refuse the layout *version*, which *writer* made, if it is not among the *readable*.

    Raises:
        StoreError: it is newer or older; it says what to do.
    """
    if version in readable:
        return
    known = " to ".join(str(one) for one in dict.fromkeys((readable[0], readable[-1])))
    remedy = (
        "upgrade segtoolkit"
        if version > readable[-1]
        else f"make it anew with {written_by()}"
    )
    raise StoreError(
        f"{place} was written by {writer} (store version {version}, this one reads {known}); "
        f"{remedy}, or give another path"
    )


def create(cursor: Cursor) -> None:
    """Make all tables of an empty store."""
    profiles.create_tables(cursor)
    ledger.create_tables(cursor)
    _sign(cursor)


def bring_up(cursor: Cursor, version: int) -> None:
    """Bring a store of the layout *version* up to this release's."""
    for number in range(version, SCHEMA_VERSION):
        logger.info("bringing the store from version %s to %s", number, number + 1)
        _STEPS[number](cursor)
    if version < SCHEMA_VERSION:
        _sign(cursor)


def _from_1(cursor: Cursor) -> None:
    """Tell members that are written from audiences that are evaluated, and derive all else anew."""
    cursor.execute("CREATE TABLE audiences(segment_id VARCHAR PRIMARY KEY, job_id VARCHAR)")
    cursor.execute("INSERT INTO audiences SELECT segment_id, job_id FROM memberships")
    cursor.execute("ALTER TABLE memberships RENAME TO earlier")
    memberships.create(cursor)
    for segment_id, job_id in cursor.execute("FROM audiences").fetchall():
        ((members,),) = cursor.execute(
            "SELECT members FROM earlier WHERE segment_id = ?", [segment_id]
        ).fetchall()
        memberships.add(cursor, job_id, {segment_id: members})
    cursor.execute("DROP TABLE earlier")
    _derive_anew(cursor)


def _derive_anew(cursor: Cursor) -> None:
    """Make all that is derived from the datasets anew; people keep their row ids."""
    profiles.lay_anew(cursor)
    for (schema,) in cursor.execute('SELECT "schema" FROM views').fetchall():
        cursor.execute(f"DROP SCHEMA IF EXISTS {profiles.quoted(schema)} CASCADE")
    cursor.execute("DELETE FROM views")
    cursor.execute("DROP SCHEMA IF EXISTS sample CASCADE")
    cursor.execute("DELETE FROM meta WHERE key = 'sample'")
    policies.refresh(cursor)


# What makes the layout of the next version of one.
_STEPS: Mapping[int, Callable[[Cursor], None]] = MappingProxyType({1: _from_1})


def _tables(cursor: Cursor) -> frozenset[str]:
    rows = cursor.execute("""
        SELECT table_name FROM duckdb_tables()
        UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal""").fetchall()
    return frozenset(name for (name,) in rows)


def _facts(cursor: Cursor) -> dict[str, str]:
    with suppress(duckdb.Error):  # somebody else's table of that name
        return dict(cursor.execute("SELECT key, value FROM meta").fetchall())
    return {}


def _sign(cursor: Cursor) -> None:
    facts = {"schema_version": str(SCHEMA_VERSION), "written_by": written_by()}
    cursor.execute(
        "INSERT OR REPLACE INTO meta SELECT unnest(?), unnest(?)",
        [list(facts), [*facts.values()]],
    )


def written_by() -> str:
    """Return the name and version of this package."""
    try:
        return f"segtoolkit {metadata.version('segtoolkit')}"
    except metadata.PackageNotFoundError:
        return "segtoolkit (not installed)"
