"""Sizes of ad-hoc audiences: an expression goes in, an id comes out that gives its estimate.

They are of the default merge policy. Every profile is read, so that an estimate is exact, unless the
caller has a budget. Each is found in a thread of its own, most of them before anybody can ask. The
latest hundred are kept.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from duckdb import DuckDBPyConnection

from segtoolkit.engine import Evaluation
from segtoolkit.errors import StoreError
from segtoolkit.intervals import standard_error
from segtoolkit.local import ledger, lookup, policies, sampling
from segtoolkit.local.evaluation import Run, Runs, await_, begin, stopped_by_ctrl_c
from segtoolkit.local.sampler import Sampler
from segtoolkit.local.store import Store
from segtoolkit.local.worker import Engine, Lookup, fault_of
from segtoolkit.models import Estimate

_KEPT = 100
_AD_HOC = ""  # no definition can have this id
_MOMENT_S = 0.1  # which the caller may as well wait, rather than come again
_RUNNING = Estimate(size=None, state="RUNNING")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sizing:
    """What is to be sized: *text*, what ``now`` means in it, and how many profiles to look at.

    Attributes:
        accepted: gets the warnings, or what is wrong with *text*.
    """

    id: str
    text: str
    as_of: datetime
    budget: int | None
    accepted: Future[tuple[str, ...]] = field(default_factory=Future)


class Estimates:
    """The estimates of one service."""

    def __init__(self, store: Store, engine: Engine, runs: Runs, sampler: Sampler) -> None:
        self._store = store
        self._engine = engine
        # What it remembers of the sample must not push out what the other remembers of all.
        self._engine_of_sample = engine.for_sample()
        self._runs = runs
        self._sampler = sampler
        self._by_id: OrderedDict[str, Future[Estimate]] = OrderedDict()

    def add(
        self, text: str, *, as_of: datetime, budget: int | None = None
    ) -> tuple[str, tuple[str, ...]]:
        """Begin to size *text*, and return the id of its estimate and warnings; Ctrl-C ends it.

        Args:
            text: the expression.
            as_of: what ``now`` means.
            budget: profiles to look at, drawn at random; None or enough for all looks at all.

        Raises:
            PQLError: it cannot be evaluated.
            Stopped: the store was closed meanwhile.
        """
        sizing = _Sizing(id=str(uuid.uuid4()), text=text, as_of=as_of, budget=budget)
        found: Future[Estimate] = Future()
        with stopped_by_ctrl_c(found, partial(self._runs.stop, sizing.id)):
            begin(lambda: self._found(sizing), found)
            await_(sizing.accepted)
            warnings = sizing.accepted.result()
            await_(found, within_s=_MOMENT_S)
        self._by_id[sizing.id] = found
        # Two threads may get here at once: each takes another one away.
        if len(self._by_id) > _KEPT:
            self._stop(*self._by_id.popitem(last=False))
        return sizing.id, warnings

    def get(self, preview_id: str) -> Estimate:
        """Return that estimate as it stands.

        Raises:
            NotFound: there is none.
        """
        found = self._by_id.get(preview_id)
        if found is None:
            raise lookup.not_found("estimate", preview_id)
        return found.result() if found.done() else _RUNNING

    def end(self, preview_id: str) -> None:
        """Forget that estimate, and stop looking for it.

        Raises:
            NotFound: there is none.
        """
        found = self._by_id.pop(preview_id, None)
        if found is None:
            raise lookup.not_found("estimate", preview_id)
        self._stop(preview_id, found)

    def _stop(self, preview_id: str, found: Future[Estimate]) -> None:
        if not found.done():
            self._runs.stop(preview_id)

    def _found(self, sizing: _Sizing) -> Estimate:
        try:
            return self._estimate(sizing)
        except Exception as error:  # noqa: BLE001 - all that can go wrong belongs to the estimate
            if not sizing.accepted.done():
                sizing.accepted.set_exception(error)
            is_known = isinstance(error, StoreError)
            said = str(error) if is_known else fault_of(error).message
            return Estimate(size=None, state="FAILED", error=said)

    def _estimate(self, sizing: _Sizing) -> Estimate:
        budget = sizing.budget
        while True:
            with self._store.read() as cursor, self._runs.run(sizing.id, cursor) as run:
                policies.look_through_default(cursor)
                known = ledger.expressions(cursor).get
                self._accept(cursor, sizing, known)
                total = sampling.total_of(cursor)
                is_plain = policies.is_plain(cursor)  # what the sample is drawn from
                if budget is None or budget >= total or not is_plain:
                    found = _evaluated(self._engine, cursor, run, sizing, known)
                    return _estimate(found, total)
                if sampling.is_drawn(cursor, budget):
                    sampling.take_for_all(cursor, budget)
                    found = _evaluated(self._engine_of_sample, cursor, run, sizing, known)
                    return _estimate(found, total)
            self._sampler.draw(sizing.id, budget)

    def _accept(self, cursor: DuckDBPyConnection, sizing: _Sizing, known: Lookup) -> None:
        if not sizing.accepted.done():
            warnings = self._engine.check(
                cursor, sizing.text, as_of=sizing.as_of, expression_of=known
            )
            sizing.accepted.set_result(warnings)


def _evaluated(
    engine: Engine,
    cursor: DuckDBPyConnection,
    run: Run,
    sizing: _Sizing,
    known: Lookup,
) -> Evaluation:
    return engine.evaluate(
        cursor,
        {_AD_HOC: sizing.text},
        as_of=sizing.as_of,
        expression_of=known,
        previous=lambda _: None,
        step=lambda _done, _total: run.go_on(),
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
