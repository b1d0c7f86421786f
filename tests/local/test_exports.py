"""Export jobs: who was in goes into Parquet files, complete or not at all."""

from __future__ import annotations

import gc
import time

import duckdb
import httpx
import pytest

import segtoolkit as sg
from segtoolkit import wire
from segtoolkit.local import SegmentService, Store, make_app
from segtoolkit.local.data import LocalData
from segtoolkit.local.exports import Exports, export_folder
from segtoolkit.models import ExportedSegment, JobStatus
from tests.local.sample_service import (
    IN_US,
    PEOPLE,
    SlowEngine,
    finished,
    ids,
    reached,
    wanted,
)


def request_for(*segment_ids, **others):
    segments = tuple(ExportedSegment(segment_id=i) for i in segment_ids)
    wanted = wire.ExportRequest(dataset_id="crm", segments=segments, **others)
    return wire.export_request_to_json(wanted)


def ended(http, export_id):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        job = wire.export_from_json(http.get(wire.export_path(export_id)).json())
        if job.status.is_final:
            return job
        time.sleep(0.01)
    raise AssertionError(f"still {job}")


def exported(http, *segment_ids, **others):
    answer = http.post(wire.EXPORTS, json=request_for(*segment_ids, **others))
    assert answer.status_code == 200, answer.text
    return ended(http, str(answer.json()["id"]))


def rows(service, job, batch=0):
    file = export_folder(service.store) / "crm" / job.batch_ids[batch] / "profiles.parquet"
    return duckdb.sql(f"FROM '{file}'").fetchall()


def test_an_export_is_posted_as_new_and_read_as_succeeded(http, service):
    finished(http, service, "us")
    body = http.post(
        wire.EXPORTS, json=request_for("us"), headers={wire.REQUEST_ID_HEADER: "mine"}
    ).json()
    assert (body["id"], body["status"], body["requestId"]) == (1, "NEW", "mine")
    assert list(body["metrics"]) == ["totalTime"]
    job = ended(http, "1")
    assert job.status is JobStatus.SUCCEEDED
    assert job.metrics.total_exported_profile_counter == 2
    assert job.metrics.exported_profile_by_namespace_counter == {
        "CRMID": 2,
        "ECID": 2,
        "Email": 1,
    }
    assert job.metrics.profile_export_time.duration is not None


def test_the_members_with_the_fields_asked_for_are_in_the_batch(http, service):
    finished(http, service, "us", "de")
    job = exported(http, "us", "de", fields=("homeAddress.country",))
    assert rows(service, job) == [
        ("CRMID", "ann", ["us"], "US"),
        ("CRMID", "bob", ["us"], "US"),
        ("CRMID", "eve", ["de"], "DE"),
    ]


def test_somebody_in_two_segments_is_one_row(http, service):
    http.post(wire.DEFINITIONS, json=wire.definition_request_to_json(wanted("all", "true")))
    finished(http, service, "us", "all")
    job = exported(http, "us", "all", fields=("_id",))
    assert [row[2] for row in rows(service, job)] == [["us", "all"], ["us", "all"], ["all"]]
    assert job.metrics.total_exported_profile_counter == 3


def test_each_segment_can_have_a_batch_of_its_own(http, service):
    finished(http, service, "us", "de")
    job = exported(http, "us", "de", segment_per_batch=True, fields=("_id",))
    assert [len(rows(service, job, batch)) for batch in (0, 1)] == [2, 1]
    body = http.get(wire.export_path(job.id)).json()
    assert [b["batchId"] for b in body["destination"]["batches"]] == [*job.batch_ids]


def test_without_segments_everybody_is_exported_with_all_there_is(http, service):
    job = exported(http)
    found = rows(service, job)
    assert [row[:3] for row in found] == [
        ("CRMID", "ann", []),
        ("CRMID", "bob", []),
        ("CRMID", "eve", []),
    ]
    assert found[0][3]["homeAddress"] == {"country": "US"}


def test_segments_can_be_evaluated_before(http, service):
    job = exported(http, "us", evaluates_first=True, fields=("_id",))
    assert job.status is JobStatus.SUCCEEDED
    assert len(rows(service, job)) == 2
    assert http.get(wire.JOBS).json()["_page"]["totalCount"] == 1


