"""What callers may give for segments, in and ids out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from segtoolkit.errors import ConfigError
from segtoolkit.models import SegmentDefinition

Segments: TypeAlias = str | SegmentDefinition | Iterable[str | SegmentDefinition]


def segment_ids(segments: Segments) -> tuple[str, ...]:
    """Return the distinct ids of *segments*, in their order.

    Raises:
        ConfigError: there is none, or something is neither a definition nor an id.
    """
    several = [segments] if isinstance(segments, str | SegmentDefinition) else segments
    ids = tuple(dict.fromkeys(map(_segment_id, several)))
    if not ids:
        raise ConfigError("no segment to evaluate; give definitions or their ids")
    return ids


def each(segments: Iterable[Segments] | Segments) -> tuple[tuple[str, ...], ...]:
    """Return the ids of each of *segments*, which are to be evaluated apart; distinct ones.

    Raises:
        ConfigError: as for `segment_ids`.

    >>> each(["gold", ["lapsed", "new"], "gold"])
    (('gold',), ('lapsed', 'new'))
    """
    several = [segments] if isinstance(segments, str | SegmentDefinition) else segments
    return tuple(dict.fromkeys(map(segment_ids, several)))


def _segment_id(segment: object) -> str:
    match segment:
        case SegmentDefinition():
            return segment.id
        case str() if segment:
            return segment
        case _:
            raise ConfigError(f"{segment!r} is neither a definition nor the id of one")
