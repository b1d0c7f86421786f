"""Definitions by hundreds: deleted, read in bulk, listed page by page."""

from __future__ import annotations

import pytest

from segtoolkit import wire
from tests.local.sample_service import IN_US, finished, wanted


def made(http, segment_id, text=IN_US, **others):
    request = wire.definition_request_to_json(wanted(segment_id, text, **others))
    answer = http.post(wire.DEFINITIONS, json=request)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(answer):
    return [definition["id"] for definition in answer.json()["segments"]]


def test_a_definition_has_the_published_keys_in_the_published_order(http):
    assert list(made(http, "gold", description="")) == [
        "id",
        "schema",
        "profileInstanceId",
        "imsOrgId",
        "sandbox",
        "name",
        "description",
        "expression",
        "mergePolicyId",
        "evaluationInfo",
        "creationTime",
        "updateEpoch",
        "updateTime",
    ]


def test_a_deleted_definition_is_gone_and_its_jobs_stay(http, service):
    job_id = finished(http, service, "us")
    answer = http.delete(wire.definition_path("us"))
    assert (answer.status_code, answer.json()["status"]) == (200, True)
    assert http.get(wire.definition_path("us")).status_code == 404
    assert names(http.get(wire.DEFINITIONS)) == ["slow", "de"]
    job = http.get(wire.job_path(job_id)).json()
    assert job["segments"][0]["segment"]["expression"]["value"] == IN_US


def test_a_definition_made_again_has_no_members_of_its_former_life(http, service):
    finished(http, service, "us")
    http.delete(wire.definition_path("us"))
    made(http, "us")
    assert http.get(wire.audience_path("us")).json().get("metrics") is None


def test_a_definition_that_others_ask_about_cannot_be_deleted(http):
    made(http, "both", 'inSegment("us") and homeAddress.country = "US"')
    made(http, "namesake", 'homeAddress.country = "us"')
    answer = http.delete(wire.definition_path("us"))
    assert answer.status_code == 409
    assert "'both' asks whether somebody is in 'us'" in answer.json()["title"]
    assert http.get(wire.definition_path("us")).status_code == 200


def test_definitions_in_bulk_are_207_with_errors_in_place_of_missing_ones(http):
    body = wire.bulk_request_to_json(["us", "nope"])
    answer = http.post(wire.DEFINITIONS_BULK, json=body)
    found = wire.definitions_bulk_from_json(answer.json())
    assert answer.status_code == 207
    assert found["us"].expression.value == IN_US
    assert found["nope"].status_code == 404


def test_a_page_of_definitions_tells_how_many_there_are(http):
    page = http.get(wire.DEFINITIONS, params={"limit": 2}).json()
    assert page["page"] == {
        "totalCount": 3,
        "totalPages": 2,
        "sortField": "creationTime",
        "sort": "desc",
        "pageSize": 2,
        "limit": 2,
    }
    assert "href" in page["link"]["next"]


def test_the_last_page_of_definitions_has_an_empty_link(http):
    assert http.get(wire.DEFINITIONS).json()["link"] == {}


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"page": 1, "limit": 2}, ["slow", "de"]),
        ({"page": 2, "limit": 2}, ["us"]),
        ({"page": 3, "limit": 2}, []),
        ({"start": 1}, ["de", "us"]),
        ({"start": 2**53, "limit": 1000}, []),
        ({"page": 2**53, "limit": 1000}, []),
    ],
)
def test_definitions_are_paged_from_one_or_by_record(http, params, found):
    assert names(http.get(wire.DEFINITIONS, params=params)) == found


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"evaluationInfo.continuous.enabled": "true"}, ["live"]),
        ({"evaluationInfo.batch.enabled": "false"}, ["live"]),
        ({"evaluationInfo.batch.enabled": "true"}, ["slow", "de", "us"]),
        ({"evaluationInfo.synchronous.enabled": "true"}, []),
    ],
)
def test_definitions_can_be_filtered_by_how_they_are_evaluated(http, params, found):
    made(http, "live", evaluation={"continuous": True})
    assert names(http.get(wire.DEFINITIONS, params=params)) == found


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"page": "0"}, "'page' is '0'"),
        ({"limit": "9" * 5000}, "'limit'"),
        ({"evaluationInfo.batch.enabled": "yes"}, "give true or false"),
    ],
)
def test_a_listing_that_cannot_be_understood_is_refused(http, params, message):
    answer = http.get(wire.DEFINITIONS, params=params)
    assert answer.status_code == 400
    assert message in answer.json()["title"]
