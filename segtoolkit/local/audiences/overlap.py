"""Overlaps of audiences as values: sizes of combinations in, tables of them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from segtoolkit import cards, frames
from segtoolkit.engine import overlaps
from segtoolkit.local.audiences.audience import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How several audiences overlap; each profile counts once, under exactly those it is in.

    Attributes:
        labels: of the audiences, in the order asked for.
        total: profiles in the store.
        origins: the jobs that the audiences are of.
        version: of the data in the store.
    """

    labels: tuple[str, ...]
    total: int
    origins: tuple[Origin, ...]
    version: str
    _sizes: Mapping[tuple[int, ...], int] = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per combination that occurs, largest first; see `frames.overlap_frame`."""
        named = {
            tuple(self.labels[i] for i in indices): size
            for indices, size in self._sizes.items()
        }
        return frames.overlap_frame(named, self.total)

    def pairs(self) -> pd.DataFrame:
        """Return a square of the profiles that two audiences share; see `frames.pairs_frame`."""
        shared = overlaps.pairs(self._sizes, len(self.labels))
        return frames.pairs_frame(self.labels, shared.tolist())

    def jobs(self) -> pd.DataFrame:
        """Return one row per segment: the job its members are of; see `frames.audiences_frame`."""
        return frames.audiences_frame(_row(origin, self.version) for origin in self.origins)

    def __repr__(self) -> str:
        return f"<Overlap of {len(self.labels)} audiences: {len(self._sizes)} combinations>"

    def _repr_html_(self) -> str:
        largest = sorted(self._sizes.items(), key=lambda item: (-item[1], len(item[0])))
        rows = [
            (
                " & ".join(self.labels[i] for i in indices),
                n,
                cards.share_text(n, self.total),
            )
            for indices, n in largest
        ]
        return cards.thing_card(
            "overlap",
            f"{len(self.labels)} audiences",
            {},
            cards.table(["in exactly", "profiles", "of all"], rows, ".to_frame()"),
            cards.faint(f"each of {self.total:,} profiles counts once, if it is in any"),
        )


def _row(origin: Origin, version: str) -> tuple[object, ...]:
    known = origin.data_version is not None
    return (
        origin.segment_id,
        origin.name,
        origin.job_id,
        origin.evaluated_at,
        origin.as_of,
        origin.data_version == version if known else None,
    )
