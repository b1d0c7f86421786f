from __future__ import annotations

import logging
from urllib.parse import quote

import httpx
import pytest

from segtoolkit import wire
from segtoolkit.local import SegmentService, Store, make_app
from segtoolkit.models import JobStatus
from tests.local.sample_service import (
    IN_US,
    SlowEngine,
    finished,
    ids,
    reached,
    submitted,
    wanted,
)

# Jobs


def test_a_job_is_posted_as_new_and_read_as_succeeded(http, service):
    answer = http.post(
        wire.JOBS,
        json=[{"segmentId": "us"}],
        headers={wire.REQUEST_ID_HEADER: "my request"},
    )
    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, "NEW")
    assert "batchId" not in body
    assert "metrics" not in body
    reached(service, body["id"])
    job = http.get(wire.job_path(body["id"])).json()
    assert job["status"] == "SUCCEEDED"
    assert job["requestId"] == "my request"
    assert job["sandbox"]["sandboxName"] == "local"
    assert job["segments"][0]["segment"]["expression"]["value"] == IN_US
    assert set(job["metrics"]) == {
        "totalTime",
        "profileSegmentationTime",
        "totalProfiles",
        "totalProfilesByMergePolicy",
        "segmentedProfileCounter",
        "segmentedProfileByNamespaceCounter",
        "segmentedProfileByStatusCounter",
    }


def test_the_historic_body_with_a_star_evaluates_everything(http, service):
    service.update_definition("slow", wanted("slow", IN_US))
    body = {"schema": {"name": "_xdm.context.profile"}, "segments": [{"segmentId": "*"}]}
    job = http.post(wire.JOBS, json=body).json()
    assert job["segments"] == [{"segmentId": "*"}]
    done = reached(service, job["id"])
    assert done.metrics.segmented_profile_counter == {"us": 2, "de": 1, "slow": 2}


def test_as_of_travels_in_a_header(http, service):
    answer = http.post(
        wire.JOBS,
        json=[{"segmentId": "us"}],
        headers={wire.AS_OF_HEADER: "2026-01-01T01:00:00+01:00"},
    )
    assert answer.json()["properties"] == {"asOf": "2026-01-01T00:00:00+00:00"}


def test_deleting_a_running_job_cancels_it(http, service):
    job_id = submitted(http, "slow")
    reached(service, job_id, JobStatus.PROCESSING)
    answer = http.delete(wire.job_path(job_id))
    assert (answer.status_code, answer.content) == (204, b"")
    assert reached(service, job_id).status is JobStatus.CANCELLED


def test_deleting_a_finished_job_leaves_it(http, service):
    job_id = finished(http, service, "us")
    assert http.delete(wire.job_path(job_id)).status_code == 204
    assert http.get(wire.job_path(job_id)).json()["status"] == "SUCCEEDED"


def test_bulk_get_answers_207_with_errors_in_place_of_missing_jobs(http, service):
    job_id = finished(http, service, "us")
    answer = http.post(wire.JOBS_BULK, json=wire.bulk_request_to_json([job_id, "nope"]))
    found = wire.bulk_from_json(answer.json())
    assert answer.status_code == 207
    assert found[job_id].status is JobStatus.SUCCEEDED
    assert found["nope"].status_code == 404


# Definitions


def test_definitions_are_made_read_listed_and_changed(http):
    request = wanted("gold", IN_US, description="the best")
    made = http.post(wire.DEFINITIONS, json=wire.definition_request_to_json(request))
    assert made.status_code == 200
    assert made.json()["mergePolicyId"]
    assert http.get(wire.definition_path("gold")).json() == made.json()
    changed = http.patch(
        wire.definition_path("gold"), json={**made.json(), "name": "really gold"}
    )
    assert (changed.status_code, changed.json()["name"]) == (200, "really gold")
    listed = http.get(wire.DEFINITIONS, params={"limit": 2}).json()
    assert [d["name"] for d in listed["segments"]] == ["really gold", "name of slow"]
    page = wire.definitions_page_from_json(listed)
    rest = http.get(f"{wire.DEFINITIONS}?{page.next_query}").json()
    assert [d["id"] for d in rest["segments"]] == ["de", "us"]
    assert wire.definitions_page_from_json(rest).next_query is None


@pytest.mark.parametrize(
    "segment_id",
    [
        "with space",
        "a/b",
        "a//b",
        "/first",
        "last/",
        "bulk-get",
        "50%",
        "a%2Fb",
        "?#&=+;",
        "größe",
        "漢字",
        "Ã",
        "x\u00a0y",
        "'; DROP TABLE jobs; --",
    ],
)
def test_any_id_can_be_made_read_evaluated_and_listed(http, service, segment_id):
    request = wire.definition_request_to_json(wanted(segment_id, IN_US))
    assert http.post(wire.DEFINITIONS, json=request).status_code == 200
    answer = http.get(wire.definition_path(segment_id))
    assert (answer.status_code, answer.json()["id"]) == (200, segment_id)
    job_id = finished(http, service, segment_id)
    query = f"property={quote(f'segments~segmentId=={segment_id}', safe='')}"
    assert ids(http.get(f"{wire.JOBS}?{query}")) == [job_id]


# Estimates


def test_a_preview_is_made_with_201_and_its_id_gives_the_estimate(http):
    made = http.post(wire.PREVIEW, json=wire.preview_request_to_json(IN_US))
    preview = wire.preview_from_json(made.json())
    assert (made.status_code, preview.state) == (201, "RESULT_READY")
    again = wire.preview_from_json(http.get(f"{wire.PREVIEW}/{preview.id}").json())
    assert again == preview
    estimate = wire.estimate_from_json(http.get(wire.estimate_path(preview.id)).json())
    assert (estimate.size, estimate.total) == (2, 3)
    assert estimate.by_namespace == {"CRMID": 2, "ECID": 2, "Email": 1}


