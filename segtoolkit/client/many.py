"""Ask for things by their ids, a hundred per request: ids go in, all of the things come out, or an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from segtoolkit.errors import APIError, NotFound
from segtoolkit.jobs.reading import MOST_IDS

T = TypeVar("T")


def read_all(
    read: Callable[[Sequence[str]], Mapping[str, T | APIError]],
    ids: Iterable[str],
    what: str,
) -> list[T]:
    """Return what *read* finds, in the order of *ids*.

    Raises:
        NotFound: some are missing; the message names all of them, as *what*.
        APIError: one of them cannot be read for another reason.
    """
    wanted = list(ids)
    distinct = list(dict.fromkeys(wanted))
    found: dict[str, T | APIError] = {}
    for start in range(0, len(distinct), MOST_IDS):
        found |= read(distinct[start : start + MOST_IDS])
    missing = [i for i in distinct if isinstance(found.get(i), NotFound | None)]
    if missing:
        raise NotFound(f"no such {what}: {', '.join(missing)}", status_code=404)
    return [_readable(found[i]) for i in wanted]


def _readable(answer: T | APIError) -> T:
    if isinstance(answer, APIError):
        raise answer
    return answer
