"""Jobs and their metrics, read in every published spelling and written in one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from segtoolkit import wire
from segtoolkit.models import (
    JobFault,
    JobMetrics,
    JobRecord,
    JobSegment,
    JobStatus,
    Sandbox,
    TimeSpan,
)

MORNING = datetime(2019, 11, 8, 9, 0, tzinfo=UTC)
MORNING_S = 1573203600


def job(**keys: Any) -> JobRecord:
    return wire.job_from_json({"id": "j", "status": "NEW"} | keys)


def metrics(**keys: Any) -> JobMetrics:
    return wire.metrics_from_json(keys)


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("succeeded", JobStatus.SUCCEEDED),
        (" SUCCESS ", JobStatus.SUCCEEDED),
        ("ERFOLGREICH", JobStatus.SUCCEEDED),
        ("ERROR", JobStatus.FAILED),
        ("Fehlgeschlagen", JobStatus.FAILED),
        ("RUNNING", JobStatus.PROCESSING),
        ("In progress", JobStatus.PROCESSING),
        ("VERARBEITUNG LÄUFT", JobStatus.PROCESSING),
        ("CANCELING", JobStatus.CANCELLING),
        ("marked for cancelling", JobStatus.CANCELLING),
        ("ABBRUCH", JobStatus.CANCELLING),
        ("Canceled", JobStatus.CANCELLED),
        ("ABGEBROCHEN", JobStatus.CANCELLED),
        ("Queued", JobStatus.QUEUED),
        ("NEU", JobStatus.NEW),
    ],
)
def test_every_spelling_of_a_state_becomes_the_canonical_one(spelling, canonical):
    assert job(status=spelling).status is canonical


@pytest.mark.parametrize(("status", "kept"), [("Paused", "Paused"), (None, "UNKNOWN")])
def test_an_unknown_state_is_kept_as_it_came_and_is_not_final(status, kept):
    read = job(status=status).status
    assert (read, read.is_known, read.is_final) == (kept, False, False)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "has no 'id'"),
        ({"id": ""}, "has no 'id'"),
        ({"id": {"a": 1}}, "has no 'id'"),
        ([], "not an array"),
        (None, "not null"),
        ("SUCCEEDED", "not a string"),
    ],
)
def test_a_job_without_an_id_is_unreadable(body, complaint):
    with pytest.raises(ValueError, match=complaint):
        wire.job_from_json(body)


@pytest.mark.parametrize(("came", "read"), [(3456, "3456"), ("cc34-8f5d,", "cc34-8f5d")])
def test_ids_are_strings_without_a_stray_comma(came, read):
    assert wire.job_from_json({"id": came}).id == read


def test_a_job_of_which_only_the_id_came_is_read():
    assert wire.job_from_json({"id": "j"}) == JobRecord(id="j", status=JobStatus("UNKNOWN"))


@pytest.mark.parametrize(
    "entry",
    [
        {"segmentId": "s", "segment": {"id": "s", "mergePolicyId": "p", "mergePolicy": {"version": 1}}},
        {"segmentId": "s", "segment": {"id": "s", "mergePolicy": {"id": "p", "version": 1}}},
        {"segmentId": "s", "segment": None, "id": "s,", "mergePolicy": {"id": "p,", "version": 1}},
    ],
)  # fmt: skip
def test_a_segment_is_read_nested_cut_or_with_the_copy_beside_it(entry):
    expected = JobSegment(segment_id="s", merge_policy_id="p", merge_policy_version=1)
    assert job(segments=[entry]).segments == (expected,)


@pytest.mark.parametrize(
    ("segments", "ids"),
    [([{"segmentId": "*"}], ["*"]), ({"segmentId": "s"}, ["s"]), ([{}, None, 7], []), (None, [])],
)  # fmt: skip
def test_odd_segment_lists_are_read_as_far_as_they_go(segments, ids):
    assert [s.segment_id for s in job(segments=segments).segments] == ids


@pytest.mark.parametrize(
    ("errors_key", "faults"),
    [
        ([], ()),
        (None, ()),
        ("", ()),
        ("it broke", (JobFault(message="it broke"),)),
        (["it broke"], (JobFault(message="it broke"),)),
        ({"code": 7, "msg": "it broke"}, (JobFault(message="it broke", code="7"),)),
        (
            [{"code": "8.0000018E7", "msg": "it broke", "callStack": "at…"}],
            (JobFault(message="it broke", code="8.0000018E7", call_stack="at…"),),
        ),
        (
            {"400": [{"message": "it broke"}], "status": 400},
            (JobFault(message="it broke"),),
        ),
        (
            [{"code": "E1", "callStack": "at…"}],
            (JobFault(message="error E1", code="E1", call_stack="at…"),),
        ),
        ([{"msg": None}], (JobFault(message="error without a message"),)),
    ],
)
def test_errors_of_a_job_are_read_in_any_shape(errors_key, faults):
    assert job(errors=errors_key).errors == faults


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"updateTime": MORNING_S * 1000, "updateEpoch": 1}, MORNING),
        ({"updateTime": 0, "updateEpoch": MORNING_S}, MORNING),
        ({"updateEpoch": MORNING_S * 1000}, MORNING),
        ({}, None),
    ],
)
def test_the_update_time_is_the_first_known_of_the_two_keys(keys, expected):
    assert job(**keys).updated_at == expected


def test_the_schema_of_2019_lies_under_model_name():
    assert job(modelName="_xdm.context.profile").schema_name == "_xdm.context.profile"


@pytest.mark.parametrize(
    ("default", "read"), [("true", True), (False, False), (None, None)]
)
def test_a_sandbox_tells_its_default_as_a_boolean_or_a_string(default, read):
    sandbox = job(sandbox={"sandboxName": "prod", "default": default}).sandbox
    assert sandbox == Sandbox(name="prod", default=read)


def test_what_is_unknown_is_not_written():
    written = wire.job_to_json(JobRecord(id="a b", status=JobStatus.NEW))
    assert list(written) == ["id", "status", "segments", "_links"]
    assert written["_links"]["cancel"] == {
        "href": "/segment/jobs/a%20b",
        "method": "DELETE",
    }


def test_the_update_time_is_written_in_ms_and_in_s():
    written = wire.job_to_json(JobRecord(id="j", status=JobStatus.NEW, updated_at=MORNING))
    assert (written["updateTime"], written["updateEpoch"]) == (MORNING_S * 1000, MORNING_S)


@pytest.mark.parametrize(
    ("held", "written"), [("8811", 8811), ("007", "007"), ("None", "None")]
)
def test_a_compute_job_id_is_written_as_a_number_where_it_is_one(held, written):
    record = JobRecord(id="j", status=JobStatus.NEW, compute_job_id=held)
    assert wire.job_to_json(record)["computeJobId"] == written


@pytest.mark.parametrize(
    ("keys", "total"),
    [
        ({"totalProfiles": 7}, 7),
        ({"totalProfile": 7}, 7),
        ({"totalProfiles": 0, "totalProfile": 7}, 0),
        ({"totalProfiles": None, "totalProfile": 7}, 7),
        ({"totalProfiles": 1.23e11}, 123_000_000_000),
        ({}, None),
    ],
)
def test_the_total_is_read_in_both_spellings_and_zero_is_a_value(keys, total):
    assert metrics(**keys).total_profiles == total


@pytest.mark.parametrize("spelling", ["segmentedProfile", "segmentProfile"])
def test_counters_are_read_in_both_spellings(spelling):
    read = metrics(
        **{
            f"{spelling}Counter": {"s": 0},
            f"{spelling}ByNamespaceCounter": {"s": {}},
            f"{spelling}ByStatusCounter": {
                "s": {"realized": 1, "existing": 2, "exited": 3}
            },
        }
    )
    assert read.segmented_profile_counter == {"s": 0}
    assert read.segmented_profile_by_namespace_counter == {"s": {}}
    assert read.segmented_profile_by_status_counter["s"] == {
        "realized": 1,
        "existing": 2,
        "exited": 3,
    }


def test_a_count_that_is_null_is_unknown_not_zero():
    assert metrics(
        segmentedProfileCounter={"a": None, "b": 0}
    ).segmented_profile_counter == {"b": 0}


@pytest.mark.parametrize(
    ("came", "read"),
    [
        (None, None),
        ({}, TimeSpan()),
        ({"startTimeInMs": MORNING_S * 1000}, TimeSpan(started_at=MORNING)),
        ({"totalTimeInMs": 0}, TimeSpan(duration=timedelta(0))),
    ],
)
def test_a_phase_keeps_what_is_known_of_it(came, read):
    assert metrics(totalTime=came).total_time == read


def test_absent_metrics_differ_from_empty_ones():
    assert (job().metrics, job(metrics={}).metrics) == (None, JobMetrics())


def test_metrics_write_every_counter_and_no_unknown_total():
    assert wire.metrics_to_json(JobMetrics()) == {
        "segmentedProfileCounter": {},
        "segmentedProfileByNamespaceCounter": {},
        "segmentedProfileByStatusCounter": {},
        "totalProfilesByMergePolicy": {},
    }


@pytest.mark.parametrize(
    "told",
    [None, 37, "37 %", {}, {"done": 3}, {"done": "some", "total": 7}],
)
def test_progress_that_is_not_ours_is_unknown(told):
    assert wire.job_from_json({"id": "j", "progress": told}).progress is None


@pytest.mark.parametrize(
    ("told", "as_of"),
    [
        ("2019-11-08T09:00:00+00:00", MORNING),
        ("2019-11-08T10:00:00+01:00", MORNING),
        ("2019-11-08T09:00:00", None),  # of which zone?
        ("yesterday", None),
        (MORNING_S, None),
        (None, None),
    ],
)
def test_a_job_that_tells_is_known_to_be_about_an_instant(told, as_of):
    assert job(properties={"asOf": told}).as_of == as_of
