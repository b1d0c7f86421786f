"""What lies around jobs, on the local road: definitions, policies, schedules, exports, audiences."""

from __future__ import annotations

import httpx
import pytest

from segtoolkit import connect_local, wire
from segtoolkit.errors import APIError, BadRequest, ConfigError, NotFound
from segtoolkit.models import ExportedSegment
from tests.fakes import FakeService, connected

PEOPLE = [
    {"_id": "ann", "country": "US", "identityMap": {"Email": [{"id": "ann@x.io"}]}},
    {"_id": "bob", "country": "CA", "identityMap": {"Email": [{"id": "bob@x.io"}]}},
]
SEGMENTS = {"us": 'country = "US"', "ca": 'country = "CA"'}


@pytest.fixture
def client(tmp_path):
    store = tmp_path / "audiences.duckdb"
    with connect_local(store, profiles=PEOPLE, segments=SEGMENTS, progress="off") as client:
        yield client


def test_definitions_are_found_by_their_ids(client):
    found = client.definitions.get_many(["ca", "us", "ca"])

    assert [definition.id for definition in found] == ["ca", "us", "ca"]


def test_definitions_that_are_missing_are_all_named(client):
    with pytest.raises(NotFound, match="no such definitions: lost, gone"):
        client.definitions.get_many(["lost", "us", "gone"])


@pytest.mark.parametrize("by", [lambda d: d, lambda d: d.id], ids=["value", "id"])
def test_definition_is_deleted(client, by):
    client.definitions.delete(by(client.definitions.get("us")))

    assert [definition.id for definition in client.definitions.list()] == ["ca"]


def test_definition_that_is_missing_cannot_be_deleted(client):
    with pytest.raises(APIError):
        client.definitions.delete("lost")


def test_definitions_are_listed_over_pages(client, monkeypatch):
    monkeypatch.setattr("segtoolkit.client.paging.PAGE_SIZE", 3)
    for n in range(11):
        client.definitions.create(f"name {n}", 'country = "US"')

    assert len({d.id for d in client.definitions.list()}) == 13
    assert len(client.definitions.list(limit=4)) == 4


def test_merge_policies_are_listed_and_found(client):
    (policy,) = client.merge_policies.list()

    assert policy.is_default
    assert client.merge_policies.get(policy.id) == policy


def test_schedule_lives_from_creation_to_deletion(client):
    made = client.schedules.create("nightly", "0 0 1 * * ?")

    assert (made.name, made.cron, made.segment_ids) == ("nightly", "0 0 1 * * ?", ("*",))
    assert not made.is_active
    changed = client.schedules.update(made, is_active=True, cron="0 0 3 * * ?")
    assert (changed.is_active, changed.cron) == (True, "0 0 3 * * ?")
    assert client.schedules.list() == (changed,)
    client.schedules.delete(made.id)
    assert client.schedules.list() == ()


def test_schedule_that_is_not_changed_is_only_read(client):
    made = client.schedules.create("nightly", "0 0 1 * * ?", is_active=True)

    assert client.schedules.update(made.id) == made


def test_schedule_that_is_missing_is_told(client):
    with pytest.raises(NotFound):
        client.schedules.get("lost")


def test_export_is_made_found_listed_and_cancelled(client):
    client.submit("us").wait(60)

    made = client.exports.create("folder", "us", fields=["country"])

    assert made.segments == (ExportedSegment(segment_id="us"),)
    assert (made.dataset_id, made.fields) == ("folder", ("country",))
    assert client.exports.get(made.id).id == made.id
    assert [job.id for job in client.exports.list()] == [made.id]
    client.exports.delete(made)


def test_export_of_an_unknown_segment_is_refused(client):
    with pytest.raises(APIError):
        client.exports.create("folder", "lost")


def test_audiences_are_listed_and_found(client):
    client.submit("us").wait(60)

    found = {audience.id: audience for audience in client.audiences.list()}

    assert found.keys() == {"us", "ca"}
    assert found["us"].total_profiles == 1
    assert found["ca"].total_profiles is None
    assert client.audiences.get("us") == found["us"]


def test_values_keep_the_body_they_were_read_from(client):
    made = client.schedules.create("nightly", "0 0 1 * * ?")

    assert made.raw["schedule"] == "0 0 1 * * ?"
    assert client.merge_policies.list()[0].raw["schema"]


# The service far away


def test_policies_are_paged_by_the_services_own_tokens():
    bodies = [
        {
            "children": [{"id": "a"}],
            "_page": {"totalCount": 1},
            "_links": {"next": {"href": "@/mergePolicies?start=K1%3D%3D&orderBy=&limit=2"}},
        },
        {"children": [{"id": "b"}], "_links": {"next": {}}},
    ]
    service = FakeService(
        routes={
            f"GET {wire.MERGE_POLICIES}": lambda _: httpx.Response(200, json=bodies.pop(0))
        }
    )

    assert [p.id for p in connected(service).merge_policies.list()] == ["a", "b"]
    assert "start=K1%3D%3D" in service.calls[1].path


def test_policies_without_a_link_are_not_counted_on():
    body = {"children": [{"id": f"p{n}"} for n in range(100)]}
    service = FakeService(
        routes={f"GET {wire.MERGE_POLICIES}": lambda _: httpx.Response(200, json=body)}
    )

    assert len(connected(service).merge_policies.list()) == 100
    assert len(service.calls) == 1


def test_exports_are_paged_by_their_offset():
    bodies = [
        {
            "records": [{"id": 722, "status": "NEW"}],
            "page": {"pageSize": 1},
            "link": {"next": "/export/jobs/?limit=1&offset=1538573416687_722"},
        },
        {"records": [{"id": 100, "status": "SUCCEEDED"}], "page": {}, "link": {}},
    ]
    service = FakeService(
        routes={f"GET {wire.EXPORTS}": lambda _: httpx.Response(200, json=bodies.pop(0))}
    )

    assert [job.id for job in connected(service).exports.list(status="new")] == [
        "722",
        "100",
    ]
    assert "offset=1538573416687_722" in service.calls[1].path
    assert all("status=NEW" in call.path for call in service.calls)


def test_a_guess_at_the_next_page_may_be_refused():
    body = {"children": [{"id": f"s{n}"} for n in range(100)]}

    def answer(request):
        guessed = "start" in request.url.params
        return httpx.Response(400 if guessed else 200, json=body)

    service = FakeService(routes={f"GET {wire.SCHEDULES}": answer})

    assert len(connected(service).schedules.list()) == 100


@pytest.mark.parametrize("cause", ["limit", "status"])
def test_a_listing_that_is_refused_at_once_raises(cause):
    service = FakeService(
        routes={
            f"GET {wire.EXPORTS}": lambda _: httpx.Response(400, json={"message": cause})
        }
    )

    with pytest.raises(BadRequest, match=cause):
        connected(service).exports.list()


def test_ids_that_are_none_are_refused_before_anything_is_sent():
    service = FakeService()

    with pytest.raises(ConfigError):
        connected(service).schedules.delete("..")

    assert service.calls == []
