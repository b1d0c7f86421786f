"""The three readings of *start* in a listing: what a request asks for in, a slice of the records out.

Guides call it an offset, other services of the platform count pages, and its specification has a
cursor; a client has to get along with each.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from flask import request

from segtoolkit.local.app import asking
from segtoolkit.wire import Page

T = TypeVar("T")
_MARK = b"record "


class Paging(StrEnum):
    """What *start* counts: records, pages from 0, or nothing that a caller could count."""

    OFFSET = "offset"
    PAGE = "page"
    CURSOR = "cursor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Which records of a listing a request asks for.

    Attributes:
        first: number of the first record, from 0.
        limit: most records.
        start: as the caller has spelt it.
        paging: how that was read.
    """

    first: int
    limit: int
    start: int | str
    paging: Paging

    def next_query(self, total: int | None) -> str | None:
        """Return this request's query with the *start* of the next page, if there is one."""
        following = self.first + self.limit
        if total is None or following >= total:
            return None
        kept = [
            (name, value)
            for name, value in request.args.items(multi=True)
            if name not in {"start", "page", "limit"}
        ]
        start = _spelt(self.paging, following, self.limit)
        return urlencode([*kept, ("start", start), ("limit", self.limit)])

    def page_of(self, everything: Sequence[T]) -> Page[T]:
        items = tuple(everything[self.first : self.first + self.limit])
        total = len(everything)
        return Page(items=items, total=total, next_query=self.next_query(total))


def asked(paging: Paging, *, most_wanted: int = 100) -> Slice:
    """Return the slice that the request of this moment asks for, *most_wanted* unless it says."""
    limit = asking.limit(request.args, default=most_wanted)
    spelt = request.args.get("start") or "0"
    if paging is Paging.CURSOR and spelt != "0":
        return Slice(first=_opened(spelt), limit=limit, start=spelt, paging=paging)
    number = asking.start(request.args)
    first = number * limit if paging is Paging.PAGE else number
    return Slice(first=min(first, asking.MOST), limit=limit, start=number, paging=paging)


def _spelt(paging: Paging, record: int, limit: int) -> str:
    match paging:
        case Paging.OFFSET:
            return str(record)
        case Paging.PAGE:
            return str(record // limit)
        case Paging.CURSOR:
            return urlsafe_b64encode(b"%s%d" % (_MARK, record)).decode()


def _opened(cursor: str) -> int:
    try:
        mark, number = urlsafe_b64decode(cursor).split(b" ")
    except ValueError:
        mark, number = b"", b""
    if mark + b" " != _MARK or not number.isdigit():
        raise asking.refused(
            f"'start' is {cursor!r}; follow the link of the page before, or leave it out"
        )
    return min(int(number), asking.MOST)
