"""From the segments of a job to the tests that have to be run, each once: typed trees in, plan out.

An *atom* is a test that and/or/not combine; equal atoms of different segments are one. What an engine
does is to find the profiles for which an atom is true; all the rest is algebra on sets of profiles.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

from segtoolkit.errors import PQLTypeError, PQLUnsupportedError
from segtoolkit.pql.trees import rewritten, walk
from segtoolkit.pql.typed import (
    FALSE,
    TRUE,
    Aggregate,
    And,
    Const,
    Member,
    Not,
    Op,
    Or,
    Sequence,
    Truth,
    Typed,
)
from segtoolkit.pql.types import BOOLEAN

# An `or` or `and` of more profile tests than this is run as one test: a scan a term costs more.
TERMS_WORTH_SHARING = 8
# A test that asks for so many segments and sequences as values is run for each of their outcomes.
MOST_OUTCOMES = 64


@dataclass(frozen=True, slots=True)
class Leaf:
    """The profiles for which ``plan.atoms[index]`` is true."""

    index: int


@dataclass(frozen=True, slots=True)
class AllOf:
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Others:
    rule: Rule


@dataclass(frozen=True, slots=True)
class Segment:
    """The members of another segment, which comes earlier in ``plan.rules``."""

    segment_id: str


Rule: TypeAlias = Leaf | AllOf | AnyOf | Others | Segment


@dataclass(frozen=True, slots=True)
class Plan:
    """The distinct tests of a job, and how each segment combines them, dependencies first."""

    atoms: tuple[Typed, ...]
    rules: Mapping[str, Rule]


def plan(segments: Mapping[str, Typed]) -> Plan:
    """Split the rules of *segments*, which must hold every segment they refer to.

    Raises:
        PQLTypeError: segments refer to each other in a circle.
    """
    atoms = _Atoms()
    rules = {id_: _rule(segments[id_], atoms) for id_ in in_order(segments)}
    return Plan(tuple(atoms.numbers), rules)


def in_order(segments: Mapping[str, Typed]) -> Iterable[str]:
    """Return the ids so that each comes after those it refers to."""
    graph = {id_: references(rule) for id_, rule in segments.items()}
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise PQLTypeError(
            f"these segments refer to each other in a circle: {circle}"
        ) from None


def references(rule: Typed) -> set[str]:
    """Return the ids of the segments that *rule* asks about."""
    return {part.segment_id for part in walk(rule) if isinstance(part, Member)}


@dataclass(slots=True)
class _Atoms:
    numbers: dict[Typed, int] = field(default_factory=dict)

    def leaf(self, test: Typed) -> Leaf:
        return Leaf(self.numbers.setdefault(test, len(self.numbers)))


def _rule(node: Typed, atoms: _Atoms) -> Rule:
    match node:
        case And(operands):
            return AllOf(tuple(_rule(part, atoms) for part in _grouped(operands, And)))
        case Or(operands):
            return AnyOf(tuple(_rule(part, atoms) for part in _grouped(operands, Or)))
        case Not(operand):
            return Others(_rule(operand, atoms))
        case Member(segment_id):
            return Segment(segment_id)
        case Truth(Const(value)):
            return AllOf(()) if value else AnyOf(())
        case _:
            return _test(node, atoms)


def _grouped(operands: tuple[Typed, ...], join: type[And | Or]) -> Iterable[Typed]:
    """Join the profile tests of a long ``and`` or ``or`` to a single test."""
    if len(operands) <= TERMS_WORTH_SHARING:
        return operands
    own = tuple(part for part in operands if _is_profile_test(part))
    if len(own) <= TERMS_WORTH_SHARING:
        return operands
    rest = tuple(part for part in operands if not _is_profile_test(part))
    return (*rest, Truth(join(tuple(_listed(own, join)))))


def _listed(operands: tuple[Typed, ...], join: type[And | Or]) -> Iterator[Typed]:
    """Turn ``x = 1 or x = 2`` to ``x in [1, 2]``, and ``x != 1 and x != 2`` to ``x notIn [1, 2]``."""
    comparison = "=" if join is Or else "!="
    constants: dict[Typed, list[Typed]] = {}
    for part in operands:
        match part:
            case Truth(Op(name, (left, Const() as right))) if name == comparison:
                constants.setdefault(left, []).append(right)
            case _:
                yield part
    for left, values in constants.items():
        among = Op("in", (left, *values), BOOLEAN)
        yield Truth(among if join is Or else Op("negative", (among,), BOOLEAN))


def _is_profile_test(node: Typed) -> bool:
    return not any(isinstance(part, Aggregate | Sequence | Member) for part in walk(node))


def _test(node: Typed, atoms: _Atoms) -> Rule:
    """Turn a test that profiles without events pass around, so that an atom finds few profiles."""
    if inner := _sets_within(node):
        return _by_outcome(node, inner, atoms)
    if holds_without_events(node):
        assert isinstance(node, Truth)
        assert isinstance(node.value, Op)
        opposite = Op(_OPPOSITE[node.value.name], node.value.args, node.value.type)
        return Others(atoms.leaf(Truth(opposite)))
    return atoms.leaf(node)


def _sets_within(node: Typed) -> tuple[Typed, ...]:
    """Return the segments and sequences inside *node*, which are sets of profiles themselves."""
    parts = (part for part in walk(node) if part is not node)
    return tuple(dict.fromkeys(p for p in parts if isinstance(p, Member | Sequence)))


def _by_outcome(node: Typed, sets: tuple[Typed, ...], atoms: _Atoms) -> Rule:
    """Run *node* once for those inside the first of *sets*, and once for those outside."""
    if 2 ** len(sets) > MOST_OUTCOMES:
        raise PQLUnsupportedError(
            f"one test asks for {len(sets)} segments and sequences as values; combine them by"
            " and, or, not"
        )
    first = sets[0]

    def given(outcome: Typed) -> Rule:
        return _rule(
            rewritten(node, lambda part: outcome if part == first else None), atoms
        )

    inside = _rule(first, atoms)
    return AnyOf((AllOf((inside, given(TRUE))), AllOf((Others(inside), given(FALSE)))))


def holds_without_events(node: Typed) -> bool | None:
    """Tell what a comparison of one count or sum with a number is for a profile without events.

    None when *node* is another kind of test.
    """
    match node:
        case Truth(Op(name, (Aggregate("count" | "sum"), Const(int() | float() as bound)))):
            return _HOLDS[name](0, bound) if name in _HOLDS else None
        case Truth(Op(name, (Aggregate(), Const(value)))) if value is not None:
            return False if name in _HOLDS else None
        case _:
            return None


_HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
