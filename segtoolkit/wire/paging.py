"""Listings: one page of anything, in any published envelope, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, quote

from segtoolkit.models import (
    AudienceRecord,
    ExportJob,
    JobRecord,
    MergePolicy,
    Schedule,
    SegmentDefinition,
)
from segtoolkit.wire.audiences import audience_from_json, audience_to_json
from segtoolkit.wire.bodies import as_object, child, integer, present, text
from segtoolkit.wire.definitions import definition_from_json, definition_to_json
from segtoolkit.wire.exports import export_from_json, export_to_json
from segtoolkit.wire.jobs import job_from_json, job_to_json
from segtoolkit.wire.paths import (
    AUDIENCES,
    DEFINITIONS,
    EXPORTS,
    JOBS,
    MERGE_POLICIES,
    SCHEDULES,
)
from segtoolkit.wire.policies import merge_policy_from_json, merge_policy_to_json
from segtoolkit.wire.schedules import schedule_from_json, schedule_to_json

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


def merge_policies_page_from_json(body: object) -> Page[MergePolicy]:
    return _page(body, "children", merge_policy_from_json)


def schedules_page_from_json(body: object) -> Page[Schedule]:
    return _page(body, "children", schedule_from_json)


def audiences_page_from_json(body: object) -> Page[AudienceRecord]:
    return _page(body, "children", audience_from_json)


def exports_page_from_json(body: object) -> Page[ExportJob]:
    """Read a page of export jobs: ``records`` or ``children``, or the bare array."""
    return _page(body, "records", export_from_json)


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


def jobs_page_to_json(
    page: Page[JobRecord], *, limit: int, start: int | str
) -> dict[str, Any]:
    """Write a page as the service does; *limit* and *start* are those of the request."""
    about = {"limit": limit, "start": start}
    return _children(page, JOBS, job_to_json, about)


def merge_policies_page_to_json(page: Page[MergePolicy]) -> dict[str, Any]:
    return _children(page, MERGE_POLICIES, merge_policy_to_json)


def schedules_page_to_json(page: Page[Schedule]) -> dict[str, Any]:
    return _children(page, SCHEDULES, schedule_to_json)


def audiences_page_to_json(page: Page[AudienceRecord]) -> dict[str, Any]:
    return _children(page, AUDIENCES, audience_to_json)


def _children(
    page: Page[T],
    path: str,
    write: Callable[[T], dict[str, Any]],
    about: Mapping[str, int | str] | None = None,
) -> dict[str, Any]:
    # The link lies under "next": a known client takes an "href" beside it for another page
    # and reads the same jobs again.
    return {
        "_page": present(
            {
                "totalCount": page.total,
                "pageSize": len(page.items),
                # Two of the known clients follow this, not the link.
                "next": next(iter(parse_qs(page.next_query or "").get("start", [])), None),
                **(about or {}),
            }
        ),
        "children": [write(item) for item in page.items],
        "_links": {"next": _link(page.next_query, path)},
    }


def _link(next_query: str | None, path: str) -> dict[str, Any]:
    return {"href": f"@{path}?{next_query}"} if next_query else {}


def definitions_page_to_json(
    page: Page[SegmentDefinition], *, limit: int
) -> dict[str, Any]:
    """Write a page in the envelope of definitions; *limit* is that of the request."""
    link = _link(page.next_query, DEFINITIONS)
    return {
        "segments": [definition_to_json(definition) for definition in page.items],
        "page": present(
            {
                "totalCount": page.total,
                "totalPages": None if page.total is None else ceil(page.total / limit),
                "sortField": "creationTime",
                "sort": "desc",
                "pageSize": len(page.items),
                "limit": limit,
            }
        ),
        "link": {"next": link} if link else {},
    }


def exports_page_to_json(
    page: Page[ExportJob], *, offset: str | None = None
) -> dict[str, Any]:
    """Write a page in the envelope of exports; *offset* is the cursor of the request."""
    link = f"{EXPORTS}/?{page.next_query}" if page.next_query else None
    return {
        "records": [export_to_json(job) for job in page.items],
        "page": present(
            {
                "sortField": "createdTime",
                "sort": "desc",
                "pageOffset": offset,
                "pageSize": len(page.items),
                "totalCount": page.total,
            }
        ),
        "link": {"next": link} if link else {},
    }
