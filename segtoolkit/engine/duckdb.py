"""Evaluate segments over the profiles of a DuckDB store: expressions in, counts and members out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import TypeAlias, assert_never

import duckdb
import numpy as np
from pyroaring import BitMap

from segtoolkit.engine import bits, roaring
from segtoolkit.engine.atoms import BUDGET_BYTES, Atoms
from segtoolkit.engine.bits import Bits
from segtoolkit.engine.plan import (
    AllOf,
    AnyOf,
    Leaf,
    Others,
    Rule,
    Segment,
    plan,
    references,
)
from segtoolkit.engine.schema import is_strict, read_schema
from segtoolkit.errors import PQLError
from segtoolkit.pql.forms import with_text
from segtoolkit.pql.lint import lint
from segtoolkit.pql.resolve import World, refuse, resolve
from segtoolkit.pql.typed import Typed
from segtoolkit.pql.types import Schema

ExpressionOf: TypeAlias = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The outcome of a job; every mapping is keyed by segment id.

    Attributes:
        total_profiles: profiles looked at.
        counts: profiles in the segment.
        by_namespace: of those, the ones with at least one identity of the namespace.
        by_status: ``realized`` newly in, ``existing`` still in, ``exited`` no longer in.
        members: the segment's row ids, as a portable roaring bitmap.
        data_version: of the profiles and events looked at.
        warnings: the fields that nobody has and that were taken for null, each in a message.
    """

    total_profiles: int
    counts: Mapping[str, int]
    by_namespace: Mapping[str, Mapping[str, int]]
    by_status: Mapping[str, Mapping[str, int]]
    members: Mapping[str, bytes]
    data_version: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Population:
    """All profiles of one version of the data, in a universe of *size* row ids."""

    version: str
    schema: Schema
    is_strict: bool
    size: int
    everyone: Bits
    namespaces: Mapping[str, Bits]
    tests: Atoms


_OF_SCHEMA = " in "


class DuckDBEngine:
    """Evaluates expressions on cursors of one store; keeps what depends only on the data's version."""

    def __init__(self, cache_bytes: int = BUDGET_BYTES) -> None:
        self._cache_bytes = cache_bytes
        self._latest: dict[str, _Population] = {}  # by the schema that is looked through

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
        trees, warnings = self._trees(cursor, {"": text}, as_of, expression_of)
        plan(trees)
        return warnings

    def mistakes(self, cursor: duckdb.DuckDBPyConnection, text: str) -> list[str]:
        """Return what `lint` warns of in *text*; its mere hints are for those who ask."""
        found = lint(text, schema=self._population(cursor).schema)
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
    ) -> Evaluation:
        """Evaluate *expressions*, by segment id, as of one instant.

        Args:
            cursor: a cursor of the store, in a transaction, so that all atoms see the same data.
            expressions: PQL by segment id.
            as_of: what ``now`` means; aware.
            expression_of: gives the PQL of a segment that only ``inSegment`` mentions, or None.
            previous: gives the members of a segment after its last finished job, or None.
            step: is told (atoms done, atoms of all) before each atom; may raise to stop.

        Raises:
            PQLError: an expression is wrong.
            duckdb.Error: the engine failed or was interrupted.
        """
        trees, warnings = self._trees(cursor, expressions, as_of, expression_of)
        planned = plan(trees)
        population = self._population(cursor)
        population.tests.expect(planned.atoms)
        atoms: list[Bits] = []
        for atom in planned.atoms:
            step(len(atoms), len(planned.atoms))
            atoms.append(population.tests.find(cursor, atom))
        members: dict[str, Bits] = {}
        for segment_id, rule in planned.rules.items():
            found = _combine(rule, atoms, members, population.everyone)
            members[segment_id] = found & population.everyone
        wanted = {id_: members[id_] for id_ in expressions}
        return replace(_measure(wanted, population, previous), warnings=warnings)

    def everyone(self, cursor: duckdb.DuckDBPyConnection) -> Bits:
        """Return all profiles there are in the data that *cursor* sees."""
        return self._population(cursor).everyone

    def reach(self, cursor: duckdb.DuckDBPyConnection, members: BitMap) -> dict[str, int]:
        """Count, by namespace, those of *members* with at least one identity of it."""
        population = self._population(cursor)
        rows = np.asarray(members.to_array())
        return _by_namespace(bits.from_rows(rows, population.size), population)

    def _trees(
        self,
        cursor: duckdb.DuckDBPyConnection,
        expressions: Mapping[str, str],
        as_of: datetime,
        expression_of: ExpressionOf,
    ) -> tuple[dict[str, Typed], tuple[str, ...]]:
        """Resolve *expressions*, and the segments they refer to, and those in turn; with warnings."""
        population, unknown = self._population(cursor), list[str]()

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
            segment_id = waiting.pop()
            text = text_of(segment_id)
            if segment_id not in trees and text is not None:
                trees[segment_id] = _tree(segment_id, text, world)
                waiting += references(trees[segment_id])
        return trees, tuple(dict.fromkeys(unknown))

    def _population(self, cursor: duckdb.DuckDBPyConnection) -> _Population:
        """Return who there is in the data that *cursor* sees; threads may see different versions."""
        ((data_version, schema),) = cursor.execute(
            "SELECT value, current_schema() FROM meta WHERE key = 'data_version'"
        ).fetchall()
        version, latest = f"{data_version}{_OF_SCHEMA}{schema}", self._latest.get(schema)
        if latest is None or latest.version != version:
            # What is kept of other data is of no use to anybody any more.
            kept = {
                s: p for s, p in self._latest.items() if p.version.startswith(data_version)
            }
            latest = _read_population(cursor, version, self._cache_bytes)
            self._latest = {**kept, schema: latest}
        return latest


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


