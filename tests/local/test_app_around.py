"""What is around jobs and definitions: merge policies, schedules, audiences, and the paging of all."""

from __future__ import annotations

from contextlib import contextmanager

import httpx
import pytest

from segtoolkit import wire
from segtoolkit.local import Store, make_app
from segtoolkit.local.app import Paging
from segtoolkit.local.data import LocalData
from segtoolkit.local.schedules import Schedules
from tests.local.sample_service import IN_US, finished, ids, wanted

DAILY = wire.schedule_request_to_json(
    wire.ScheduleRequest(name="every night", cron="0 0 1 * * ?")
)


def client_of(service, **how):
    transport = httpx.WSGITransport(app=make_app(service, **how))
    return httpx.Client(transport=transport, base_url=f"http://local{wire.BASE_PATH}")


def all_pages(http, path, read, query="limit=2"):
    """Follow the links to the end; return the ids of each page."""
    pages = []
    while query is not None:
        answer = http.get(f"{path}?{query}")
        assert answer.status_code == 200, answer.text
        page = read(answer.json())
        pages.append([item.id for item in page.items])
        query = page.next_query
    return pages


@contextmanager
def kept_in(path):
    store = Store.open(path)
    yield Schedules(store)
    store.close()


# Merge policies


def test_merge_policies_are_listed_and_read(http, service):
    policies = LocalData(service).merge_policies
    policies.put("by source", attribute_merge="dataSetPrecedence", order=["crm"])
    listed = http.get(wire.MERGE_POLICIES).json()
    assert [p["name"] for p in listed["children"]] == ["Default", "by source"]
    assert listed["_page"] == {"totalCount": 2, "pageSize": 2}
    assert listed["_links"] == {"next": {}}
    one = http.get(wire.merge_policy_path("by source")).json()
    assert one == listed["children"][1]
    assert one["attributeMerge"] == {"type": "dataSetPrecedence", "order": ["crm"]}
    assert (one["version"], one["isActiveOnEdge"], one["default"]) == (1, False, False)


def test_pages_of_merge_policies_hang_on_an_opaque_cursor(http, service):
    policies = LocalData(service).merge_policies
    for name in ("b", "c", "d"):
        policies.put(name)
    pages = all_pages(http, wire.MERGE_POLICIES, wire.merge_policies_page_from_json)
    assert [name for page in pages for name in page][1:] == ["b", "c", "d"]
    assert len(pages) == 2
    answer = http.get(wire.MERGE_POLICIES, params={"start": "1", "limit": 2})
    assert answer.status_code == 400
    assert "follow the link" in answer.json()["title"]


def test_a_merge_policy_that_is_not_there_is_a_404(http):
    assert http.get(wire.merge_policy_path("nope")).status_code == 404


# Schedules


def test_a_schedule_is_made_read_changed_and_deleted(http):
    made = http.post(wire.SCHEDULES, json=DAILY)
    path = wire.schedule_path(made.json()["id"])
    assert made.status_code == 200
    assert list(made.json()) == [
        "id",
        "imsOrgId",
        "sandbox",
        "name",
        "state",
        "type",
        "schedule",
        "properties",
        "createEpoch",
        "updateEpoch",
    ]
    change = wire.ScheduleChange(state="active", cron="0 30 2 * * ?")
    changed = http.patch(path, json=wire.schedule_change_to_json(change))
    assert (changed.status_code, changed.content) == (204, b"")
    read = wire.schedule_from_json(http.get(path).json())
    assert (read.is_active, read.cron, read.segment_ids) == (True, "0 30 2 * * ?", ("*",))
    deleted = http.delete(path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert http.get(path).status_code == 404


def test_schedules_outlive_the_process_that_made_them(store_path):
    request = wire.schedule_request_from_json(DAILY)
    with kept_in(store_path) as schedules:
        made = schedules.create(request)
    with kept_in(store_path) as schedules:
        (kept,) = schedules.list()
    assert (kept.id, kept.cron) == (made.id, made.cron)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "needs a 'name'"),
        ({"name": None}, "needs a 'name'"),
        ({"schedule": "every day"}, "'schedule' is 'every day'"),
        ({"schedule": "0 0/5 * * * ?"}, "once a day"),
        ({"schedule": "0 0 25 * * ?"}, "once a day"),
        ({"state": "on"}, "the 'state' is 'on'; give 'active' or 'inactive'"),
        ({"type": "hourly"}, "the 'type' is 'hourly'"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(http, change, message):
    answer = http.post(wire.SCHEDULES, json={**DAILY, **change})
    assert answer.status_code == 400
    assert message in answer.json()["title"]
    assert http.get(wire.SCHEDULES).json()["children"] == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "must be a JSON array"),
        ([], "needs an operation"),
        ([{"op": "remove", "path": "/state"}], "takes 'add' only"),
        ([{"op": "add", "path": "/name", "value": "x"}], "give one of /state, /schedule"),
        ([{"op": "add", "path": "/state", "value": "off"}], "'active' or 'inactive'"),
        ([{"op": "add", "path": "/state", "value": None}], "must be a string"),
        ([{"op": "add", "path": "/schedule", "value": "now"}], "Quartz"),
    ],
)
def test_a_change_of_a_schedule_that_makes_no_sense_is_refused(http, body, message):
    path = wire.schedule_path(http.post(wire.SCHEDULES, json=DAILY).json()["id"])
    before = http.get(path).json()
    answer = http.patch(path, json=body)
    assert answer.status_code == 400
    assert message in answer.json()["title"]
    assert http.get(path).json() == before