def test_profiles_are_those_of_the_merge_policy_of_the_segments(http, service):
    policies = LocalData(service).merge_policies
    people = [{**PEOPLE[0], "homeAddress": {"country": "CA"}}]
    service.load(people, kind="profiles", name="newer")
    policies.put(
        "older first", attribute_merge="dataSetPrecedence", order=["profiles", "newer"]
    )
    text = wanted("all", "true", merge_policy_id="older first")
    http.post(wire.DEFINITIONS, json=wire.definition_request_to_json(text))
    finished(http, service, "all")
    fields = ("homeAddress.country",)
    job = exported(http, "all", fields=fields)
    assert job.merge_policy_id == "older first"
    assert [row[3] for row in rows(service, job)] == ["US", "US", "DE"]
    everybody = exported(http, fields=fields)
    assert [row[3] for row in rows(service, everybody)] == ["CA", "US", "DE"]


def test_a_cancelled_export_takes_its_evaluation_along_and_leaves_no_file(http, service):
    answer = http.post(wire.EXPORTS, json=request_for("slow", evaluates_first=True))
    export_id = str(answer.json()["id"])
    job_id = evaluated_by_now(http)
    cancelled = http.delete(wire.export_path(export_id))
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, True)
    assert ended(http, export_id).status is JobStatus.CANCELLED
    assert reached(service, job_id).status is JobStatus.CANCELLED
    assert not [*export_folder(service.store).rglob("*.parquet")]


