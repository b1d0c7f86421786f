from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from segtoolkit.engine import DuckDBEngine
from segtoolkit.errors import (
    BadRequest,
    NotFound,
    PQLSyntaxError,
    PQLTypeError,
)
from segtoolkit.local import SegmentService, Store, open_service
from segtoolkit.local.worker import fault_of
from segtoolkit.models import Expression, JobStatus
from segtoolkit.wire import DefinitionRequest
from tests.local.sample_service import (
    IN_DE,
    IN_US,
    PEOPLE,
    person,
    reached,
    run,
    wanted,
)


def raised(error: Exception):
    """Return an engine that checks as the real one does, and fails with *error*."""

    class Failing(DuckDBEngine):
        def evaluate(self, cursor, expressions, **how):
            raise error

    return Failing()


# Definitions


def test_a_definition_is_found_by_its_id_and_listed_newest_first(service):
    made = service.create_definition(wanted("new", IN_US, description="all of them"))
    assert service.definition("new").name == "name of new"
    assert service.definition("new").description == "all of them"
    assert service.definition("new").merge_policy_id == made.merge_policy_id
    assert [d.id for d in service.definitions().items] == ["new", "slow", "de", "us"]
    assert [d.id for d in service.definitions(start=1, limit=2).items] == ["slow", "de"]
    assert service.definitions(start=1, limit=2).total == 4


def test_a_definition_without_an_id_gets_one(service):
    made = service.create_definition(wanted(None, IN_US))
    assert service.definition(made.id).name == "name of None"


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"id": "us", "name": "other"}, 422, "the id 'us' exists; use PATCH"),
        ({"id": "x", "name": "name of us"}, 422, "the name 'name of us' exists; use PATCH"),
        ({"id": "x", "name": "x", "merge_policy_id": "p"}, 400, "no merge policy 'p'"),
    ],
)
def test_a_definition_that_contradicts_the_store_is_refused(
    service, change, status, message
):
    request = type(wanted("", IN_US))(
        **{"expression": wanted("", IN_US).expression, **change}
    )
    with pytest.raises(BadRequest) as caught:
        service.create_definition(request)
    assert caught.value.status_code == status
    assert message in caught.value.message
    assert service.definitions().total == 3


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('homeAddress.country == "US"', PQLSyntaxError),
        ('homeAddress.county = "US"', PQLTypeError),
        ('inSegment("nowhere")', PQLTypeError),
    ],
)
def test_an_expression_that_cannot_be_evaluated_is_refused_at_the_door(
    service, text, error
):
    with pytest.raises(error):
        service.create_definition(wanted("bad", text))
    with pytest.raises(NotFound, match="no segment definition 'bad'"):
        service.definition("bad")


def test_a_definition_can_be_changed_but_not_to_what_cannot_be_evaluated(service):
    before = service.definition("us")
    service.update_definition("us", wanted("us", IN_DE))
    with pytest.raises(PQLTypeError):
        service.update_definition("us", wanted("us", "nothing = 1"))
    after = service.definition("us")
    assert after.expression.value == IN_DE
    assert after.created_at == before.created_at
    assert after.updated_at >= before.updated_at


def test_a_changed_definition_may_not_take_the_name_or_id_of_another(service):
    with pytest.raises(BadRequest, match="the name 'name of de' exists"):
        service.update_definition(
            "us",
            wanted(None, IN_US).__class__(
                name="name of de", expression=wanted("us", IN_US).expression
            ),
        )
    with pytest.raises(BadRequest, match="'us' cannot become 'de'"):
        service.update_definition("us", wanted("de", IN_US))
    with pytest.raises(NotFound):
        service.update_definition("nowhere", wanted("nowhere", IN_US))


# Jobs that succeed


def test_a_job_is_new_then_succeeds_with_every_published_metric(service):
    new = service.submit(["us", "de"], request_id="my request")
    assert new.status is JobStatus.NEW
    assert new.metrics is None
    assert new.batch_id is None
    job = reached(service, new.id)
    metrics = job.metrics
    policy = service.definition("us").merge_policy_id
    assert job.status is JobStatus.SUCCEEDED
    assert metrics.total_profiles == 3
    assert metrics.total_profiles_by_merge_policy == {policy: 3}
    assert metrics.segmented_profile_counter == {"us": 2, "de": 1}
    assert metrics.segmented_profile_by_namespace_counter == {
        "us": {"CRMID": 2, "ECID": 2, "Email": 1},
        "de": {"CRMID": 1, "Email": 1},
    }
    assert metrics.segmented_profile_by_status_counter == {
        "us": {"realized": 2, "existing": 0, "exited": 0},
        "de": {"realized": 1, "existing": 0, "exited": 0},
    }
    assert job.request_id == "my request"
    assert job.source == "api"
    assert None not in {job.batch_id, job.compute_job_id, job.compute_gateway_job_id}


def test_the_phases_of_a_job_nest(service):
    job = run(service, "us")
    total, evaluation = job.metrics.total_time, job.metrics.profile_segmentation_time
    assert total.started_at == job.created_at
    assert (
        total.started_at <= evaluation.started_at <= evaluation.ended_at == total.ended_at
    )
    assert total.duration == total.ended_at - total.started_at
    assert timedelta(0) < total.duration < timedelta(seconds=20)


def test_a_second_job_tells_who_is_new_who_stayed_and_who_left(service):
    run(service, "us")
    ann, bob, eve = PEOPLE
    moved = {**bob, "homeAddress": {"country": "DE"}}
    service.load([ann, moved, eve, person("new", "US")], kind="profiles", name="profiles")
    job = run(service, "us", "de")
    assert job.metrics.segmented_profile_by_status_counter == {
        "us": {"realized": 1, "existing": 1, "exited": 1},
        "de": {"realized": 2, "existing": 0, "exited": 0},
    }


