"""Frames keep their published shape, keep unknown apart from zero, and lose no row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from segtoolkit import frames
from segtoolkit.models import (
    Estimate,
    JobFault,
    JobMetrics,
    JobRecord,
    JobSegment,
    JobStatus,
    TimeSpan,
)

PUBLISHED = {
    "jobs": {
        "job_id": "string",
        "status": "category",
        "segments": "Int64",
        "segment_ids": "string",
        "created_at": "datetime64[ms, UTC]",
        "started_at": "datetime64[ms, UTC]",
        "ended_at": "datetime64[ms, UTC]",
        "updated_at": "datetime64[ms, UTC]",
        "queued": "timedelta64[ms]",
        "duration": "timedelta64[ms]",
        "total_profiles": "Int64",
        "source": "string",
        "error": "string",
    },
    "profiles": {
        "segment_id": "string",
        "profiles": "Int64",
        "share": "Float64",
        "new": "Int64",
        "stayed": "Int64",
        "left": "Int64",
        "total_profiles": "Int64",
    },
    "by_namespace": {
        "segment_id": "string",
        "namespace": "string",
        "profiles": "Int64",
        "share": "Float64",
    },
    "by_status": {"segment_id": "string", "status": "string", "profiles": "Int64"},
    "timing": {
        "phase": "string",
        "started_at": "datetime64[ms, UTC]",
        "ended_at": "datetime64[ms, UTC]",
        "duration": "timedelta64[ms]",
    },
}

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BARE = JobRecord(id="bare", status=JobStatus.NEW)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def job(metrics: JobMetrics | None = None, *segment_ids: str, **fields) -> JobRecord:
    return JobRecord(
        id="468eeefd",
        status=JobStatus.SUCCEEDED,
        segments=tuple(JobSegment(segment_id=i) for i in segment_ids),
        metrics=metrics,
        **fields,
    )


FINISHED = job(
    JobMetrics(
        total_time=TimeSpan(
            started_at=at(1), ended_at=at(10), duration=timedelta(seconds=9)
        ),
        profile_segmentation_time=TimeSpan(started_at=at(4), ended_at=at(10)),
        total_profiles=200,
        segmented_profile_counter={"gold": 50, "empty": 0},
        segmented_profile_by_namespace_counter={
            "gold": {"ECID": 50, "Email": 20},
            "empty": {},
        },
        segmented_profile_by_status_counter={
            "gold": {"realized": 5, "existing": 45, "exited": 3},
            "empty": {"realized": 0, "exited": 0},
        },
    ),
    "gold",
    "empty",
    "uncounted",
    created_at=at(0),
    updated_at=at(11),
    source="api",
)

OF_AUDIENCES = {
    "members": {"profile": "Int64", "namespace": "string", "id": "string"},
    "identities": {"profile": "Int64", "namespace": "string", "id": "string"},
    "overlap": {
        "audiences": "object",
        "degree": "Int64",
        "profiles": "Int64",
        "share": "Float64",
    },
    "audiences": {
        "segment_id": "string",
        "name": "string",
        "job_id": "string",
        "evaluated_at": "datetime64[ms, UTC]",
        "as_of": "datetime64[ms, UTC]",
        "is_current": "boolean",
    },
}

OF_HISTORY = {
    "history": {
        "segment_id": "string",
        "evaluated_at": "datetime64[ms, UTC]",
        "as_of": "datetime64[ms, UTC]",
        "job_id": "string",
        "status": "category",
        "profiles": "Int64",
        "share": "Float64",
        "total_profiles": "Int64",
    }
}

OF_TWO_JOBS = {
    "comparison": {
        "segment_id": "string",
        "before": "Int64",
        "after": "Int64",
        "change": "Int64",
        "growth": "Float64",
    }
}

OF_REACH = {"reach": {"namespace": "string", "profiles": "Int64", "share": "Float64"}}

OF_GROUPS = {
    f"group_{name}": {"job_id": "string", **PUBLISHED[name]}
    for name in ("profiles", "by_namespace", "by_status", "timing")
}

ONE_ROAD = {
    "jobs": lambda record: frames.jobs_frame([record]),
    "profiles": frames.profiles_frame,
    "by_namespace": frames.by_namespace_frame,
    "by_status": frames.by_status_frame,
    "timing": frames.timing_frame,
}


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    return {column: str(dtype) for column, dtype in frame.dtypes.items()}


def row(frame: pd.DataFrame, key: str) -> dict[str, object]:
    """Return the row whose first column is *key*, with None for every kind of missing."""
    (found,) = frame[frame.iloc[:, 0] == key].to_dict("records")
    return {column: None if pd.isna(cell) else cell for column, cell in found.items()}


def ran(job_id: str, day: int | None, **sizes: int) -> JobRecord:
    ended = None if day is None else datetime(2026, 1, day, tzinfo=UTC)
    metrics = JobMetrics(total_profiles=100, segmented_profile_counter=sizes)
    return JobRecord(
        id=job_id, status=JobStatus.SUCCEEDED, metrics=metrics, updated_at=ended
    )


def test_history_is_by_segment_and_time_and_jobs_of_unknown_times_come_last():
    jobs = [ran("c", None, gold=3), ran("b", 2, us=5, gold=2), ran("a", 1, gold=1)]

    frame = frames.history_frame(jobs)

    assert frame[["segment_id", "job_id", "profiles"]].to_numpy().tolist() == [
        ["gold", "a", 1],
        ["gold", "b", 2],
        ["gold", "c", 3],
        ["us", "b", 5],
    ]


def test_history_of_a_job_that_counted_nothing_is_unknown_and_of_all_segments_empty():
    listed = JobRecord(
        id="a", status=JobStatus.FAILED, segments=(JobSegment(segment_id="gold"),)
    )
    every = JobRecord(
        id="b", status=JobStatus.QUEUED, segments=(JobSegment(segment_id="*"),)
    )

    frame = frames.history_frame([listed, every])

    assert row(frame, "gold")["profiles"] is None
    assert row(frame, "gold")["status"] == "FAILED"
    assert len(frame) == 1
    assert dtypes(frames.history_frame([])) == OF_HISTORY["history"]


def test_reach_of_nobody_has_its_columns():
    assert dtypes(frames.reach_frame(Estimate(size=0))) == OF_REACH["reach"]


def test_reach_of_an_unknown_size_has_no_shares():
    reach = frames.reach_frame(Estimate(size=None, by_namespace={"Email": 2}))

    assert reach["share"].isna().all()


def test_the_published_schemas_have_not_changed():
    assert {
        name: {column: str(dtype) for column, dtype in schema.items()}
        for name, schema in frames.SCHEMAS.items()
    } == PUBLISHED | OF_AUDIENCES | OF_GROUPS | OF_HISTORY | OF_TWO_JOBS | OF_REACH


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("record", [BARE, FINISHED], ids=["nothing known", "finished"])
def test_every_frame_has_the_dtypes_of_its_schema(name, record):
    assert dtypes(ONE_ROAD[name](record)) == PUBLISHED[name]


def test_no_jobs_make_an_empty_frame_with_all_columns():
    frame = frames.jobs_frame([])
    assert (len(frame), dtypes(frame)) == (0, PUBLISHED["jobs"])


@pytest.mark.parametrize("name", ["profiles", "by_namespace", "by_status"])
def test_a_job_without_segments_and_metrics_has_no_rows(name):
    assert ONE_ROAD[name](BARE).empty


@pytest.mark.parametrize("name", ["profiles", "by_namespace", "by_status", "timing"])
@pytest.mark.parametrize("records", [[], [FINISHED, BARE]], ids=["none", "two"])
def test_frame_of_a_group_has_the_job_before_each_row(name, records):
    frame = frames.grouped_frame(name, records)

    assert dtypes(frame) == OF_GROUPS[f"group_{name}"]
    assert len(frame) == sum(len(ONE_ROAD[name](record)) for record in records)


def test_group_has_a_row_for_segments_without_a_job():
    entries = [(["gold"], FINISHED, None), (["lapsed", "new"], None, "no such segment")]

    frame = frames.group_frame(entries)

    assert dtypes(frame) == PUBLISHED["jobs"]
    assert frame["segment_ids"].tolist() == ["gold, empty, uncounted", "lapsed, new"]
    assert frame["error"].tolist()[1:] == ["no such segment"]
    assert frame["job_id"].isna().tolist() == [False, True]
    assert frame["segments"].tolist() == [3, 2]


class TestJobs:
    def test_a_finished_job_tells_everything(self):
        assert row(frames.jobs_frame([FINISHED]), "468eeefd") == {
            "job_id": "468eeefd",
            "status": "SUCCEEDED",
            "segments": 3,
            "segment_ids": "gold, empty, uncounted",
            "created_at": pd.Timestamp(at(0)),
            "started_at": pd.Timestamp(at(4)),
            "ended_at": pd.Timestamp(at(10)),
            "updated_at": pd.Timestamp(at(11)),
            "queued": pd.Timedelta(seconds=3),
            "duration": pd.Timedelta(seconds=9),
            "total_profiles": 200,
            "source": "api",
            "error": None,
        }

    def test_what_is_not_known_is_missing(self):
        known = {
            c: v for c, v in row(frames.jobs_frame([BARE]), "bare").items() if v is not None
        }
        assert known == {"job_id": "bare", "status": "NEW"}

    def test_the_order_is_kept(self):
        records = [JobRecord(id=i, status=JobStatus.NEW) for i in "cab"]
        assert frames.jobs_frame(iter(records))["job_id"].tolist() == ["c", "a", "b"]

    def test_states_are_ordered_and_strangers_come_last(self):
        records = [
            JobRecord(id=s, status=JobStatus(s)) for s in ("PAUSED", "FAILED", "HELD")
        ]
        status = frames.jobs_frame(records)["status"]
        assert status.tolist() == ["PAUSED", "FAILED", "HELD"]
        assert status.cat.ordered
        assert status.cat.categories.tolist() == [*JobStatus, "PAUSED", "HELD"]

    def test_the_first_error_is_shown(self):
        faults = (JobFault(message="disk full"), JobFault(message="later"))
        assert (
            row(frames.jobs_frame([job(errors=faults)]), "468eeefd")["error"] == "disk full"
        )

    def test_queued_counts_from_creation_where_no_total_start_is_known(self):
        metrics = JobMetrics(profile_segmentation_time=TimeSpan(started_at=at(7)))
        frame = frames.jobs_frame([job(metrics, created_at=at(5))])
        assert row(frame, "468eeefd")["queued"] == pd.Timedelta(seconds=2)

    def test_duration_comes_from_start_and_end_where_the_service_gives_none(self):
        metrics = JobMetrics(total_time=TimeSpan(started_at=at(0), ended_at=at(6)))
        frame = frames.jobs_frame([job(metrics)])
        assert row(frame, "468eeefd")["duration"] == pd.Timedelta(seconds=6)

    def test_a_job_over_all_segments_does_not_know_how_many_until_it_counts(self):
        waiting = row(frames.jobs_frame([job(None, "*")]), "468eeefd")
        assert (waiting["segments"], waiting["segment_ids"]) == (None, "*")
        counted = JobMetrics(segmented_profile_counter={"a": 1, "b": 2})
        done = row(frames.jobs_frame([job(counted, "*")]), "468eeefd")
        assert (done["segments"], done["segment_ids"]) == (2, "a, b")

    def test_times_are_cut_to_milliseconds(self):
        frame = frames.jobs_frame([job(created_at=at(0.001999))])
        assert row(frame, "468eeefd")["created_at"] == pd.Timestamp(at(0.001))


class TestProfiles:
    def test_a_counted_segment(self):
        assert row(frames.profiles_frame(FINISHED), "gold") == {
            "segment_id": "gold",
            "profiles": 50,
            "share": 0.25,
            "new": 5,
            "stayed": 45,
            "left": 3,
            "total_profiles": 200,
        }

    def test_zero_is_a_number_and_no_counter_is_missing(self):
        frame = frames.profiles_frame(FINISHED)
        assert (row(frame, "empty")["profiles"], row(frame, "empty")["share"]) == (0, 0.0)
        assert row(frame, "uncounted")["profiles"] is None

    def test_realized_does_not_say_who_is_new_unless_existing_is_there(self):
        empty = row(frames.profiles_frame(FINISHED), "empty")
        assert (empty["new"], empty["stayed"], empty["left"]) == (None, None, 0)

    @pytest.mark.parametrize(
        "metrics",
        [
            JobMetrics(segmented_profile_counter={"extra": 1}),
            JobMetrics(segmented_profile_by_namespace_counter={"extra": {"ECID": 1}}),
            JobMetrics(segmented_profile_by_status_counter={"extra": {"exited": 1}}),
        ],
        ids=["profiles", "namespaces", "statuses"],
    )
    def test_a_segment_only_a_counter_knows_gets_a_row(self, metrics):
        frame = frames.profiles_frame(job(metrics, "gold", "*"))
        assert frame["segment_id"].tolist() == ["gold", "extra"]

    @pytest.mark.parametrize("total", [None, 0])
    def test_no_share_of_an_unknown_or_empty_total(self, total):
        metrics = JobMetrics(total_profiles=total, segmented_profile_counter={"gold": 5})
        assert row(frames.profiles_frame(job(metrics)), "gold")["share"] is None

    def test_numbers_that_contradict_each_other_are_shown(self):
        metrics = JobMetrics(total_profiles=2, segmented_profile_counter={"gold": 5})
        assert row(frames.profiles_frame(job(metrics)), "gold")["share"] == 2.5

    def test_large_counts_stay_exact(self):
        metrics = JobMetrics(segmented_profile_counter={"gold": 2**60 + 1})
        assert (
            row(frames.profiles_frame(job(metrics, "other")), "gold")["profiles"]
            == 2**60 + 1
        )


def test_by_namespace_is_one_row_per_segment_and_namespace():
    assert frames.by_namespace_frame(FINISHED).to_numpy().tolist() == [
        ["gold", "ECID", 50, 1.0],
        ["gold", "Email", 20, 0.4],
    ]


@pytest.mark.parametrize("sizes", [{}, {"gold": 0}], ids=["size unknown", "size zero"])
def test_a_namespace_has_no_share_of_an_unknown_or_empty_segment(sizes):
    metrics = JobMetrics(
        segmented_profile_counter=sizes,
        segmented_profile_by_namespace_counter={"gold": {"ECID": 7}},
    )
    frame = frames.by_namespace_frame(job(metrics))
    assert (frame["profiles"].tolist(), frame["share"].isna().tolist()) == ([7], [True])


def test_by_status_keeps_the_keys_as_they_came():
    metrics = JobMetrics(
        segmented_profile_by_status_counter={"gold": {"Odd key": 1, "exited": 0}}
    )
    frame = frames.by_status_frame(job(metrics))
    assert frame.to_numpy().tolist() == [["gold", "Odd key", 1], ["gold", "exited", 0]]


class TestTiming:
    def test_waiting_is_what_lies_before_the_evaluation(self):
        frame = frames.timing_frame(FINISHED)
        assert frame["phase"].tolist() == ["total", "waiting", "segmentation"]
        assert frame["duration"].dt.total_seconds().tolist() == [9.0, 3.0, 6.0]
        assert row(frame, "waiting")["ended_at"] == row(frame, "segmentation")["started_at"]

    def test_a_job_that_has_not_begun_has_all_phases_and_no_times(self):
        frame = frames.timing_frame(BARE)
        assert len(frame) == 3
        assert frame[["started_at", "ended_at", "duration"]].isna().all(axis=None)


def test_comparison_has_the_segments_of_both_jobs_and_what_is_unknown_of_them():
    earlier, later = (
        JobRecord(
            id=str(n),
            status=JobStatus.SUCCEEDED,
            metrics=JobMetrics(segmented_profile_counter=counts),
        )
        for n, counts in enumerate(
            ({"gold": 40, "gone": 5, "none": 0}, {"gold": 50, "none": 2})
        )
    )

    frame = frames.comparison_frame(earlier, later)

    assert dtypes(frame) == OF_TWO_JOBS["comparison"]
    assert frame.astype(object).where(frame.notna(), None).to_numpy().tolist() == [
        ["gold", 40, 50, 10, 0.25],
        ["none", 0, 2, 2, None],
        ["gone", 5, None, None, None],
    ]
