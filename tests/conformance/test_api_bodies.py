"""Every published body of the kinds that the protocol covers is read, and means what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from segtoolkit import errors, wire
from segtoolkit.models import JobRecord, TimeSpan

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "data" / "api"

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(
        not SAMPLES.is_dir(),
        reason="the folder of published bodies is not beside the checkout",
    ),
]

# Prefix of a file's name → how such a body is read; the longest prefix wins.
READERS: Mapping[str, Callable[[Any], object]] = {
    "segment-jobs.get.": wire.job_from_json,
    "segment-jobs.create.": wire.job_from_json,
    "segment-jobs.create.request.": wire.job_request_from_json,
    "segment-jobs.list.": wire.jobs_page_from_json,
    "segment-jobs.bulk-get.": wire.bulk_from_json,
    "segment-jobs.bulk-get.request.": wire.bulk_request_from_json,
    "error.bulk-partial.": wire.bulk_from_json,
    "segment-definitions.get.": wire.definition_from_json,
    "segment-definitions.create.response.": wire.definition_from_json,
    "segment-definitions.patch.": wire.definition_from_json,
    "segment-definitions.create.request.": wire.definition_request_from_json,
    "segment-definitions.list.": wire.definitions_page_from_json,
    "segment-definitions.bulk-get.request.": wire.bulk_request_from_json,
    "segment-conversion.": wire.conversion_from_json,
    "preview.create.": wire.preview_from_json,
    "preview.create.request.": wire.preview_request_from_json,
    "preview.get.": wire.preview_from_json,
    "estimate.": wire.estimate_from_json,
    "schedules.create.request.": wire.schedule_request_from_json,
    "schedules.create.response.": wire.schedule_from_json,
    "schedules.list.": wire.schedules_page_from_json,
    "schedules.patch.request.": wire.schedule_change_from_json,
    "export-jobs.create.": wire.export_from_json,
    "export-jobs.create.request.": wire.export_request_from_json,
    "export-jobs.list.": wire.exports_page_from_json,
    "merge-policies.list.": wire.merge_policies_page_from_json,
    "audiences.audiences-list": wire.audiences_page_from_json,
    "audiences.platform-audience.": wire.audience_from_json,
    "audiences.external-audience.": wire.audience_from_json,
}

KINDS = {
    400: errors.BadRequest,
    401: errors.Unauthenticated,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    422: errors.BadRequest,
    429: errors.RateLimited,
    500: errors.ServerError,
}


def index() -> Mapping[str, Mapping[str, Any]]:
    if not SAMPLES.is_dir():
        return {}
    return {entry["file"]: entry for entry in body("INDEX.json")["files"]}


def body(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text(encoding="utf-8"))


def job(name: str) -> JobRecord:
    return wire.job_from_json(body(f"segment-jobs.{name}.json"))


def reader(name: str) -> Callable[[Any], object] | None:
    prefixes = [prefix for prefix in READERS if name.startswith(prefix)]
    return READERS[max(prefixes, key=len)] if prefixes else None


COVERED = sorted(name for name in index() if reader(name))
FAILURES = sorted(
    name
    for name, entry in index().items()
    if name.startswith("error.") and (entry["status"] or 0) >= 400
)
LISTINGS = sorted(n for n in COVERED if n.startswith("segment-") and ".list." in n)
JOBS = [n for n in COVERED if reader(n) is wire.job_from_json]


@pytest.mark.parametrize("name", COVERED)
def test_every_published_body_is_read(name):
    read = reader(name)
    assert read is not None
    assert read(body(name))


def test_nothing_published_is_left_out_but_what_is_never_read():
    """The answers to DELETE are optional and ignored."""
    kinds = ("segment-", "preview.", "estimate.", "error.", "schedules.", "export-jobs.")
    left_out = {n for n in index() if n.startswith(kinds)} - {*COVERED, *FAILURES}
    assert left_out == {
        "export-jobs.delete.message.json",
        "segment-definitions.delete.response.json",
        "segment-jobs.delete.code-message.json",
        "segment-jobs.delete.message.json",
    }


@pytest.mark.parametrize("name", JOBS)
def test_a_published_job_has_its_state_its_segments_and_its_times(name):
    published, read = body(name), wire.job_from_json(body(name))
    if name == "segment-jobs.get.2018-envelope.json":
        published = published["segmentJob"]
    assert (read.id, read.status) == (str(published["id"]), published["status"])
    assert len(read.segments) == len(published.get("segments", []))
    assert None not in (read.created_at, read.updated_at, read.ims_org_id)


@pytest.mark.parametrize("name", JOBS)
def test_what_is_written_of_a_published_job_reads_the_same(name):
    read = wire.job_from_json(body(name))
    assert wire.job_from_json(json.loads(json.dumps(wire.job_to_json(read)))) == read


def test_a_current_job_is_written_exactly_as_it_was_published():
    """Every key, in its order, at every level: the texts are equal."""
    published = body("segment-jobs.get.star-succeeded.json")
    written = wire.job_to_json(wire.job_from_json(published))
    assert json.dumps(written) == json.dumps(published)


def test_a_new_job_is_written_exactly_as_it_was_published():
    published = body("segment-jobs.create.new.json")
    written = wire.job_to_json(wire.job_from_json(published))
    assert json.dumps(written) == json.dumps(published)


def test_sparse_metrics_stay_unknown():
    metrics = job("get.succeeded-sparse-metrics").metrics
    assert metrics is not None
    assert metrics.total_time is not None
    assert (metrics.total_time.ended_at, metrics.profile_segmentation_time) == (
        None,
        TimeSpan(),
    )
    assert (metrics.total_profiles, metrics.segmented_profile_counter) == (None, {})


def test_a_job_of_2019_counts_zeros_but_no_total():
    read = job("get.succeeded.2019")
    assert read.metrics is not None
    assert read.schema_name == "_xdm.context.profile"
    assert read.metrics.total_profiles is None
    assert sorted(read.metrics.segmented_profile_counter.values()) == [0, 0, 0, 4195]


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("two-status", {"exited", "realized"}),
        ("three-status", {"exited", "realized", "existing"}),
    ],
)
def test_status_counters_are_kept_two_or_three(name, statuses):
    (read,) = wire.jobs_page_from_json(body(f"segment-jobs.list.{name}.json")).items
    assert read.metrics is not None
    (by_status,) = read.metrics.segmented_profile_by_status_counter.values()
    assert set(by_status) == statuses


def test_zero_profiles_are_zero():
    (read,) = wire.jobs_page_from_json(
        body("segment-jobs.list.zero-counts.early-2020.json")
    ).items
    assert read.metrics is not None
    assert read.metrics.total_profiles == 0
    by_namespace = read.metrics.segmented_profile_by_namespace_counter
    assert list(by_namespace.values()) == [{}, {}]


def test_a_link_to_another_job_is_not_believed():
    written = wire.job_to_json(job("get.flexible-evaluation"))
    assert written["_links"]["cancel"]["href"] == wire.job_path(written["id"])


def test_the_malformed_bulk_entry_is_read_without_its_commas():
    read = wire.bulk_from_json(body("segment-jobs.bulk-get.openapi-malformed.json"))
    first, second = (entry for entry in read.values() if isinstance(entry, JobRecord))
    assert first.segments[0].segment_id == "cc3419d3-0389-47f1-b174-fead6b3c830d"
    assert first.segments[0].expression == second.segments[0].expression
    assert first.segments[0].merge_policy_id == "25c548a0-ca7f-4dcd-81d5-997642f178b9"


def test_the_missing_job_of_a_bulk_answer_is_an_error():
    read = wire.bulk_from_json(body("error.bulk-partial.segment-jobs-analogue.json"))
    assert [type(entry) for entry in read.values()] == [JobRecord, errors.NotFound]


@pytest.mark.parametrize("name", LISTINGS)
def test_no_published_listing_of_segments_has_a_next_page(name):
    read = reader(name)
    assert read is not None
    page = read(body(name))
    assert isinstance(page, wire.Page)
    assert page.next_query is None


def test_the_next_page_of_the_sister_services_is_found():
    audiences = wire.audiences_page_from_json(body("audiences.audiences-list.json"))
    policies = wire.merge_policies_page_from_json(body("merge-policies.list.json"))
    exports = wire.exports_page_from_json(body("export-jobs.list.json"))
    assert exports.next_query == "limit=2&offset=1538573416687_722"
    assert audiences.next_query == "start=1&limit=2&totalCount=111"
    assert str(policies.next_query).endswith("NTE%3D&orderBy=&limit=2")


def test_a_definition_of_2019_has_its_expression_as_a_string():
    read = wire.definition_from_json(body("segment-definitions.create.response.2019.json"))
    assert (read.id, read.expression.value) == (
        "1234",
        "xEvent.metrics.commerce.abandons.value > 0",
    )


@pytest.mark.parametrize("name", ["get", "patch.response", "create.response.pql-text"])
def test_a_creation_time_of_zero_is_unknown(name):
    read = wire.definition_from_json(body(f"segment-definitions.{name}.json"))
    assert read.created_at is None
    assert read.updated_at is not None


def test_an_update_epoch_in_ms_is_no_far_future():
    page = wire.definitions_page_from_json(
        body("segment-definitions.list.updateEpoch-in-ms.json")
    )
    assert [
        definition.updated_at.year for definition in page.items if definition.updated_at
    ] == [2019]


@pytest.mark.parametrize(
    ("name", "size", "matched"),
    [
        ("result-ready", 4275, 4275),
        ("result-ready.read-exceeds-total", 45, 46),
        ("zero.old", 0, 0),
    ],
)
def test_a_published_estimate_keeps_its_contradictions_and_has_no_error(
    name, size, matched
):
    read = wire.estimate_from_json(body(f"estimate.{name}.json"))
    assert (read.size, read.rows_matched, read.error) == (size, matched, None)


def test_the_namespaces_of_an_estimate_have_their_codes():
    read = wire.estimate_from_json(body("estimate.result-ready.json"))
    assert read.by_namespace == {"ECID": 35, "Email": 4275}


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("create.new", "NEW"),
        ("create.running", "RUNNING"),
        ("get.running", "RUNNING"),
        ("get.result-ready", "RESULT_READY"),
        ("get.openapi-shape", "RESULT_READY"),
        ("get.state-inside-results.old", "RESULT_READY"),
    ],
)
def test_a_published_preview_tells_its_state_wherever_it_is(name, state):
    assert wire.preview_from_json(body(f"preview.{name}.json")).state == state


@pytest.mark.parametrize("name", FAILURES)
def test_a_published_error_has_its_kind_a_message_and_what_it_tells(name):
    status, text = index()[name]["status"], (SAMPLES / name).read_text(encoding="utf-8")
    error = wire.error_from_response(status, text, {})
    published = json.loads(text)
    assert (type(error), error.status_code) == (KINDS[status], status)
    assert error.message
    assert not error.message.startswith(("{", "["))
    assert error.body == text
    if isinstance(published, dict):
        assert error.request_id == published.get("requestId")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("gateway.token-missing", "403010"),
        ("audiences-audience_id.get404.audience-not-found", "UPAPI-113430-404"),
        (
            "audiences.get403.attribute-based-access-control-validation-error",
            "UPAPI-113752-403",
        ),
        ("namespace-service", "IMSTOKEN-401"),
        ("problem.bad-request", None),
        ("profile-access.unprocessable", None),
    ],
)
def test_a_published_error_keeps_its_own_code(name, code):
    file = f"error.{name}.json"
    text = (SAMPLES / file).read_text(encoding="utf-8")
    assert wire.error_from_response(index()[file]["status"], text, {}).code == code


def test_the_only_published_wait_is_half_a_second():
    text = (SAMPLES / "error.profile-access.too-many-requests.json").read_text(
        encoding="utf-8"
    )
    assert wire.error_from_response(429, text, {}).retry_after == 0.5


def test_only_published_errors_are_taken_for_errors_inside_a_success():
    taken = {n for n in index() if wire.error_in_body(body(n), "", {}) is not None}

    assert taken == set(FAILURES)


def test_a_schedule_is_written_exactly_as_it_was_published():
    published = body("schedules.create.response.json")
    written = wire.schedule_to_json(wire.schedule_from_json(published))
    assert json.dumps(written) == json.dumps(published)


def test_a_merge_policy_is_written_exactly_as_it_was_published():
    published = body("merge-policies.list.json")["children"]
    read = wire.merge_policies_page_from_json(body("merge-policies.list.json")).items
    assert [p.is_active_on_edge for p in read] == [True, False]  # once it is a string
    assert json.dumps(wire.merge_policy_to_json(read[0])) == json.dumps(published[0])


def test_published_exports_keep_their_filters_metrics_and_faults():
    succeeded, failed = wire.exports_page_from_json(body("export-jobs.list.json")).items
    assert (succeeded.id, succeeded.status) == ("100", "SUCCEEDED")
    assert succeeded.segments[0].statuses == ("realized",)
    assert succeeded.fields == ("identities.id", "personalEmail.address")
    assert succeeded.batch_ids == ("da5cfb4de32c4b93a09f7e37fa53ad52",)
    assert succeeded.metrics is not None
    assert succeeded.metrics.total_exported_profile_counter == 20
    assert failed.metrics is not None
    assert failed.metrics.total_exported_profile_counter is None
    assert [fault.code for fault in failed.errors] == ["0090000009", "unknown"]


def test_the_published_export_request_asks_for_events_too():
    read = wire.export_request_from_json(body("export-jobs.create.request.json"))
    assert read.evaluates_first
    assert read.unsupported == ("additionalFields",)


def test_published_audiences_have_one_word_for_their_lifecycle_and_times_of_one_kind():
    page = wire.audiences_page_from_json(body("audiences.audiences-list-with-metrics.json"))
    ours, theirs = page.items
    assert (ours.lifecycle, theirs.lifecycle) == ("published", "published")
    assert (ours.expression is None, theirs.expression is None) == (False, True)
    assert theirs.audience_id == "test-external-audience-id"
    assert theirs.created_at is not None
    assert theirs.created_at.year == 2022  # microseconds
    assert ours.total_profiles == 11200769


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("token-missing", wire.GatewayRefusal.TOKEN_MISSING),
        ("token-invalid", wire.GatewayRefusal.TOKEN_INVALID),
        ("api-key-required", wire.GatewayRefusal.KEY_MISSING),
        ("api-key-invalid", wire.GatewayRefusal.KEY_INVALID),
        ("missing-header", wire.GatewayRefusal.HEADER_MISSING),
        ("profile-not-valid", wire.GatewayRefusal.PROFILE_INVALID),
        ("too-many-requests", wire.GatewayRefusal.TOO_MANY_REQUESTS),
    ],
)
def test_a_refusal_of_the_gateway_is_written_exactly_as_it_was_published(name, refusal):
    file = f"error.gateway.{name}.json"
    assert wire.gateway_error_to_json(refusal) == body(file)
    assert refusal.status == index()[file]["status"]


def test_a_token_is_written_exactly_as_it_was_published():
    published = body("auth.token.oauth-s2s.json")
    assert wire.token_to_json("{ACCESS_TOKEN}", expires_in_s=86399) == published
