"""Listings: the filters that callers may give, who applies them, and when reading ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from segtoolkit import connect_local, wire
from segtoolkit.client import Client
from segtoolkit.errors import ConfigError
from segtoolkit.local import SegmentService, Store, make_app
from segtoolkit.local.app import Paging
from segtoolkit.models import JobStatus
from tests.fakes import START, FakeService, connected, record
from tests.local.sample_service import IN_US, PEOPLE, SlowEngine, wanted

HOUR = timedelta(hours=1)


def job(number: int, status: str = "SUCCEEDED", **fields):
    """Return a job made *number* hours before now."""
    made = record(f"job-{number:03}", status)
    return replace(
        made, **{"created_at": START - number * HOUR, "updated_at": START, **fields}
    )


class Shelf:
    """A service that lists *jobs*, a page of a hundred after the other."""

    def __init__(self, jobs):
        self.jobs = list(jobs)
        self.service = FakeService(routes={"GET /segment/jobs": self._page})

    def _page(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        start, limit = int(asked.get("start", 0)), int(asked["limit"])
        found = [j for j in self.jobs if asked.get("status") in {None, j.status}]
        links = {"next": {"href": f"@/segment/jobs?start={start + limit}"}}
        body = {
            "children": [wire.job_to_json(j) for j in found[start : start + limit]],
            "_links": links if len(found) > start + limit else {"next": {}},
        }
        return httpx.Response(200, json=body)

    def list(self, **filters) -> list[str]:
        return [found.id for found in connected(self.service).list(**filters)]

    @property
    def queries(self) -> list[dict[str, list[str]]]:
        return [parse_qs(urlsplit(call.path).query) for call in self.service.calls]


LONG = [job(n) for n in range(350)]


@pytest.mark.parametrize(
    "since",
    [
        "3h",
        "180m",
        timedelta(hours=3),
        START - 3 * HOUR,
        (START - 3 * HOUR).astimezone(timezone(timedelta(hours=2))),
        "2025-12-31T21:00:00Z",
        "2025-12-31T23:00:00+02:00",
    ],
)
def test_since_lists_what_was_created_then_or_later(since):
    shelf = Shelf(LONG)

    assert shelf.list(since=since) == ["job-000", "job-001", "job-002", "job-003"]
    assert len(shelf.queries) == 1


def test_since_reads_as_many_pages_as_it_takes():
    shelf = Shelf(LONG)

    assert len(shelf.list(since=timedelta(hours=150))) == 151
    assert len(shelf.queries) == 2


def test_since_does_not_trust_another_order():
    shelf = Shelf(reversed(LONG))

    assert len(shelf.list(since="3h", sort="creationTime:asc")) == 4
    assert len(shelf.queries) == 4


def test_until_leaves_out_what_is_newer():
    assert Shelf(LONG).list(since="5h", until="3h") == ["job-003", "job-004", "job-005"]


def test_limit_is_of_what_is_left():
    shelf = Shelf(LONG)

    assert shelf.list(until="200h", limit=2) == ["job-200", "job-201"]
    assert {query["limit"][0] for query in shelf.queries} == {"100"}


def test_jobs_of_unknown_age_are_listed():
    shelf = Shelf([job(0), job(1, created_at=None), job(9)])

    assert shelf.list(since="2h", until=START) == ["job-000", "job-001"]


@pytest.mark.parametrize(
    "since", ["yesterday", "", "-1d", timedelta(days=-1), "2026-13-01T00:00Z", "999999999d"]
)
def test_moments_without_a_meaning_are_refused(since):
    with pytest.raises(ConfigError, match="since"):
        Shelf(LONG).list(since=since)


@pytest.mark.parametrize("when", [datetime(2026, 1, 1), "2026-01-01", "2026-01-01T00:00"])  # noqa: DTZ001
def test_moments_without_a_zone_are_refused(when):
    with pytest.raises(ConfigError, match=r"until .* has no time zone"):
        Shelf(LONG).list(until=when)


MIXED = [
    job(1, "FAILED"),
    job(2, "PROCESSING"),
    job(3, "SUCCEEDED"),
    job(4, "FAILED"),
    job(5, "PROCESSING"),
]


def test_several_statuses_are_listed_as_one():
    shelf = Shelf(MIXED)

    found = shelf.list(status=["failed", JobStatus.PROCESSING])

    assert found == ["job-001", "job-002", "job-004", "job-005"]
    assert [query["status"] for query in shelf.queries] == [["PROCESSING"], ["FAILED"]]


def test_several_statuses_heed_limit_and_since():
    assert Shelf(MIXED).list(status={"FAILED", "PROCESSING"}, limit=3, since="4h") == [
        "job-001",
        "job-002",
        "job-004",
    ]


def test_a_job_that_changed_state_meanwhile_is_listed_once():
    shelf = Shelf(MIXED)

    class Moving(list):
        def __iter__(self):
            yield from (job(1, "PROCESSING"), job(1, "FAILED"))

    shelf.jobs = Moving()

    assert shelf.list(status=["FAILED", "PROCESSING"]) == ["job-001"]


@pytest.mark.parametrize(("sort", "first"), [("updateTime:asc", 1), ("id:asc", 2)])
def test_several_statuses_come_in_order_where_there_is_one(sort, first):
    jobs = [replace(j, updated_at=START + n * HOUR) for n, j in enumerate(MIXED)]

    assert (
        Shelf(jobs).list(status=["FAILED", "PROCESSING"], sort=sort)[0] == f"job-00{first}"
    )


def test_no_status_at_all_is_refused():
    with pytest.raises(ConfigError, match="None lists all"):
        Shelf(MIXED).list(status=[])


def test_misspelt_status_is_refused_and_one_like_no_other_is_asked_for():
    with pytest.raises(ConfigError, match="'SUCEEDED'; did you mean 'SUCCEEDED'"):
        Shelf(MIXED).list(status=["FAILED", "suceeded"])

    assert list(Shelf(MIXED).list(status="PARKED")) == []


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("source==api", ["source==api"]),
        ("segments~segmentId==a b&c", ["segments~segmentId==a b&c"]),
        (["source==api", "schema.name==x"], ["source==api", "schema.name==x"]),
        ({"source": "api", "segments~segmentId": "gold"}, None),
        ("source==a==b", ["source==a==b"]),
        ("source==", ["source=="]),
    ],
)
def test_properties_are_sent_in_both_forms(given, sent):
    shelf = Shelf([])

    shelf.list(property=given)

    query = urlsplit(shelf.service.calls[0].path).query
    found = [value for name, value in parse_qsl(query) if name == "property"]
    assert found == (sent or ["source==api", "segments~segmentId==gold"])
    assert "==" not in query


@pytest.mark.parametrize(
    "given", ["source", "=api", "==api", "~key==x", "segments~==x", "a=b"]
)
def test_properties_without_a_form_are_refused(given):
    with pytest.raises(ConfigError, match="is no filter"):
        Shelf([]).list(property=given)


def test_several_properties_hold_whatever_the_service_makes_of_them():
    jobs = [
        job(1, source="api", profile_instance_id="ups"),
        job(2, source="scheduler", profile_instance_id="ups"),
        job(3, source="api", profile_instance_id="other"),
        job(4, source=None, profile_instance_id="ups"),
    ]

    found = Shelf(jobs).list(
        property={"source": "api", "profileInstanceId": "ups", "segments~segmentId": "gold"}
    )

    # What a listing leaves out may well be so.
    assert found == ["job-001", "job-004"]


def test_repr_tells_the_filters():
    listing = connected(FakeService()).list(
        status=["FAILED", "NEW"], since="1d", property="source==api", limit=3
    )

    assert repr(listing) == (
        "<JobListing status=NEW,FAILED sort=creationTime:desc property=source==api "
        "since=2025-12-31T00:00:00Z limit=3: iterate, or .to_frame()>"
    )


def test_durations_are_counted_back_from_the_call():
    shelf = Shelf(LONG)
    listing = connected(shelf.service).list(since="3h")
    shelf.service.clock.sleep(7200)

    assert len(list(listing)) == 4


# The local service, in each reading of a listing


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A service with 25 finished jobs, and how many of each state."""
    path = tmp_path_factory.mktemp("shop") / "audiences.duckdb"
    service = SegmentService(Store.open(path), SlowEngine())
    service.load(PEOPLE, kind="profiles")
    for name in ("us", "them"):
        service.create_definition(wanted(name, IN_US))
    http = httpx.Client(
        transport=httpx.WSGITransport(app=make_app(service)),
        base_url=f"http://local{wire.BASE_PATH}",
    )
    with Client(http, local=object(), progress="off") as client:
        client.submit_each([["us"]], max_active=2).wait()
        jobs = [client.submit(["us", "them"] if n % 5 == 0 else "us") for n in range(24)]
        client.group(jobs).wait(60)
        yield service
    service.close()


