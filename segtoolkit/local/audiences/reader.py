"""Reads of the store that Ctrl-C can end: work on a cursor goes in, its outcome comes out."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import duckdb

from segtoolkit.local import policies
from segtoolkit.local.evaluation import Runs, aside
from segtoolkit.local.store import Store

T = TypeVar("T")
GoOn: TypeAlias = Callable[[], None]
Work: TypeAlias = Callable[[duckdb.DuckDBPyConnection], T]


@dataclass(frozen=True, slots=True)
class Reader:
    """Runs reads of *store* among the *runs* of its service.

    Attributes:
        policy: the id of the merge policy whose profiles are read; None for the plain one.
    """

    store: Store
    runs: Runs
    policy: str | None = None

    def read(self, work: Work[T]) -> T:
        """Do *work* in a transaction that sees the store as it is now."""
        run_id = str(uuid.uuid4())

        def reading() -> T:
            with self.store.read() as cursor, self.runs.run(run_id, cursor):
                return work(self._looking(cursor))

        return aside(reading, stop=lambda: self.runs.stop(run_id))

    def copy(self, work: Callable[[duckdb.DuckDBPyConnection, GoOn], T]) -> T:
        """Do *work*, which writes files, as `read` does; it asks between them whether to go on.

        DuckDB 2.0.0 may never return from a COPY that is interrupted.
        """
        run_id = str(uuid.uuid4())

        def copying() -> T:
            with self.store.read() as cursor, self.runs.run(run_id, None) as run:
                return work(self._looking(cursor), run.go_on)

        return aside(copying, stop=lambda: self.runs.stop(run_id))

    def read_on_own_cursor(self, work: Work[T]) -> T:
        """Do *work* on a cursor that lives as long as what *work* makes of it."""
        run_id = str(uuid.uuid4())

        def reading() -> T:
            cursor = self.store.own_cursor()
            with self.runs.run(run_id, cursor):
                return work(self._looking(cursor))

        return aside(reading, stop=lambda: self.runs.stop(run_id))

    def _looking(self, cursor: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        if self.policy is not None:
            policies.look_through(cursor, self.policy)
        return cursor
