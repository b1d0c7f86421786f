"""Evaluate segments over the profiles of a DuckDB store: expressions in, counts and members out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import duckdb
import numpy as np
from pyroaring import BitMap

from segtoolkit.engine import bits, roaring
from segtoolkit.engine.bits import Bits
from segtoolkit.engine.codes import Codes, NoCodes
from segtoolkit.engine.combining import Combined
from segtoolkit.engine.plan import plan, references
from segtoolkit.engine.population import CodesOf, Population, Populations
from segtoolkit.engine.shelf import Shelf
from segtoolkit.errors import PQLError
from segtoolkit.pql.forms import with_text
from segtoolkit.pql.lint import lint
from segtoolkit.pql.resolve import World, refuse, resolve
from segtoolkit.pql.typed import Typed

ExpressionOf: TypeAlias = Callable[[str], str | None]
Keep: TypeAlias = Callable[[str, bytes], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The outcome of a job; every mapping is keyed by segment id.

    Attributes:
        total_profiles: profiles looked at.
        counts: profiles in the segment.
        by_namespace: of those, the ones with at least one identity of the namespace.
        by_status: ``realized`` newly in, ``existing`` still in, ``exited`` no longer in.
        data_version: of the profiles and events looked at.
        warnings: the fields that nobody has and that were taken for null, each in a message.
    """

    total_profiles: int
    counts: Mapping[str, int]
    by_namespace: Mapping[str, Mapping[str, int]]
    by_status: Mapping[str, Mapping[str, int]]
    data_version: str | None = None
    warnings: tuple[str, ...] = ()


class DuckDBEngine:
    """Evaluates expressions on cursors of one store; keeps what depends only on the data's version."""

    def __init__(self, shelf: Shelf | None = None, codes_of: CodesOf = Codes) -> None:
        """Keep what is found on *shelf*, which engines may share; a new one if None."""
        self._populations = Populations(shelf or Shelf(), codes_of)

    def for_sample(self) -> DuckDBEngine:
        """Return an engine that remembers a sample of the data, within the same memory."""
        return DuckDBEngine(self._populations.shelf, lambda *_: NoCodes())

    def check(
        self,
        cursor: duckdb.DuckDBPyConnection,
        text: str,
        *,
        as_of: datetime,
        expression_of: ExpressionOf,
    ) -> tuple[str, ...]:
        """Refuse *text* if it cannot be evaluated over the loaded profiles.

        Returns:
            a message for each field that is not there, where such a field is taken for null.

        Raises:
            PQLError: with the position of what is wrong.
        """
        population = self._populations.seen_by(cursor)
        trees, warnings = _trees(cursor, {"": text}, as_of, expression_of, population)
        plan(trees)
        return warnings

    def mistakes(self, cursor: duckdb.DuckDBPyConnection, text: str) -> list[str]:
        """Return what `lint` warns of in *text*; its mere hints are for those who ask."""
        found = lint(text, schema=self._populations.seen_by(cursor).schema)
        return [str(finding) for finding in found if finding.level == "warning"]

    def evaluate(
        self,
        cursor: duckdb.DuckDBPyConnection,
        expressions: Mapping[str, str],
        *,
        as_of: datetime,
        expression_of: ExpressionOf,
        previous: Callable[[str], bytes | None],
        step: Callable[[int, int], None],
        keep: Keep | None = None,
    ) -> Evaluation:
        """Evaluate *expressions*, by segment id, as of one instant.

        Args:
            cursor: a cursor of the store, in a transaction, so that all atoms see the same data.
            expressions: PQL by segment id.
            as_of: what ``now`` means; aware.
            expression_of: gives the PQL of a segment that only ``inSegment`` mentions, or None.
            previous: gives the members of a segment after its last finished job, or None.
            step: is told (steps done, steps of all) before each atom and each segment, and while
                they are planned; may raise to stop.
            keep: is given the members of each segment as soon as they are known, so that nobody has
                to hold all of them: row ids, as a portable roaring bitmap.

        Raises:
            PQLError: an expression is wrong.
            duckdb.Error: the engine failed or was interrupted.
        """
        population = self._populations.seen_by(cursor)
        trees, warnings = _trees(
            cursor,
            expressions,
            as_of,
            expression_of,
            population,
            go_on=lambda: step(0, len(expressions)),
        )
        planned = plan(trees)
        atoms, segments = planned.atoms, list(planned.rules)
        population.tests.expect(atoms)
        for done, atom in enumerate(atoms):
            step(done, len(atoms) + len(segments))
            population.tests.find(cursor, atom)
        measures = _Measures(population, previous, keep)
        with Combined(planned, population, cursor, self._populations.shelf) as combined:
            for done, segment_id in enumerate(segments, start=len(atoms)):
                step(done, len(atoms) + len(segments))
                if segment_id in expressions:
                    measures.take(segment_id, combined.members(segment_id))
        return measures.evaluation(tuple(expressions), warnings)

    def everyone(self, cursor: duckdb.DuckDBPyConnection) -> Bits:
        """Return all profiles there are in the data that *cursor* sees."""
        return self._populations.seen_by(cursor).everyone

    def reach(self, cursor: duckdb.DuckDBPyConnection, members: BitMap) -> dict[str, int]:
        """Count, by namespace, those of *members* with at least one identity of it."""
        population = self._populations.seen_by(cursor)
        rows = np.asarray(members.to_array())
        return population.by_namespace(bits.from_rows(rows, population.size))