# Refusals


@pytest.mark.parametrize(
    ("method", "path", "how", "status", "message"),
    [
        ("GET", "/segment/jobs/nope", {}, 404, "no segment job 'nope'"),
        ("DELETE", "/segment/jobs/nope", {}, 404, "no segment job 'nope'"),
        ("GET", "/segment/jobs/bulk-get", {}, 404, "no segment job 'bulk-get'"),
        ("GET", "/segment/definitions/nope", {}, 404, "no segment definition 'nope'"),
        ("GET", "/estimate/nope", {}, 404, "no estimate 'nope'"),
        ("GET", "/preview/nope", {}, 404, "no estimate 'nope'"),
        ("GET", "/segment/nope", {}, 404, "not found"),
        ("PUT", "/segment/jobs", {}, 405, "not allowed"),
        ("POST", "/segment/jobs", {"content": "[]"}, 415, "application/json"),
        (
            "POST",
            "/segment/jobs",
            {"content": "[{", "headers": {"content-type": "application/json"}},
            400,
            "is not JSON",
        ),
        ("POST", "/segment/jobs", {"json": []}, 400, "at least one segment"),
        ("POST", "/segment/jobs", {"json": ["us"]}, 400, "JSON object"),
        ("POST", "/segment/jobs", {"json": [{"segmentId": "x"}]}, 400, "definition 'x'"),
        ("POST", "/segment/jobs/bulk-get", {"json": {"ids": []}}, 400, "Cannot be 0"),
        ("POST", "/segment/definitions", {"json": {"name": "x"}}, 400, "'expression'"),
        ("POST", "/preview", {"json": {}}, 400, "'predicateExpression'"),
        (
            "POST",
            "/segment/definitions",
            {"json": wire.definition_request_to_json(wanted("us", IN_US))},
            422,
            "use PATCH",
        ),
        (
            "POST",
            "/segment/jobs",
            {"json": [{"segmentId": "us"}], "headers": {wire.AS_OF_HEADER: "yesterday"}},
            400,
            "x-segtoolkit-as-of is 'yesterday'",
        ),
        (
            "POST",
            "/preview",
            {
                "json": wire.preview_request_to_json(IN_US),
                "headers": {wire.AS_OF_HEADER: "2026-01-01T00:00:00"},
            },
            400,
            "give a moment with its zone",
        ),
    ],
)
def test_refusals_have_the_status_and_envelope_of_the_platform(
    http, method, path, how, status, message
):
    answer = http.request(method, path, **how)
    body = answer.json()
    assert answer.status_code == body["status"] == status
    (entry,) = body["errors"][str(status)]
    assert message in entry["message"]
    assert body["requestId"]
    error = wire.error_from_response(answer.status_code, answer.text, answer.headers)
    assert error.status_code == status
    assert message in error.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[" * 100_000, "nested too deeply"),
        ('[{"segmentId": "\\ud800"}]', "U+D800, half a character"),
        ('{"ids": [{"id": "\\udfff"}]}', "U+DFFF, half a character"),
        ("[" + "9" * 5000 + "]", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        ("", "is not JSON"),
        ("null", "must be a JSON array"),
    ],
)
def test_a_body_that_nobody_can_read_is_refused(http, content, message):
    headers = {"content-type": "application/json"}
    answer = http.post(wire.JOBS, content=content, headers=headers)
    assert answer.status_code == 400
    assert message in answer.json()["title"]


def test_a_refusal_echoes_the_request_id(http):
    answer = http.get("/segment/jobs/nope", headers={wire.REQUEST_ID_HEADER: "mine"})
    assert answer.json()["requestId"] == "mine"


@pytest.mark.parametrize("path", [wire.DEFINITIONS, wire.PREVIEW])
def test_a_bad_expression_is_shown_with_a_caret(http, path):
    text = 'homeAddress.county = "US"'
    request = {
        wire.DEFINITIONS: wire.definition_request_to_json(wanted("x", text)),
        wire.PREVIEW: wire.preview_request_to_json(text),
    }[path]
    answer = http.post(path, json=request)
    assert answer.status_code == 400
    (entry,) = answer.json()["errors"]["400"]
    assert entry["code"] == "UPAPI-113101-400"
    assert "line 1, column" in entry["message"]
    assert f"  {text}\n" in entry["message"]
    assert entry["message"].endswith("^")


def test_what_nobody_foresaw_is_a_500_in_the_envelope_and_logged(
    http, service, monkeypatch, caplog
):
    def fail(job_id):
        raise ZeroDivisionError(f"over {job_id}")

    monkeypatch.setattr(service, "job", fail)
    answer = http.get("/segment/jobs/x")
    assert answer.status_code == 500
    assert "ZeroDivisionError: over x" in answer.json()["title"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_a_closed_store_is_a_503(tmp_path):
    service = SegmentService(Store.open(tmp_path / "closed.duckdb"), SlowEngine())
    service.close()
    transport = httpx.WSGITransport(app=make_app(service))
    with httpx.Client(
        transport=transport, base_url=f"http://local{wire.BASE_PATH}"
    ) as client:
        answer = client.get(wire.JOBS)
    assert answer.status_code == 503
    assert "is closed" in answer.json()["title"]


def test_two_applications_over_one_service_see_the_same_jobs(http, service):
    job_id = finished(http, service, "us")
    transport = httpx.WSGITransport(app=make_app(service))
    with httpx.Client(
        transport=transport, base_url=f"http://local{wire.BASE_PATH}"
    ) as other:
        assert other.get(wire.job_path(job_id)).json()["status"] == "SUCCEEDED"
