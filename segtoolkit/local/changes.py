"""Changes of the store that Ctrl-C can end: work on a cursor goes in, its outcome comes out."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

import duckdb

from segtoolkit import interrupted
from segtoolkit.local.evaluation import TOO_LATE, Run, Runs, aside, await_, begin
from segtoolkit.local.store import Store
from segtoolkit.progress import Step

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Changes:
    """Makes changes of *store* among the *runs* of its service."""

    store: Store
    runs: Runs

    def make(self, work: Callable[[duckdb.DuckDBPyConnection, Run], T]) -> T:
        """Do *work* in a transaction: all of it is kept, or nothing."""
        run_id = str(uuid.uuid4())

        def change() -> T:
            with self.store.write() as cursor, self.runs.run(run_id, cursor) as run:
                return work(cursor, run)

        outcome = aside(change, stop=lambda: self.runs.stop(run_id))
        self._fold_log()
        return outcome

    def _fold_log(self) -> None:
        # Whatever comes of it, even if the store is closed meanwhile, the change is made.
        folded: Future[None] = Future()
        try:
            begin(self.store.fold_log, folded)
            await_(folded)
        except KeyboardInterrupt as interrupt:
            interrupted.note(interrupt, TOO_LATE)
            raise


def heeding(run: Run, step: Step) -> Step:
    """Return *step* for work that ends at the next one if *run* was told to stop."""

    def told(what: str, rows: int | None) -> None:
        run.go_on()
        step(what, rows)

    return told