class _Measures:
    """What is counted of each segment, as soon as its members are known."""

    def __init__(
        self,
        population: Population,
        previous: Callable[[str], bytes | None],
        keep: Keep | None,
    ) -> None:
        self._population = population
        self._previous = previous
        self._keep = keep
        self._counts: dict[str, int] = {}
        self._by_namespace: dict[str, dict[str, int]] = {}
        self._by_status: dict[str, dict[str, int]] = {}

    def take(self, segment_id: str, members: Bits) -> None:
        self._counts[segment_id] = bits.count(members)
        self._by_namespace[segment_id] = self._population.by_namespace(members)
        before = self._previous(segment_id)
        if before is None and self._keep is None:
            self._by_status[segment_id] = _by_status(self._counts[segment_id])
            return
        bitmap = roaring.bitmap_of(members)
        self._by_status[segment_id] = _by_status(len(bitmap), *_compared(bitmap, before))
        if self._keep is not None:
            self._keep(segment_id, bitmap.serialize())

    def evaluation(self, ids: tuple[str, ...], warnings: tuple[str, ...]) -> Evaluation:
        return Evaluation(
            total_profiles=bits.count(self._population.everyone),
            counts={id_: self._counts[id_] for id_ in ids},
            by_namespace={id_: self._by_namespace[id_] for id_ in ids},
            by_status={id_: self._by_status[id_] for id_ in ids},
            data_version=self._population.data_version,
            warnings=warnings,
        )


def _by_status(now: int, stayed: int = 0, before: int = 0) -> dict[str, int]:
    return {"realized": now - stayed, "existing": stayed, "exited": before - stayed}


def _compared(now: BitMap, before: bytes | None) -> tuple[int, int]:
    """Return how many are in both, and how many were in before."""
    if before is None:
        return 0, 0
    then = BitMap.deserialize(before)
    return now.intersection_cardinality(then), len(then)


def _trees(
    cursor: duckdb.DuckDBPyConnection,
    expressions: Mapping[str, str],
    as_of: datetime,
    expression_of: ExpressionOf,
    population: Population,
    go_on: Callable[[], None] = lambda: None,
) -> tuple[dict[str, Typed], tuple[str, ...]]:
    """Resolve *expressions*, and the segments they refer to, and those in turn; with warnings.

    *go_on* is called before each, and may raise to stop.
    """
    unknown = list[str]()

    def text_of(segment_id: str) -> str | None:
        own = expressions.get(segment_id)
        return expression_of(segment_id) if own is None else own

    world = World(
        schema=population.schema,
        as_of=as_of,
        knows_segment=lambda segment_id: text_of(segment_id) is not None,
        regex_problem=lambda pattern: _regex_problem(cursor, pattern),
        unknown_field=refuse
        if population.is_strict
        else lambda error: unknown.append(f"taken for null: {error}"),
    )
    trees: dict[str, Typed] = {}
    waiting = list(expressions)
    while waiting:
        go_on()
        segment_id = waiting.pop()
        text = text_of(segment_id)
        if segment_id not in trees and text is not None:
            trees[segment_id] = _tree(segment_id, text, world)
            waiting += references(trees[segment_id])
    return trees, tuple(dict.fromkeys(unknown))


def _tree(segment_id: str, expression: str, world: World) -> Typed:
    try:
        tree, text = with_text(expression)
        return resolve(tree, world, text)
    except PQLError as error:
        if not segment_id:
            raise
        reason = f"segment {segment_id!r}: {error.reason}"
        raise type(error)(reason, error.text, error.offset) from error


def _regex_problem(cursor: duckdb.DuckDBPyConnection, pattern: str) -> str | None:
    """Ask DuckDB itself, whose dialect (RE2) lacks look-around and back-references."""
    try:
        cursor.execute(
            "SELECT regexp_matches('', $pattern)", {"pattern": pattern}
        ).fetchall()
    except duckdb.Error as error:
        if isinstance(error, duckdb.InterruptException):
            raise
        return str(error).partition("\n")[0].removeprefix("Invalid Input Error: ")
    return None
