"""Where audiences are looked up: segments go in; audiences, their members and overlaps come out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

import duckdb
import numpy as np
from pyroaring import BitMap

from segtoolkit.engine import bits, overlaps
from segtoolkit.errors import ConfigError, StoreError
from segtoolkit.local import ledger, lookup
from segtoolkit.local.audiences import fields as fields_
from segtoolkit.local.audiences.audience import (
    Audience,
    Origin,
    warn_of_age,
    warn_of_mixture,
)
from segtoolkit.local.audiences.members import Members
from segtoolkit.local.audiences.overlap import Overlap
from segtoolkit.local.audiences.reader import Reader
from segtoolkit.local.worker import Engine
from segtoolkit.models import JobRecord, SegmentDefinition
from segtoolkit.progress import ProgressChoice

Cursor = duckdb.DuckDBPyConnection
Segment: TypeAlias = str | SegmentDefinition


@dataclass(frozen=True, slots=True)
class Audiences:
    """The audiences of one store, as its finished jobs found them."""

    reader: Reader
    engine: Engine
    progress: ProgressChoice = None

    def audience(self, segment: Segment) -> Audience:
        """Return the members of *segment*, by its id or name, after its last finished job.

        Raises:
            NotFound: there is no such segment.
            StoreError: no job has evaluated it.
        """
        return self._audiences([segment])[0]

    def overlap(self, wanted: Iterable[Segment | Audience]) -> Overlap:
        """Count who is in which of several audiences.

        Raises:
            ConfigError: there are fewer than two, or one twice.
            NotFound, StoreError: as `audience`.
        """
        several = [wanted] if isinstance(wanted, str) else list(wanted)
        named = iter(
            self._audiences([one for one in several if not isinstance(one, Audience)])
        )
        audiences = [one if isinstance(one, Audience) else next(named) for one in several]
        for other in audiences[1:]:
            audiences[0].check_policy(other)
        labels = tuple(audience.label for audience in audiences)
        if len(set(labels)) != len(labels) or len(labels) < 2:
            raise ConfigError(
                f"give two different audiences or more, not {', '.join(labels)}"
            )
        origins = tuple(dict.fromkeys(o for a in audiences for o in a.origins))
        warn_of_mixture(origins)
        rows = [audience.rows for audience in audiences]
        size = max((one.max() + 1 for one in rows if one), default=0)
        sizes = overlaps.combinations(
            [bits.from_rows(np.asarray(one.to_array()), size) for one in rows]
        )
        total, version = audiences[0].reader.read(
            lambda cursor: (bits.count(self.engine.everyone(cursor)), _version(cursor))
        )
        return Overlap(
            labels=labels, total=total, origins=origins, version=version, _sizes=sizes
        )

    def everyone(self) -> BitMap:
        """Return the row ids of all profiles."""
        everyone = self.reader.read(self.engine.everyone)
        return BitMap(bits.rows_of(everyone))

    def reach(self, rows: BitMap) -> dict[str, int]:
        """Count, by namespace, those of *rows* with at least one identity of it."""
        return self.reader.read(lambda cursor: self.engine.reach(cursor, rows))

    def members(self, rows: BitMap, fields: Iterable[str]) -> Members:
        """Return the profiles of *rows*, with some of their *fields*.

        Raises:
            ConfigError: there is no such field.
        """
        asked = self.reader.read(lambda cursor: fields_.found(cursor, fields))
        return Members(rows, asked, self.reader, self.progress)

    def _audiences(self, segments: Iterable[Segment]) -> list[Audience]:
        """Return the audience of each of *segments*, all of one state of the store."""
        found, version = self.reader.read(
            lambda cursor: ([_found(cursor, one) for one in segments], _version(cursor))
        )
        warn_of_age((origin for origin, *_ in found), version)
        return [
            Audience(
                origin.name or origin.segment_id,
                (origin,),
                BitMap.deserialize(blob),
                self._of(policy),
            )
            for origin, blob, policy in found
        ]

    def _of(self, policy: str | None) -> Audiences:
        """Return the room of the profiles as *policy* merges them."""
        return replace(self, reader=replace(self.reader, policy=policy))


def _version(cursor: Cursor) -> str:
    rows = cursor.execute("SELECT value FROM meta WHERE key = 'data_version'").fetchall()
    return str(rows[0][0])


def _found(cursor: Cursor, segment: Segment) -> tuple[Origin, bytes, str | None]:
    definition = _definition(cursor, segment)
    evaluated = ledger.evaluated(cursor, [definition.id])
    if definition.id not in evaluated:
        raise StoreError(
            f"no job has evaluated {definition.id!r}, so its members are not known; "
            f"client.run({definition.id!r}) finds them"
        )
    job, blob = evaluated[definition.id]
    return _origin(definition, job), blob, definition.merge_policy_id


def _definition(cursor: Cursor, segment: Segment) -> SegmentDefinition:
    if isinstance(segment, SegmentDefinition):
        return segment
    named = ledger.definitions(cursor, [segment]).get(segment)
    named = named or ledger.definition_named(cursor, segment)
    if named is None:
        raise lookup.not_found("segment definition", segment)
    return named


def _origin(definition: SegmentDefinition, job: JobRecord) -> Origin:
    return Origin(
        segment_id=definition.id,
        name=definition.name,
        job_id=job.id,
        evaluated_at=job.updated_at,
        as_of=job.as_of,
        data_version=job.properties.get("dataVersion"),
    )
