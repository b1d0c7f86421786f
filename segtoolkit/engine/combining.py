"""The members of segments: rules over tests and over other segments go in, sets come out."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Self, assert_never

import duckdb
import numpy as np

from segtoolkit.engine.bits import Bits
from segtoolkit.engine.plan import AllOf, AnyOf, Leaf, Others, Plan, Rule, Segment
from segtoolkit.engine.population import Population
from segtoolkit.engine.shelf import Shelf


class Combined:
    """The segments of one plan; those that others refer to lie on *shelf* until this is left."""

    def __init__(
        self,
        planned: Plan,
        population: Population,
        cursor: duckdb.DuckDBPyConnection,
        shelf: Shelf,
    ) -> None:
        self._plan = planned
        self._population = population
        self._cursor = cursor
        self._shelf = shelf
        self._referred_to: set[str] = set()

    def members(self, segment_id: str) -> Bits:
        """Return the profiles in the segment."""
        return self._find(self._plan.rules[segment_id]) & self._population.everyone

    def _find(self, rule: Rule) -> Bits:
        everyone = self._population.everyone
        match rule:
            case Leaf(index):
                return self._population.tests.find(self._cursor, self._plan.atoms[index])
            case Segment(segment_id):
                return self._referred(segment_id)
            case Others(inner):
                return everyone & ~self._find(inner)
            case AllOf(rules):
                return reduce(and_, map(self._find, rules), everyone)
            case AnyOf(rules):
                return reduce(or_, map(self._find, rules), np.zeros_like(everyone))
            case _:
                assert_never(rule)

    def _referred(self, segment_id: str) -> Bits:
        members = self._shelf.take((self, segment_id))
        if members is None:
            members = self.members(segment_id)
            self._shelf.put((self, segment_id), members)
            self._referred_to.add(segment_id)
        return members

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for segment_id in self._referred_to:
            self._shelf.forget((self, segment_id))
