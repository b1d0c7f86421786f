"""Sizes of ad-hoc audiences: an expression goes in, an id comes out that gives its estimate.

They are of the default merge policy. Every profile is read, so that an estimate is exact, unless the
caller has a budget; it is ready at once in both cases. The latest hundred are kept.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from datetime import datetime

from duckdb import DuckDBPyConnection

from segtoolkit.engine import Evaluation
from segtoolkit.intervals import standard_error
from segtoolkit.local import ledger, policies, sampling
from segtoolkit.local.evaluation import Run, Runs, aside
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
        # What it remembers of the sample must not push out what the other remembers of all.
        self._engine_of_sample = engine.sibling()
        self._runs = runs
        self._by_id: OrderedDict[str, Estimate] = OrderedDict()

    def add(
        self, text: str, *, as_of: datetime, budget: int | None = None
    ) -> tuple[str, tuple[str, ...]]:
        """Evaluate *text*, and return the id of its estimate and warnings; Ctrl-C ends it at once.

        Args:
            text: the expression.
            as_of: what ``now`` means.
            budget: profiles to look at, drawn at random; None or enough for all looks at all.

        Raises:
            PQLError: it cannot be evaluated.
            Stopped: the store was closed meanwhile.
        """
        preview_id = str(uuid.uuid4())
        estimate, warnings = aside(
            lambda: self._estimate(preview_id, text, as_of, budget),
            stop=lambda: self._runs.stop(preview_id),
        )
        self._by_id[preview_id] = estimate
        if len(self._by_id) > _KEPT:
            self._by_id.popitem(last=False)
        return preview_id, warnings

    def get(self, preview_id: str) -> Estimate | None:
        return self._by_id.get(preview_id)

    def _estimate(
        self, preview_id: str, text: str, as_of: datetime, budget: int | None
    ) -> tuple[Estimate, tuple[str, ...]]:
        while True:
            with self._store.read() as cursor, self._runs.run(preview_id, cursor) as run:
                policies.look_through_default(cursor)
                total = sampling.total_of(cursor)
                is_plain = policies.is_plain(cursor)  # what the sample is drawn from
                if budget is None or budget >= total or not is_plain:
                    found = _evaluated(self._engine, cursor, run, text, as_of)
                    return _estimate(found, total), found.warnings
                if sampling.is_drawn(cursor, budget):
                    sampling.take_for_all(cursor, budget)
                    found = _evaluated(self._engine_of_sample, cursor, run, text, as_of)
                    return _estimate(found, total), found.warnings
            self._draw(preview_id, budget)

    def _draw(self, preview_id: str, budget: int) -> None:
        with self._store.write() as cursor, self._runs.run(preview_id, cursor):
            if budget < sampling.total_of(cursor):  # others may have loaded meanwhile
                sampling.draw(cursor, budget)


def _evaluated(
    engine: Engine, cursor: DuckDBPyConnection, run: Run, text: str, as_of: datetime
) -> Evaluation:
    return engine.evaluate(
        cursor,
        {_AD_HOC: text},
        as_of=as_of,
        expression_of=ledger.expressions(cursor).get,
        previous=lambda _: None,
        step=run.step,
    )


def _estimate(found: Evaluation, total: int) -> Estimate:
    matched, read = found.counts[_AD_HOC], found.total_profiles
    return Estimate(
        size=round(matched * total / read) if read else 0,
        total=total,
        rows_read=read,
        rows_to_read=read,
        rows_matched=matched,
        standard_error=standard_error(matched, read, total),
        confidence="95%",
        by_namespace=found.by_namespace[_AD_HOC],
    )