def _read_population(
    cursor: duckdb.DuckDBPyConnection, version: str, cache_bytes: int
) -> _Population:
    """Read who there is and on which namespaces each can be reached."""
    (highest,) = cursor.execute("SELECT max(rid) FROM keys").fetchall()[0]
    size = 0 if highest is None else highest + 1
    rows = cursor.execute("SELECT rid, namespace_set FROM profiles").fetchnumpy()
    sets = dict(cursor.execute("SELECT id, namespaces FROM namespace_sets").fetchall())
    rids, codes = np.asarray(rows["rid"]), np.asarray(rows["namespace_set"])
    names = sorted({name for names in sets.values() for name in names})
    holding = np.zeros(max(sets, default=0) + 1, dtype=bool)
    namespaces = {}
    for name in names:
        holding[list(sets)] = [name in held for held in sets.values()]
        namespaces[name] = bits.from_rows(rids[holding[codes]], size)
    everyone = bits.from_rows(rids, size)
    return _Population(
        version,
        read_schema(cursor),
        is_strict(cursor),
        size,
        everyone,
        namespaces,
        Atoms(len(everyone) * 64, cache_bytes),
    )


def _combine(
    rule: Rule, atoms: list[Bits], members: Mapping[str, Bits], everyone: Bits
) -> Bits:
    match rule:
        case Leaf(index):
            return atoms[index]
        case Segment(segment_id):
            return members[segment_id]
        case Others(inner):
            return everyone & ~_combine(inner, atoms, members, everyone)
        case AllOf(rules):
            parts = (_combine(part, atoms, members, everyone) for part in rules)
            return reduce(and_, parts, everyone)
        case AnyOf(rules):
            parts = (_combine(part, atoms, members, everyone) for part in rules)
            return reduce(or_, parts, np.zeros_like(everyone))
        case _:
            assert_never(rule)


def _measure(
    members: Mapping[str, Bits],
    population: _Population,
    previous: Callable[[str], bytes | None],
) -> Evaluation:
    return Evaluation(
        total_profiles=bits.count(population.everyone),
        counts={id_: bits.count(now) for id_, now in members.items()},
        by_namespace={id_: _by_namespace(now, population) for id_, now in members.items()},
        by_status={
            id_: _by_status(now, previous(id_), population.size)
            for id_, now in members.items()
        },
        members={id_: roaring.to_blob(now) for id_, now in members.items()},
        data_version=population.version.partition(_OF_SCHEMA)[0],
    )


def _by_namespace(members: Bits, population: _Population) -> dict[str, int]:
    counts = {n: bits.count(members & held) for n, held in population.namespaces.items()}
    return {name: count for name, count in counts.items() if count}


def _by_status(now: Bits, before: bytes | None, size: int) -> dict[str, int]:
    then = np.zeros_like(now) if before is None else roaring.from_blob(before, size)
    return {
        "realized": bits.count(now & ~then),
        "existing": bits.count(now & then),
        "exited": bits.count(then & ~now),
    }
