"""Segment definitions, merge policies and estimates, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from segtoolkit import cards
from segtoolkit.intervals import wilson

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Expression:
    """A PQL expression as the service stores it: *format* may lie about *value*."""

    value: str
    format: str = "pql/text"
    type: str = "PQL"

    def __repr__(self) -> str:
        return f"<{cards.expression_line(self)}>"

    def _repr_html_(self) -> str:
        return cards.expression_card(self)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Sandbox(cards.Thing):
    name: str
    id: str | None = None
    type: str | None = None
    default: bool | None = None

    def _line(self) -> str:
        return f"{self.name} · {self.type}" if self.type else self.name

    def _known(self) -> Mapping[str, object]:
        return {"id": self.id, "the default one": self.default}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SegmentDefinition:
    """An audience's rule. *raw* is the body it was read from.

    *evaluation* tells of ``batch``, ``continuous`` (streaming) and ``synchronous`` (on the edge)
    whether the audience is evaluated so.
    """

    id: str
    name: str
    expression: Expression
    description: str | None = None
    schema_name: str | None = None
    merge_policy_id: str | None = None
    evaluation: Mapping[str, bool] = field(default_factory=dict)
    profile_instance_id: str | None = None
    ims_org_id: str | None = None
    sandbox: Sandbox | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        return f"<{cards.definition_line(self)}>"

    def _repr_html_(self) -> str:
        return cards.definition_card(self)


class AttributeMerge(StrEnum):
    """Which fragment of a profile says what an attribute is."""

    TIMESTAMP_ORDERED = "timestampOrdered"
    DATASET_PRECEDENCE = "dataSetPrecedence"


class IdentityGraph(StrEnum):
    """Which fragments are of one person: those of one primary identity, or all that are linked."""

    NONE = "none"
    PRIVATE = "pdg"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MergePolicy:
    """How the fragments of several datasets become profiles.

    *order* names datasets, the first of them preferred; only precedence asks for it. *raw* is the
    body it was read from.
    """

    id: str
    name: str
    attribute_merge: AttributeMerge = AttributeMerge.TIMESTAMP_ORDERED
    order: tuple[str, ...] = ()
    identity_graph: IdentityGraph = IdentityGraph.NONE
    is_default: bool = False
    version: int | None = None
    is_active_on_edge: bool | None = None
    updated_at: datetime | None = None
    ims_org_id: str | None = None
    sandbox: Sandbox | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        return f"<{cards.policy_line(self)}>"

    def _repr_html_(self) -> str:
        return cards.policy_card(self)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Estimate:
    """The size of an ad-hoc audience.

    Attributes:
        size: profiles in the audience: exact when *standard_error* is 0 and every row was read.
        total: profiles in all.
        state: ``NEW``, ``RUNNING``, ``RESULT_READY`` or ``FAILED``.
        rows_read: profiles looked at so far.
        rows_to_read: profiles that will be looked at.
        rows_matched: of those, the ones in the audience.
        standard_error: of *size*, in profiles.
        confidence: the level of the interval that AEP reports, such as ``95%``.
        by_namespace: profiles reachable per namespace; one profile counts in several.
        error: what went wrong, if anything.
    """

    size: int | None
    total: int | None = None
    state: str = "RESULT_READY"
    rows_read: int | None = None
    rows_to_read: int | None = None
    rows_matched: int | None = None
    standard_error: float | None = None
    confidence: str | None = None
    by_namespace: Counts = field(default_factory=dict)
    error: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def share(self) -> float | None:
        """Part of all profiles, 0 to 1; None when either number is unknown or there are none."""
        if self.size is None or not self.total:
            return None
        return self.size / self.total

    @property
    def interval(self) -> tuple[int, int] | None:
        """Between which sizes the audience lies in 95 of 100 samples; None where that is unknown."""
        matched, read, total = self.rows_matched, self.rows_read, self.total
        if matched is None or not read or total is None:
            return None
        return wilson(matched, read, total) if 0 <= matched <= read <= total else None

    def __str__(self) -> str:
        if self.size is None:
            return f"unknown size ({self.state})"
        share = "" if self.share is None else f" = {self.share:.2%}"
        of = "" if self.total is None else f" of {self.total:,}"
        return f"{self.size:,}{of} profiles{share}{self._doubt()}"

    def __repr__(self) -> str:
        return f"<Estimate {cards.one_line(str(self), most=200)}>"

    def _repr_html_(self) -> str:
        return cards.estimate_card(self)

    def _doubt(self) -> str:
        low, high = self.interval or (0, 0)
        return f", between {low:,} and {high:,} at 95%" if low < high else ""
