"""Follow the pages of a listing: a reader of one page goes in, distinct items come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, TypeAlias, TypeVar
from urllib.parse import parse_qsl, urlencode

from segtoolkit.errors import BadRequest, ConfigError
from segtoolkit.wire import Page

PAGE_SIZE = 100


class Identified(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=Identified)

# Parameters of a query; one with several values is sent several times.
Query: TypeAlias = Mapping[str, str | Sequence[str]]


def items(
    read_page: Callable[[str], Page[T]],
    parameters: Query,
    *,
    counter: str | None,
    limit: int | None = None,
) -> Iterator[T]:
    """Return distinct items, page after page as they are asked for, *limit* at most.

    New items shift the pages while one reads them, so an item may come twice; it is
    returned once. Reading ends with a page that is empty or has nothing new.

    Args:
        read_page: query string to page.
        parameters: of the first query, and of every later one that does not set them.
        counter: the query parameter that counts pages, for a service that links none; None if
            only the service can tell where the next one begins.
        limit: of items; the service is never asked for more per page.

    Raises:
        ConfigError: *limit* is negative.
    """
    if limit is not None and limit < 0:
        raise ConfigError(f"a limit cannot be {limit}; None lists everything")
    page_size = PAGE_SIZE if limit is None else min(PAGE_SIZE, limit)
    asked = {**parameters, "limit": str(page_size)}
    return islice(_distinct(read_page, asked, counter), limit)


def _distinct(
    read_page: Callable[[str], Page[T]], asked: Query, counter: str | None
) -> Iterator[T]:
    seen: set[str] = set()
    steps = _Steps.of(asked, counter)
    is_linked = False
    query: str | None = urlencode(asked, doseq=True)
    while query is not None:
        try:
            page = read_page(query)
        except BadRequest:
            # The service knows no page of a number that was only a guess: there is none.
            if steps.is_guess:
                return
            raise
        unseen = {item.id: item for item in page.items if item.id not in seen}
        yield from unseen.values()
        seen |= unseen.keys()
        if page.next_query:
            is_linked = True
            query = _completed(page.next_query, asked, counter) if unseen else None
        else:
            # A service that linked one page links them all: this was the last one.
            query = None if is_linked else steps.query_after(page, len(unseen), len(seen))


def _completed(next_query: str, asked: Query, counter: str | None) -> str:
    """Return *next_query* as it came, with what it forgets of *asked*."""
    remembered = {name for name, _ in parse_qsl(next_query, keep_blank_values=True)}
    forgotten = {n: v for n, v in asked.items() if n not in remembered | {counter}}
    return "&".join(part for part in (next_query, urlencode(forgotten, doseq=True)) if part)


@dataclass(slots=True)
class _Steps:
    """Walks through a listing without links.

    The counter is documented as an offset and seen to be a page index, from 0 or from 1. One
    page further is right for the second; for the first, that page overlaps with the one
    before by nearly all, which tells them apart.
    """

    asked: Query
    counter: str | None
    value: int | None
    counts_records: bool = False
    has_stepped: bool = False
    is_guess: bool = False
    fruitless: int = 0

    @classmethod
    def of(cls, asked: Query, counter: str | None) -> _Steps:
        start = "" if counter is None else str(asked.get(counter, "0"))
        # What is not a number is a token of the service's: nobody else can count it on.
        return cls(asked, counter, int(start) if start.isdecimal() else None)

    def query_after(self, page: Page[T], unseen: int, seen: int) -> str | None:
        """Return the query after *page*, which had *unseen* new items; None at the end."""
        found = len(page.items)
        self.fruitless = 0 if unseen else self.fruitless + 1
        # A service may give less per page than it was asked for; its total then says so.
        is_short = found < int(str(self.asked["limit"])) and (page.total or 0) <= seen
        if self.value is None or found == 0 or is_short or self.fruitless > 1:
            return None
        self.counts_records |= self.has_stepped and 0 < unseen <= found // 2
        self.value += found if self.counts_records else 1
        self.is_guess = not self.has_stepped
        self.has_stepped = True
        assert self.counter is not None
        return urlencode({**self.asked, self.counter: str(self.value)}, doseq=True)