def test_an_audience_of_nobody_counts_zero_on_no_namespace(service):
    service.create_definition(wanted("none", 'homeAddress.country = "FR"'))
    metrics = run(service, "none").metrics
    assert metrics.segmented_profile_counter == {"none": 0}
    assert metrics.segmented_profile_by_namespace_counter == {"none": {}}


def test_a_star_means_all_definitions(service):
    service.update_definition("slow", wanted("slow", IN_DE))
    job = run(service, "*")
    assert [s.segment_id for s in job.segments] == ["*"]
    assert job.metrics.segmented_profile_counter == {"us": 2, "de": 1, "slow": 1}


def test_a_segment_named_twice_is_evaluated_once(service):
    assert [s.segment_id for s in run(service, "us", "de", "us").segments] == ["us", "de"]


def test_a_job_evaluates_what_was_defined_when_it_was_submitted(service):
    first = service.submit(["slow"])
    queued = service.submit(["us"])
    service.update_definition("us", wanted("us", IN_DE))
    service.cancel(first.id)
    job = reached(service, queued.id)
    assert job.segments[0].expression.value == IN_US
    assert job.metrics.segmented_profile_counter == {"us": 2}


def test_time_stands_still_at_as_of(service):
    dated = [{**p, "createdAt": "2026-01-01T00:00:00Z"} for p in PEOPLE[:2]]
    service.load(dated, kind="profiles", name="profiles")
    service.create_definition(wanted("recent", "createdAt occurs <= 7 days before now"))
    near, far = datetime(2026, 1, 3, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
    assert (
        run(service, "recent", as_of=near).metrics.segmented_profile_counter["recent"] == 2
    )
    job = run(service, "recent", as_of=far)
    assert job.metrics.segmented_profile_counter["recent"] == 0
    assert job.properties["asOf"] == "2026-03-03T00:00:00+00:00"


# Jobs that do not


def test_unknown_segments_are_all_named(service):
    with pytest.raises(BadRequest, match="no segment definition 'x', 'y'") as caught:
        service.submit(["us", "x", "y"])
    assert caught.value.status_code == 400


def test_a_segment_asked_for_by_its_name_is_told_its_id(service):
    made = service.create_definition(
        DefinitionRequest(name="Über uns", expression=Expression(value="true"))
    )
    with pytest.raises(BadRequest, match=f"'Über uns' has the id '{made.id}'"):
        service.submit(["us", "Über uns"])


def test_a_star_over_no_definitions_is_refused(tmp_path):
    empty = open_service(tmp_path / "empty.duckdb")
    with pytest.raises(BadRequest, match="no segment definition"):
        empty.submit(["*"])
    empty.close()


def test_an_expression_that_the_data_has_outgrown_is_refused_at_the_door(service):
    service.load([{"_id": "1", "city": "Ulm"}], kind="profiles", name="profiles")
    with pytest.raises(
        BadRequest, match="segment 'us' can no longer be evaluated"
    ) as caught:
        service.submit(["us"])
    assert "homeAddress" in caught.value.message


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PQLTypeError("no field `x`", "x = 1", 0), "no field `x` (line 1, column 1)"),
        (duckdb.OutOfMemoryException("Out of Memory Error: no\nmore"), "needs more memory"),
        (
            duckdb.IOException("IO Error: No space left on device"),
            "No space left on device",
        ),
        (ZeroDivisionError("by zero"), "broke off: ZeroDivisionError: by zero"),
        (AssertionError(), "broke off: AssertionError: AssertionError"),
    ],
)
def test_a_failed_job_says_why(error, message, caplog):
    caplog.set_level(logging.CRITICAL, "segtoolkit")
    assert message in fault_of(error).message


def test_an_error_in_the_evaluation_fails_that_job_and_not_the_next(store_path):
    failing = SegmentService(
        Store.open(store_path), raised(duckdb.OutOfMemoryException("no more"))
    )
    failing.load(PEOPLE, kind="profiles")
    failing.create_definition(wanted("us", IN_US))
    first, second = failing.submit(["us"]), failing.submit(["us"])
    for submitted in (first, second):
        job = reached(failing, submitted.id)
        assert job.status is JobStatus.FAILED
        assert "no more" in job.errors[0].message
        assert job.metrics.segmented_profile_counter == {}
        assert job.metrics.total_time.duration is not None
    failing.close()


def test_an_unforeseen_error_leaves_its_call_stack_in_the_job(store_path, caplog):
    failing = SegmentService(Store.open(store_path), raised(ZeroDivisionError("by zero")))
    failing.load(PEOPLE, kind="profiles")
    failing.create_definition(wanted("us", IN_US))
    job = run(failing, "us")
    failing.close()
    assert "in evaluate" in job.errors[0].call_stack
    assert "a job failed unexpectedly" in caplog.text


# Estimates


def test_an_estimate_is_exact_and_ready_at_once(service):
    estimate = service.estimate(service.preview(IN_US))
    assert estimate.state == "RESULT_READY"
    assert (estimate.size, estimate.total, estimate.standard_error) == (2, 3, 0)
    assert estimate.rows_read == estimate.rows_to_read == 3
    assert estimate.by_namespace == {"CRMID": 2, "ECID": 2, "Email": 1}


def test_an_estimate_may_refer_to_a_segment(service):
    assert service.estimate(service.preview('inSegment("us")')).size == 2


def test_only_the_latest_hundred_estimates_are_kept(service):
    ids = [service.preview(IN_US) for _ in range(101)]
    with pytest.raises(NotFound, match="no estimate"):
        service.estimate(ids[0])
    assert service.estimate(ids[1]).size == 2