def evaluated_by_now(http):
    """Wait for the first segment job, and return its id."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if found := ids(http.get(wire.JOBS)):
            return found[0]
        time.sleep(0.01)
    raise AssertionError("no segment job")


def test_deleting_a_finished_export_leaves_it(http, service):
    job = exported(http)
    assert http.delete(wire.export_path(job.id)).status_code == 200
    assert ended(http, job.id) == job


def test_what_cannot_be_written_is_a_failed_export_that_says_why(http, service):
    folder = export_folder(service.store)
    folder.write_text("in the way")
    job = exported(http)
    assert job.status is JobStatus.FAILED
    assert str(folder) in job.errors[0].message


def test_the_folder_can_be_chosen(service, tmp_path):
    transport = httpx.WSGITransport(app=make_app(service, export_folder=tmp_path / "out"))
    url = f"http://local{wire.BASE_PATH}"
    with httpx.Client(transport=transport, base_url=url) as http:
        job = exported(http)
    assert (tmp_path / "out" / "crm" / job.batch_ids[0] / "profiles.parquet").is_file()


def test_an_export_that_was_under_way_when_the_store_was_closed_has_failed(tmp_path):
    path = tmp_path / "s.duckdb"
    service = SegmentService(Store.open(path), SlowEngine())
    service.load(PEOPLE, kind="profiles")
    service.create_definition(wanted("slow", 'homeAddress.country = "slow"'))
    transport = httpx.WSGITransport(app=make_app(service))
    with httpx.Client(
        transport=transport, base_url=f"http://local{wire.BASE_PATH}"
    ) as http:
        http.post(wire.EXPORTS, json=request_for("slow", evaluates_first=True))
    service.close()
    again = SegmentService(Store.open(path), SlowEngine())
    transport = httpx.WSGITransport(app=make_app(again))
    with httpx.Client(
        transport=transport, base_url=f"http://local{wire.BASE_PATH}"
    ) as http:
        job = ended(http, "1")
    again.close()
    assert job.status is JobStatus.FAILED
    assert "ended" in job.errors[0].message


def test_exports_are_listed_newest_first_and_paged_by_their_cursor(http, service):
    for _ in range(3):
        exported(http)
    first = http.get(wire.EXPORTS, params={"limit": 2}).json()
    assert [job["id"] for job in first["records"]] == [3, 2]
    page = wire.exports_page_from_json(first)
    assert first["link"]["next"].startswith("/export/jobs/?limit=2&offset=")
    rest = http.get(f"/export/jobs/?{page.next_query}").json()
    assert [job["id"] for job in rest["records"]] == [1]
    assert rest["link"] == {}


def test_exports_can_be_filtered_by_status(http):
    exported(http)
    count = {
        status: len(http.get(wire.EXPORTS, params={"status": status}).json()["records"])
        for status in ("SUCCEEDED", "FAILED")
    }
    assert count == {"SUCCEEDED": 1, "FAILED": 0}


SEGMENT = {"segmentId": "us", "segmentNs": "ups", "status": ["realized"]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"destination": {}}, "'datasetId'"),
        ({"destination": {"datasetId": "../up"}}, "name of a folder"),
        ({"destination": {"datasetId": "a/b"}}, "name of a folder"),
        ({"fields": "homeAddress.county"}, "did you mean 'country'?"),
        ({"fields": "namespace"}, "is taken"),
        ({"mergePolicy": {"id": "nope"}}, "no merge policy 'nope'"),
        ({"filter": {"segments": [{}]}}, "no 'segmentId'"),
        ({"filter": {"segments": {}}}, "must be a JSON array"),
        ({"filter": {"segments": [{"segmentId": "nope"}]}}, "definition 'nope'"),
        ({"filter": {"segments": [{"segmentId": "de"}]}}, "no job has evaluated 'de'"),
        ({"filter": {"segments": [{**SEGMENT, "segmentNs": "aam"}]}}, "'ups' only"),
        ({"filter": {"segments": [{**SEGMENT, "status": "exited"}]}}, "not who left it"),
        ({"filter": {"segments": [{**SEGMENT, "status": ["existing"]}]}}, "who is in"),
        ({"filter": {"fromIngestTimestamp": "2018-10-25"}}, "filter.fromIngestTimestamp"),
        ({"additionalFields": {"eventList": {"fields": "a"}}}, "'additionalFields'"),
    ],
)
def test_an_export_that_cannot_be_had_is_refused_and_not_kept(
    http, service, change, message
):
    finished(http, service, "us")
    answer = http.post(wire.EXPORTS, json={**request_for("us"), **change})
    assert answer.status_code in (400, 404), answer.text
    assert message in answer.json()["title"]
    assert http.get(wire.EXPORTS).json()["records"] == []


def test_segments_of_two_merge_policies_are_refused(http, service):
    LocalData(service).merge_policies.put("other")
    text = wanted("theirs", IN_US, merge_policy_id="other")
    http.post(wire.DEFINITIONS, json=wire.definition_request_to_json(text))
    finished(http, service, "us", "theirs")
    answer = http.post(wire.EXPORTS, json=request_for("us", "theirs"))
    assert answer.status_code == 400
    assert "one policy at a time" in answer.json()["title"]


@pytest.mark.parametrize("offset", ["7", "a_b", "1_", "9" * 40 + "_1"])
def test_an_offset_that_nobody_gave_out_is_refused(http, offset):
    answer = http.get(wire.EXPORTS, params={"offset": offset})
    assert answer.status_code == 400
    assert "follow the link" in answer.json()["title"]


@pytest.mark.parametrize("export_id", ["nope", "7", "1.0", "9" * 30])
def test_an_export_that_is_not_there_is_a_404(http, export_id):
    assert http.get(wire.export_path(export_id)).status_code == 404
    assert http.delete(wire.export_path(export_id)).status_code == 404


def test_a_client_tells_where_its_exports_are(tmp_path):
    kept = tmp_path / "s.duckdb"
    with sg.connect_local(kept) as client:
        assert client.local.export_folder == tmp_path / "s.duckdb.exports"
    with sg.connect_local(kept, export_folder=tmp_path / "out") as client:
        assert client.local.export_folder == tmp_path / "out"


def test_exports_of_a_store_in_memory_go_with_it():
    opened = SegmentService(Store.open(), SlowEngine())
    opened.load(PEOPLE, kind="profiles")
    folder = export_folder(opened.store)
    exports = Exports(opened, folder)
    job = exports.create(wire.ExportRequest(dataset_id="d"), request_id=None)
    while not exports.get(job.id).status.is_final:
        time.sleep(0.01)
    assert [*folder.rglob("*.parquet")]
    opened.close()
    del opened, exports
    gc.collect()
    assert not folder.exists()
