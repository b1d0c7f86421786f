"""The sample of a store, drawn beside what else goes on: a number of profiles goes in, whether it is there comes out."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from threading import Lock

from segtoolkit.local import policies, sampling
from segtoolkit.local.evaluation import Runs, begin
from segtoolkit.local.ledger import Cursor
from segtoolkit.local.store import Store

# A larger sample is hardly quicker to look at than all.
_TIMES_SMALLER = 4
_RUN = "sample"  # no estimate and no job has this id


class Sampler:
    """Draws samples of one store, one at a time; threads may share it."""

    def __init__(self, store: Store, runs: Runs) -> None:
        self._store = store
        self._runs = runs
        self._lock = Lock()
        self._drawing: Future[None] | None = None

    def prepare(self, size: int) -> bool:
        """Tell whether there is a sample of *size* profiles of the present data; if not, begin to draw.

        None is drawn of few profiles, or of those that the default merge policy puts together anew;
        what could not be drawn is not tried again.
        """
        with self._store.read() as cursor:
            # The quickest comes first, as this is asked at every key.
            if sampling.is_drawn(cursor, size):
                return True
            if not _is_worth_drawing(cursor, size):
                return False
        self._begin(size)
        return False

    def _begin(self, size: int) -> None:
        with self._lock:
            before = self._drawing
            if before is None or (before.done() and before.exception() is None):
                self._drawing = Future()
                begin(partial(self.draw, _RUN, size), self._drawing)

    def draw(self, run_id: str, size: int) -> None:
        """Draw a sample of *size* profiles, if there are more and it is not there by now.

        Raises:
            Stopped: the run of that id was stopped, and nothing is changed.
        """
        with self._store.write() as cursor, self._runs.run(run_id, cursor):
            # Others may have loaded, or drawn, meanwhile.
            if size < sampling.total_of(cursor) and not sampling.is_drawn(cursor, size):
                sampling.draw(cursor, size)
        # Too few rows to be written at once, and enough to be felt in the next submission.
        self._store.fold_log()


def _is_worth_drawing(cursor: Cursor, size: int) -> bool:
    policies.look_through_default(cursor)
    is_smaller = size * _TIMES_SMALLER <= sampling.total_of(cursor)
    return is_smaller and policies.is_plain(cursor)
