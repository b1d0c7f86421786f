"""Sets of profiles as values: the bitmaps of finished jobs in, their algebra and sizes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pyroaring import BitMap

from segtoolkit import cards
from segtoolkit.errors import ConfigError, StaleAudienceWarning
from segtoolkit.local.audiences.members import Members
from segtoolkit.local.audiences.reader import Reader
from segtoolkit.warned import warn


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Origin(cards.Thing):
    """The job that the members of a segment are of.

    Attributes:
        evaluated_at: when the job ended.
        as_of: what ``now`` meant to it.
        data_version: of the data it looked at; None where the job did not say.
    """

    segment_id: str
    name: str
    job_id: str
    evaluated_at: datetime | None
    as_of: datetime | None
    data_version: str | None

    def _line(self) -> str:
        return f"{self.name}: job {cards.short_id(self.job_id)}"

    def _known(self) -> Mapping[str, object]:
        return {
            "segment": self.segment_id,
            "job": self.job_id,
            "evaluated at": self.evaluated_at,
            "as of": self.as_of,
        }

    def __str__(self) -> str:
        return f"{self.segment_id!r} (job {self.job_id[:8]} of {self.evaluated_at:%Y-%m-%d %H:%M:%S})"


class Room(Protocol):
    """Where the profiles are that the row ids of an audience belong to."""

    @property
    def reader(self) -> Reader: ...
    def everyone(self) -> BitMap: ...
    def reach(self, rows: BitMap) -> dict[str, int]: ...
    def members(self, rows: BitMap, fields: Iterable[str]) -> Members: ...


@dataclass(frozen=True, slots=True, eq=False)
class Audience:
    """The profiles that were in some segments after their last jobs.

    ``a & b`` are those in both, ``a | b`` those in either, ``a - b`` those in *a* only, and ``~a`` all
    other profiles of the store. Nothing is evaluated again.

    Attributes:
        label: how it was made, such as ``gold & ~us``.
        origins: the jobs it was made from.
    """

    label: str
    origins: tuple[Origin, ...]
    _rows: BitMap = field(repr=False)
    _room: Room = field(repr=False)

    @property
    def size(self) -> int:
        """The number of profiles."""
        return len(self._rows)

    def __len__(self) -> int:
        return self.size

    def by_namespace(self) -> Mapping[str, int]:
        """Count, by namespace, the profiles with at least one identity of it."""
        return self._room.reach(self._rows)

    def members(self, fields: Iterable[str] = ()) -> Members:
        """Return the profiles themselves, with those of their *fields*, such as ``homeAddress.city``.

        Raises:
            ConfigError: the profiles have no such field.
        """
        return self._room.members(self._rows, fields)

    @property
    def reader(self) -> Reader:
        """What reads the profiles as the merge policy of these segments has them."""
        return self._room.reader

    def check_policy(self, other: Audience) -> None:
        """Refuse *other* if its profiles are merged in another way, so that they are other people.

        Raises:
            ConfigError: they are.
        """
        mine, its = self.reader.policy, other.reader.policy
        if mine != its:
            raise ConfigError(
                f"{self.label!r} and {other.label!r} are of different merge policies, {mine!r} and "
                f"{its!r}, whose profiles are not the same"
            )

    @property
    def rows(self) -> BitMap:
        """The row ids, a copy."""
        return self._rows.copy()

    def __and__(self, other: Audience) -> Audience:
        return self._with("&", other, self._rows & other._rows)

    def __or__(self, other: Audience) -> Audience:
        return self._with("|", other, self._rows | other._rows)

    def __sub__(self, other: Audience) -> Audience:
        return self._with("-", other, self._rows - other._rows)

    def __invert__(self) -> Audience:
        rest = self._room.everyone() - self._rows
        return Audience(f"~{_operand(self.label)}", self.origins, rest, self._room)

    def __repr__(self) -> str:
        return f"<Audience {self.label}: {self.size:,} profiles>"

    def _repr_html_(self) -> str:
        return cards.thing_card(
            "audience", self.label, {"profiles": self.size}, origins_table(self.origins)
        )

    def _with(self, sign: str, other: Audience, rows: BitMap) -> Audience:
        self.check_policy(other)
        label = f"{_operand(self.label)} {sign} {_operand(other.label)}"
        origins = tuple(dict.fromkeys((*self.origins, *other.origins)))
        warn_of_mixture(origins)
        return Audience(label, origins, rows, self._room)


def origins_table(origins: Sequence[Origin]) -> cards.Html:
    """Return which segments and jobs an audience is of."""
    rows = [(o.name, cards.short_code(o.job_id), o.evaluated_at, o.as_of) for o in origins]
    return cards.table(["segment", "job", "evaluated at", "as of"], rows, ".origins")


def _operand(label: str) -> str:
    return f"({label})" if " " in label else label


def warn_of_age(origins: Iterable[Origin], version: str) -> None:
    """Warn if data other than *version* was looked at for some of *origins*."""
    stale = [o for o in origins if o.data_version not in (None, version)]
    if stale:
        warn(
            f"the data was changed since these were evaluated: {', '.join(map(str, stale))}; "
            "run them again",
            StaleAudienceWarning,
        )


def warn_of_mixture(origins: Iterable[Origin]) -> None:
    """Warn if *origins* are of different data."""
    known = [o for o in origins if o.data_version is not None]
    if len({o.data_version for o in known}) > 1:
        warn(
            f"these are of different data: {', '.join(map(str, known))}; run them in one job",
            StaleAudienceWarning,
        )