# Audiences


def test_audiences_are_the_definitions_with_what_the_last_job_counted(http, service):
    job_id = finished(http, service, "us")
    read = wire.audiences_page_from_json(http.get(wire.AUDIENCES).json()).items
    assert [a.id for a in read] == ["slow", "de", "us"]
    us = read[-1]
    assert (us.audience_id, us.namespace, us.lifecycle) == (
        "us",
        "AEPSegments",
        "published",
    )
    assert (us.job_id, us.total_profiles) == (job_id, 2)
    assert us.total_profiles_by_namespace == {"CRMID": 2, "ECID": 2, "Email": 1}
    assert us.total_profiles_by_status == {"realized": 2, "existing": 0, "exited": 0}
    assert us.counted_at is not None
    # Unknown is not zero.
    assert (read[0].total_profiles, read[0].job_id) == (None, None)
    assert wire.audience_from_json(http.get(wire.audience_path("us")).json()) == us


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("audienceId==us", ["us"]),
        ("expression.format==pql/text", ["slow", "de", "us"]),
        ("sandbox.default==true", []),
        ("nothing~such==1", []),
    ],
)
def test_audiences_can_be_filtered(http, filters, found):
    assert ids(http.get(wire.AUDIENCES, params={"property": filters})) == found


def test_pages_of_audiences_are_counted(http):
    pages = all_pages(http, wire.AUDIENCES, wire.audiences_page_from_json)
    assert pages == [["slow", "de"], ["us"]]
    assert ids(http.get(wire.AUDIENCES, params={"start": 1, "limit": 2})) == ["us"]
    assert http.get(wire.AUDIENCES, params={"limit": 2}).json()["_page"]["next"] == "1"


def test_an_audience_that_is_not_there_is_a_404(http):
    assert http.get(wire.audience_path("nope")).status_code == 404


# The three readings of paging


@pytest.mark.parametrize("paging", Paging)
def test_every_reading_of_paging_gives_each_job_once(http, service, paging):
    made = [finished(http, service, "us") for _ in range(5)]
    with client_of(service, paging=paging) as other:
        pages = all_pages(other, wire.JOBS, wire.jobs_page_from_json)
    assert pages == [made[4:2:-1], made[2:0:-1], made[0::-1]]


@pytest.mark.parametrize(
    ("paging", "start"), [(Paging.OFFSET, "2"), (Paging.PAGE, "1"), (Paging.CURSOR, None)]
)
def test_each_reading_counts_in_its_own_way(http, service, paging, start):
    for _ in range(3):
        finished(http, service, "us")
    with client_of(service, paging=paging) as other:
        body = other.get(wire.JOBS, params={"limit": 2}).json()
        following = body["_page"]["next"]
        rest = other.get(wire.JOBS, params={"limit": 2, "start": following})
    assert start in {None, following}
    assert following.isdecimal() is (start is not None)
    assert len(ids(rest)) == 1
    assert "href" not in body["_links"]


def test_filters_are_kept_from_page_to_page(http, service):
    http.post(wire.DEFINITIONS, json=wire.definition_request_to_json(wanted("a&b", IN_US)))
    made = [finished(http, service, "a&b") for _ in range(3)]
    finished(http, service, "us")
    with client_of(service, paging=Paging.CURSOR) as other:
        query = "limit=1&property=segments~segmentId%3D%3Da%26b&status=SUCCEEDED"
        pages = all_pages(other, wire.JOBS, wire.jobs_page_from_json, query)
    assert pages == [[job_id] for job_id in made[::-1]]


@pytest.mark.parametrize("start", ["7", "nonsense", "cmVjb3JkIA==", "cmVjb3JkIC0x"])
def test_a_cursor_that_nobody_gave_out_is_refused(service, start):
    with client_of(service, paging=Paging.CURSOR) as other:
        answer = other.get(wire.JOBS, params={"start": start})
    assert answer.status_code == 400
    assert "follow the link of the page before" in answer.json()["title"]


# Who asks


def test_bodies_are_of_the_organisation_and_sandbox_that_ask(http, service):
    finished(http, service, "us")
    http.post(wire.SCHEDULES, json=DAILY)
    headers = {wire.ORGANISATION_HEADER: "O@AdobeOrg", wire.SANDBOX_HEADER: "prod"}
    for path in (
        wire.JOBS,
        wire.DEFINITIONS,
        wire.SCHEDULES,
        wire.AUDIENCES,
        wire.MERGE_POLICIES,
    ):
        body = http.get(path, headers=headers).json()
        for entry in body.get("children", body.get("segments")):
            assert entry["imsOrgId"] == "O@AdobeOrg"
            assert entry["sandbox"]["sandboxName"] == "prod"
            assert entry["sandbox"]["type"] == "production"
