"""Listings: one page of jobs or definitions, in any published envelope, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, quote

from segtoolkit.models import JobRecord, SegmentDefinition
from segtoolkit.wire.bodies import as_object, child, integer, present, text
from segtoolkit.wire.definitions import definition_from_json, definition_to_json
from segtoolkit.wire.jobs import job_from_json, job_to_json
from segtoolkit.wire.paths import DEFINITIONS, JOBS

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """One page of a listing.

    Attributes:
        items: in the order of the service.
        next_query: query string of the next page, without ``?``, as the service encoded it;
            it may be complete or only ``start=…``, so lay it over the last query. None if
            the service named no next page, which need not mean that there is none.
        total: items in all; services have been seen to be wrong about it.
    """

    items: tuple[T, ...]
    next_query: str | None = None
    total: int | None = None


def jobs_page_from_json(body: object) -> Page[JobRecord]:
    """Read a page of jobs: ``children`` as an array, an object, or the bare array."""
    return _page(body, "children", job_from_json)


def definitions_page_from_json(body: object) -> Page[SegmentDefinition]:
    """Read a page of definitions: ``segments`` or ``children``, or the bare array."""
    return _page(body, "segments", definition_from_json)


def _page(body: object, key: str, read: Callable[[object], T]) -> Page[T]:
    envelope = as_object({key: body} if isinstance(body, list) else body, "a listing")
    about = child(envelope, "_page") or child(envelope, "_pages") or child(envelope, "page")
    held = envelope.get(key, envelope.get("children"))
    if held is None and not about:
        raise ValueError(f"a listing has no {key!r}")
    entries = held if isinstance(held, list) else [held] if held else []
    return Page(
        items=tuple(read(entry) for entry in entries),
        next_query=_href_query(envelope) or _start_query(about.get("next")),
        total=integer(about.get("totalCount")),
    )


def _href_query(envelope: Mapping[str, Any]) -> str | None:
    links = child(envelope, "_links") or child(envelope, "link")
    following = links.get("next")
    href = following.get("href") if isinstance(following, Mapping) else following
    # Verbatim: the query may hold an encoded cursor that must not be decoded and rebuilt.
    return href.partition("?")[2] or None if isinstance(href, str) else None


def _start_query(following: object) -> str | None:
    start = text(following)
    return None if start in {None, "0"} else f"start={quote(str(start), safe='')}"


def jobs_page_to_json(page: Page[JobRecord], *, limit: int, start: int) -> dict[str, Any]:
    """Write a page as the service does; *limit* and *start* are those of the request."""
    return {
        "_page": _about(page, limit=limit, start=start),
        "children": [job_to_json(job) for job in page.items],
        "_links": _links(page.next_query, JOBS),
    }


def definitions_page_to_json(
    page: Page[SegmentDefinition], *, limit: int, start: int
) -> dict[str, Any]:
    """Write a page as the service does; *limit* and *start* are those of the request."""
    return {
        "segments": [definition_to_json(definition) for definition in page.items],
        "page": _about(page, limit=limit, start=start),
        "link": _links(page.next_query, DEFINITIONS),
    }


def _about(page: Page[Any], *, limit: int, start: int) -> dict[str, Any]:
    return present(
        {
            "totalCount": page.total,
            "pageSize": len(page.items),
            # Two of the known clients follow this, not the link.
            "next": next(iter(parse_qs(page.next_query or "").get("start", [])), None),
            "limit": limit,
            "start": start,
        }
    )


def _links(next_query: str | None, path: str) -> dict[str, Any]:
    # The link lies under "next": a known client takes an "href" beside it for another page
    # and reads the same jobs again.
    return {"next": {"href": f"@{path}?{next_query}"} if next_query else {}}
