"""What callers may give for segments, in and ids out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from segtoolkit.client.paging import Identified
from segtoolkit.errors import ConfigError
from segtoolkit.models import SegmentDefinition

Segments: TypeAlias = str | SegmentDefinition | Iterable[str | SegmentDefinition]


def segment_ids(segments: Segments) -> tuple[str, ...]:
    """Return the distinct ids of *segments*, in their order.

    Raises:
        ConfigError: there is none, or something is neither a definition nor an id.
    """
    ids = tuple(dict.fromkeys(map(_segment_id, _several(segments))))
    if not ids:
        raise ConfigError("no segment to evaluate; give definitions or their ids")
    return ids


def expression_text(given: object) -> str:
    """Return *given* if it is text.

    Raises:
        ConfigError: it is something else, or there is nothing in it.
    """
    if isinstance(given, str) and given.strip():
        return given
    is_nothing = given is None or isinstance(given, str)
    what = "nothing" if is_nothing else f"of the type {type(given).__name__}"
    raise ConfigError(f"an expression is PQL text, such as 'age >= 18', not {what}")


def id_of(named: str | Identified) -> str:
    """Return the id of what is given by its id, or itself."""
    return named if isinstance(named, str) else named.id


def each(segments: Iterable[Segments] | Segments) -> tuple[tuple[str, ...], ...]:
    """Return the ids of each of *segments*, which are to be evaluated apart; distinct ones.

    Raises:
        ConfigError: as for `segment_ids`.

    >>> each(["gold", ["lapsed", "new"], "gold"])
    (('gold',), ('lapsed', 'new'))
    """
    return tuple(dict.fromkeys(map(segment_ids, _several(segments))))


def _several(segments: Any) -> Iterable[Any]:
    is_one = isinstance(segments, str) or not isinstance(segments, Iterable)
    return [segments] if is_one else segments


def _segment_id(segment: object) -> str:
    match segment:
        case SegmentDefinition():
            return segment.id
        case str() if segment:
            return segment
        case _:
            raise ConfigError(f"{segment!r} is neither a definition nor the id of one")
