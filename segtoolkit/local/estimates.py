"""Sizes of ad-hoc audiences: an expression goes in, an id comes out that gives its estimate.

They are of the default merge policy. Every profile is read, so an estimate is exact and ready at once; the latest hundred are kept.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from datetime import datetime

from segtoolkit.engine import Evaluation
from segtoolkit.local import ledger, policies
from segtoolkit.local.evaluation import Runs, aside
from segtoolkit.local.store import Store
from segtoolkit.local.worker import Engine
from segtoolkit.models import Estimate

_KEPT = 100
_AD_HOC = ""  # no definition can have this id


class Estimates:
    """The estimates of one service."""

    def __init__(self, store: Store, engine: Engine, runs: Runs) -> None:
        self._store = store
        self._engine = engine
        self._runs = runs
        self._by_id: OrderedDict[str, Estimate] = OrderedDict()

    def add(self, text: str, *, as_of: datetime) -> tuple[str, tuple[str, ...]]:
        """Evaluate *text*, and return the id of its estimate and warnings; Ctrl-C ends it at once.

        Raises:
            PQLError: it cannot be evaluated.
            Stopped: the store was closed meanwhile.
        """
        preview_id = str(uuid.uuid4())
        found = aside(
            lambda: self._evaluate(preview_id, text, as_of),
            stop=lambda: self._runs.stop(preview_id),
        )
        self._by_id[preview_id] = _estimate(found)
        if len(self._by_id) > _KEPT:
            self._by_id.popitem(last=False)
        return preview_id, found.warnings

    def get(self, preview_id: str) -> Estimate | None:
        return self._by_id.get(preview_id)

    def _evaluate(self, preview_id: str, text: str, as_of: datetime) -> Evaluation:
        with self._store.read() as cursor, self._runs.run(preview_id, cursor) as run:
            policies.look_through_default(cursor)
            return self._engine.evaluate(
                cursor,
                {_AD_HOC: text},
                as_of=as_of,
                expression_of=ledger.expressions(cursor).get,
                previous=lambda _: None,
                step=run.step,
            )


def _estimate(found: Evaluation) -> Estimate:
    size, total = found.counts[_AD_HOC], found.total_profiles
    return Estimate(
        size=size,
        total=total,
        rows_read=total,
        rows_to_read=total,
        rows_matched=size,
        standard_error=0,
        confidence="95%",
        by_namespace=found.by_namespace[_AD_HOC],
    )
