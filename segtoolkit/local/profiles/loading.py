"""A source of profiles or events in; the store brought up to it, or left exactly as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

import duckdb
from duckdb import DuckDBPyConnection

from segtoolkit import cards
from segtoolkit.errors import ConfigError
from segtoolkit.local.profiles import growing, reading, sources
from segtoolkit.local.profiles.deriving import derive
from segtoolkit.local.profiles.fragments import Kind
from segtoolkit.local.profiles.growing import MODES, Mode
from segtoolkit.local.profiles.tables import one, quietly, table_of
from segtoolkit.progress import Step


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LoadReport:
    """What a load brought, and what the store holds after it.

    Attributes:
        kind: ``profiles`` or ``events``.
        dataset: the name under which the records are kept.
        rows: records of this dataset.
        profiles: profiles in the store now.
        event_only_profiles: of these, the ones known from events only.
        duplicate_events: events of this load dropped because an earlier one had their ``_id``.
        ambiguous_events: events in the store now whose identity several profiles carry.
    """

    kind: Kind
    dataset: str
    rows: int
    profiles: int
    event_only_profiles: int
    duplicate_events: int
    ambiguous_events: int

    def __repr__(self) -> str:
        return f"<LoadReport {self}>"

    def _repr_html_(self) -> str:
        in_store = {"profiles in the store": self.profiles}
        return cards.thing_card(
            f"{self._records} loaded", self.dataset, {**in_store, **self._asides()}
        )

    def __str__(self) -> str:
        return "; ".join(
            [
                f"loaded {self._records} as {self.dataset!r}",
                f"{cards.counted(self.profiles, 'profile')} in the store",
                *(f"{count:,} {what}" for what, count in self._asides().items()),
            ]
        )

    @property
    def _records(self) -> str:
        return cards.counted(self.rows, self.kind.removesuffix("s"))

    def _asides(self) -> dict[str, int]:
        asides = {
            "duplicate events dropped": self.duplicate_events,
            "profiles known from events only": self.event_only_profiles,
            "events of an identity that several profiles carry": self.ambiguous_events,
        }
        return {what: count for what, count in asides.items() if count}


def load(
    cursor: DuckDBPyConnection,
    source: sources.Source,
    *,
    kind: Kind,
    name: str | None = None,
    mode: Mode = "replace",
    step: Step = quietly,
) -> LoadReport:
    """Load *source* as the dataset *name*, all or nothing.

    In an open transaction the changes are part of it, and an error leaves it to be rolled
    back; otherwise this is a transaction of its own.

    Args:
        cursor: of a store that has its tables; not in use for anything else.
        source: path, glob or list of them (NDJSON, gzipped or not, or Parquet), DataFrame,
            Arrow table, or list of dicts.
        kind: ``profiles`` or ``events``.
        name: of the dataset; by default the stem of the file, or *kind*.
        mode: what becomes of the records that the dataset has: ``replace`` all of them, ``append``
            the new ones, or ``upsert``: replace profiles of the same primary identity and events
            of the same ``_id``. Appended profiles must be new; events that are not are dropped.
        step: is told what is done next, with the records it is about where they are counted; what
            it raises ends the load.

    Raises:
        ConfigError: there is no such mode.
        DataError: there is a fault in the source; it says where and what to do.
    """
    if mode not in MODES:
        raise ConfigError(f"mode is one of {', '.join(map(repr, MODES))}, not {mode!r}")
    counting = partial(step, f"reading {kind}")
    with sources.opened(source, counting) as content, _transaction(cursor):
        dataset = _spelled(cursor, kind, name or sources.stem_of(source) or kind)
        step(f"reading {kind}", None)
        records = reading.read(cursor, content)
        dropped = growing.keep(
            cursor,
            records,
            content,
            kind=kind,
            name=dataset,
            mode=mode,
            told=lambda rows: step(f"checking {kind}", rows),
        )
        reading.forget(cursor)
        rows = _enter(cursor, kind, dataset)
        derived = derive(cursor, kind, step)
        cursor.execute("UPDATE meta SET value = uuid()::VARCHAR WHERE key = 'data_version'")
    return LoadReport(
        kind=kind,
        dataset=dataset,
        rows=rows,
        profiles=derived.profiles,
        event_only_profiles=derived.event_only_profiles,
        duplicate_events=dropped,
        ambiguous_events=derived.ambiguous_events,
    )


@contextmanager
def _transaction(cursor: DuckDBPyConnection) -> Iterator[None]:
    if _is_in_transaction(cursor):
        yield
        return
    cursor.begin()
    try:
        yield
        cursor.commit()
    except BaseException:
        with suppress(duckdb.Error):  # the first failure is the one to tell
            cursor.rollback()
        raise


def _is_in_transaction(cursor: DuckDBPyConnection) -> bool:
    # Outside of one, every statement is a transaction of its own. DuckDB has no way to ask.
    return one(cursor, "SELECT txid_current()") == one(cursor, "SELECT txid_current()")


def _spelled(cursor: DuckDBPyConnection, kind: Kind, name: str) -> str:
    """Return how the store spells *name*; DuckDB ignores case in names of tables."""
    rows = cursor.execute(
        "SELECT name FROM datasets WHERE kind = ? AND lower(name) = lower(?)", [kind, name]
    ).fetchall()
    return rows[0][0] if rows else name


def _enter(cursor: DuckDBPyConnection, kind: Kind, dataset: str) -> int:
    rows = _rows(cursor, table_of(kind, dataset))
    # What is loaded later is newer, also within one transaction, where the clock stands still.
    (now,) = one(
        cursor,
        """SELECT greatest(epoch_us(current_timestamp::TIMESTAMPTZ), max(loaded_at) + 1)
           FROM (SELECT loaded_at FROM datasets UNION ALL SELECT loaded_at FROM batches)""",
    )
    cursor.execute("UPDATE batches SET loaded_at = ? WHERE loaded_at IS NULL", [now])
    has_batches = "SELECT 1 FROM batches WHERE kind = ? AND name = ?"
    if cursor.execute(has_batches, [kind, dataset]).fetchall():
        update = "UPDATE datasets SET rows = ? WHERE kind = ? AND name = ?"
        cursor.execute(update, [rows, kind, dataset])
    else:
        cursor.execute(
            "INSERT OR REPLACE INTO datasets VALUES (?, ?, ?, ?, ?)",
            [kind, dataset, f"{kind}:{dataset}", rows, now],
        )
    return rows


def _rows(cursor: DuckDBPyConnection, table: str) -> int:
    (rows,) = one(cursor, f"SELECT count(*) FROM {table}")
    return int(rows)
