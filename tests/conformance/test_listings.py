"""Listings in every published envelope come to an end, whatever the next page is."""

from __future__ import annotations

import json

import httpx
import pytest

from segtoolkit import wire
from tests.fakes import FakeService, connected

pytestmark = pytest.mark.conformance

LISTINGS = {
    "segment-jobs.list": (wire.JOBS, lambda client: client.list()),
    "segment-definitions.list": (
        wire.DEFINITIONS,
        lambda client: client.definitions.list(),
    ),
    "merge-policies.list": (
        wire.MERGE_POLICIES,
        lambda client: client.merge_policies.list(),
    ),
    "schedules.list": (wire.SCHEDULES, lambda client: client.schedules.list()),
    "export-jobs.list": (wire.EXPORTS, lambda client: client.exports.list()),
    "audiences.audiences-list": (wire.AUDIENCES, lambda client: client.audiences.list()),
}


def published(shared_data):
    """Yield the name, path and body of every published listing, and how to read it."""
    for start, (path, read) in LISTINGS.items():
        for file in sorted((shared_data / "api").glob(f"{start}*.json")):
            yield file.name, path, json.loads(file.read_text(encoding="utf-8")), read


def serving(path: str, *bodies: object) -> FakeService:
    """Return a service that answers the listing with *bodies* in turn, the last one for ever."""
    left = list(bodies)
    answer = lambda _: httpx.Response(  # noqa: E731
        200, json=left.pop(0) if len(left) > 1 else left[0]
    )
    return FakeService(routes={f"GET {path}": answer})


def test_every_published_listing_ends_though_it_comes_again_and_again(shared_data):
    variants = list(published(shared_data))
    assert len(variants) > 10

    for name, path, body, read in variants:
        service = serving(path, body)

        found = [item.id for item in read(connected(service))]

        assert len(found) == len(set(found)), name
        assert len(service.calls) <= 3, name


def test_every_published_listing_is_followed_to_an_empty_page(shared_data):
    for name, path, body, read in published(shared_data):
        empty = {"children": [], "_page": {"totalCount": 0}}
        service = serving(path, body, empty)

        found = [item.id for item in read(connected(service))]

        again = [item.id for item in read(connected(serving(path, body)))]
        assert found == again, name
        assert len(service.calls) <= 2, name