@pytest.fixture(params=list(Paging))
def client(shop, request):
    app = make_app(shop, paging=request.param)
    http = httpx.Client(
        transport=httpx.WSGITransport(app=app), base_url=f"http://local{wire.BASE_PATH}"
    )
    with Client(http, local=object(), progress="off") as client:
        yield client


@pytest.mark.parametrize("size", [1, 4, 5, 24, 25, 26, 100])
def test_every_job_is_listed_once_however_pages_are_counted(client, monkeypatch, size):
    monkeypatch.setattr("segtoolkit.client.paging.PAGE_SIZE", size)

    found = [job.id for job in client.list()]

    assert (len(found), len(set(found))) == (25, 25)
    times = [job.created_at for job in client.list()]
    assert times == sorted(times, reverse=True)


def test_filters_mean_the_same_however_pages_are_counted(client, monkeypatch):
    monkeypatch.setattr("segtoolkit.client.paging.PAGE_SIZE", 3)
    newest = [job.id for job in client.list(property="segments~segmentId==them")]

    assert len(newest) == 5
    assert len(list(client.list(status=["SUCCEEDED", "FAILED"], since="1h"))) == 25
    assert list(client.list(until=datetime(2020, 1, 1, tzinfo=UTC))) == []
    assert [job.id for job in client.list(limit=7)] == [job.id for job in client.list()][:7]


def test_a_listing_makes_a_group_on_the_local_road():
    people = [{"_id": "ann", "country": "US"}]
    with connect_local(profiles=people, segments={"us": 'country = "US"'}) as client:
        client.submit_each(["us"]).wait()

        assert client.list(since="1h").group().results()[0].metrics.total_profiles == 1
