"""What a client does is the same in process, over a socket, and over a socket that fails."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

import segtoolkit as sg
from segtoolkit.jobs import JobGroup
from tests.roads.conftest import LONG

ODD_ID = "a/b c//größe?#%41"
# Nobody waits for it: every event of one person with every other.
ENDLESS = "exists a from xEvent where (exists b from xEvent where a.n * b.n = -1)"


@pytest.fixture
def rich(road):
    return road.define("rich", "points >= 7")


@pytest.fixture
def poor(road):
    return road.define("poor", "points < 2")


@pytest.fixture
def endless(road):
    """A segment whose job does not end by itself."""
    identity = {"CRMID": [{"id": "1", "primary": True}]}
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    road.load(
        [
            {
                "_id": f"e{n}",
                "identityMap": identity,
                "timestamp": (moment + timedelta(seconds=n)).isoformat(),
                "n": 1.5,
            }
            for n in range(30_000)
        ]
    )
    return road.define("endless", ENDLESS)


def ids(things):
    return [thing.id for thing in things]


# Definitions


def test_put_creates_once_and_changes_after(road, rich):
    changed = road.define("rich", "points >= 8")

    assert changed.id == rich.id
    assert road.client.definitions.get(rich.id).expression.value == "points >= 8"
    assert ids(road.client.definitions.list()) == [rich.id]


def test_definitions_are_read_in_bulk_in_the_order_asked_for(road, rich, poor):
    found = road.client.definitions.get_many([poor.id, rich.id, poor.id])

    assert ids(found) == [poor.id, rich.id, poor.id]


def test_definitions_that_are_missing_are_all_named(road, rich):
    with pytest.raises(sg.NotFound, match="no such definitions: lost, gone"):
        road.client.definitions.get_many(["lost", rich.id, "gone"])


def test_definitions_are_listed_over_pages(road):
    for n in range(103):
        road.define(f"s{n}", f"points > {n}")

    assert {d.name for d in road.client.definitions.list()} == {f"s{n}" for n in range(103)}
    assert len(road.client.definitions.list(limit=7)) == 7


def test_a_definition_that_is_deleted_is_gone(road, rich):
    # Who asks again after a lost answer finds that it was done.
    try:
        road.insist(lambda: road.client.definitions.delete(rich))
    except sg.NotFound:
        assert road.tally is not None

    with pytest.raises(sg.NotFound):
        road.client.definitions.get(rich.id)


def test_any_text_can_be_an_id(road):
    def create():
        try:
            return road.client.definitions.create("odd", "points > 5", id=ODD_ID)
        except sg.BadRequest:
            # An answer was lost, and now the name is taken.
            return road.client.definitions.get(ODD_ID)

    assert road.insist(create).id == ODD_ID
    job = road.submit(ODD_ID)
    assert job.result(LONG).metrics.segmented_profile_counter == {ODD_ID: 4}
    (found,) = road.client.list(property=f"segments~segmentId=={ODD_ID}")
    assert found.id == job.id
    assert road.client.audiences.get(ODD_ID).name == "odd"


def test_a_refused_expression_keeps_its_place(road):
    with pytest.raises(sg.BadRequest) as refused:
        road.define("wrong", "points > 1 and pionts > 2")

    assert refused.value.status_code == 400
    assert refused.value.request_id
    assert "did you mean `points`?" in refused.value.message
    assert refused.value.message.splitlines()[-1].endswith(" " * 15 + "^")
    assert road.client.definitions.list() == ()


def test_what_is_not_there_is_not_found(road):
    client = road.client
    for read in (
        client.get,
        client.definitions.get,
        client.merge_policies.get,
        client.schedules.get,
        client.exports.get,
        client.audiences.get,
    ):
        with pytest.raises(sg.NotFound) as missing:
            read("none")
        assert missing.value.status_code == 404


# Jobs


def test_a_job_counts_people_namespaces_and_statuses(road, rich, poor):
    result = road.run([rich, poor])

    metrics = result.metrics
    assert metrics.total_profiles == 10
    assert metrics.segmented_profile_counter == {rich.id: 3, poor.id: 2}
    reached = metrics.segmented_profile_by_namespace_counter
    assert reached == {rich.id: {"CRMID": 3}, poor.id: {"CRMID": 2, "Email": 2}}


def test_the_frames_of_a_result(road, rich, poor):
    result = road.run([rich, poor])

    sizes = result.to_frame()
    assert sizes["segment_id"].tolist() == [rich.id, poor.id]
    assert sizes["profiles"].tolist() == [3, 2]
    assert set(result.by_namespace()["namespace"]) == {"CRMID", "Email"}
    assert len(result.timing()) > 0


def test_the_next_job_knows_who_stayed_and_who_left(road, rich):
    road.run(rich)
    road.define("rich", "points >= 8")

    (row,) = road.run(rich).to_frame().to_dict("records")
    assert (row["profiles"], row["new"], row["stayed"], row["left"]) == (2, 0, 2, 1)


def test_one_submission_is_one_job(road, rich):
    job = road.submit(rich)

    assert ids(road.client.list()) == [job.id]
    assert job.record.request_id


def test_a_job_of_an_unknown_segment_is_refused(road, rich):
    with pytest.raises((sg.BadRequest, sg.NotFound), match="nowhere"):
        road.submit([rich, "nowhere"])

    assert ids(road.client.list()) == []


def test_a_job_is_found_again_by_its_id(road, rich):
    job = road.submit(rich).wait(LONG)

    found = road.client.get(job.id)
    assert (found.status, found.record) == ("SUCCEEDED", job.record)
    assert found.result().metrics.segmented_profile_counter == {rich.id: 3}


def test_jobs_are_read_in_bulk_in_the_order_asked_for(road, rich):
    first, second = road.submit(rich), road.submit(rich)

    assert ids(road.client.get_many([second.id, first.id])) == [second.id, first.id]
    with pytest.raises(sg.NotFound, match="no such jobs: lost"):
        road.client.get_many([first.id, "lost"])


def test_a_job_that_takes_too_long_is_left_alone_and_cancelled(road, endless):
    job = road.submit(endless)

    with pytest.raises(sg.JobTimeout) as late:
        job.wait(0.2)
    assert late.value.job is job
    road.insist(job.cancel)
    with pytest.raises(sg.JobCancelled):
        job.result(LONG)
    assert ids(road.client.list(status="CANCELLED")) == [job.id]


# Listings


def test_jobs_are_listed_newest_first_and_by_what_they_are(road, rich, poor):
    jobs = [road.submit(segments).wait(LONG) for segments in (rich, poor, [rich, poor])]
    client, (first, second, both) = road.client, ids(jobs)

    assert ids(client.list()) == [both, second, first]
    assert ids(client.list(limit=1)) == [both]
    assert ids(client.list(status=["SUCCEEDED", "FAILED"])) == [both, second, first]
    assert ids(client.list(status="FAILED")) == []
    assert ids(client.list(property=f"segments~segmentId=={poor.id}")) == [both, second]
    assert ids(client.list(property={"source": "api"}, sort="creationTime:asc")) == [
        first,
        second,
        both,
    ]


def test_jobs_are_listed_by_when_they_were_made(road, rich):
    job = road.submit(rich)

    assert ids(road.client.list(since="1h")) == [job.id]
    assert ids(road.client.list(since=datetime.now(UTC) + timedelta(hours=1))) == []
    assert ids(road.client.list(until="1h")) == []


def test_more_jobs_than_a_page_has_are_all_listed_once(road, rich):
    made = [road.submit(rich).id for _ in range(105)]

    listed = ids(road.client.list())
    assert listed == made[::-1]
    assert len(road.client.get_many(made)) == 105
    frame = road.client.list(limit=102).to_frame()
    assert frame["job_id"].tolist() == listed[:102]
    if road.tally is not None:
        assert road.tally.calls - road.tally.good > 10


# Sizes and expressions


def test_an_expression_is_sized_without_being_stored(road):
    estimate = road.client.size("points < 6", timeout=LONG)

    assert (estimate.size, estimate.total) == (6, 10)
    assert estimate.by_namespace == {"CRMID": 6, "Email": 4}
    assert road.client.definitions.list() == ()


def test_a_size_that_cannot_be_had_says_why(road):
    with pytest.raises(sg.BadRequest, match="there is no segment 'nowhere'"):
        road.client.size('inSegment("nowhere")')


def test_an_expression_is_converted_and_back(road):
    document = road.client.convert('points > 5 and country = "US"')

    assert document.format == "pql/json"
    assert json.loads(document.value)["nodeType"]
    assert road.client.convert(document).value == 'points > 5 and country = "US"'


# What lies around jobs


def test_the_default_merge_policy_is_there(road):
    (policy,) = road.client.merge_policies.list()

    assert policy.is_default
    assert road.client.merge_policies.get(policy.id) == policy


def test_a_schedule_lives_from_creation_to_deletion(road):
    schedules = road.client.schedules
    made = road.insist(lambda: schedules.create("nightly", "0 0 1 * * ?"))

    changed = road.insist(
        lambda: schedules.update(made, is_active=True, cron="0 0 3 * * ?")
    )
    assert (changed.id, changed.is_active, changed.cron) == (made.id, True, "0 0 3 * * ?")
    assert changed in schedules.list()
    try:
        road.insist(lambda: schedules.delete(made))
    except sg.NotFound:
        assert road.tally is not None
    assert made.id not in ids(schedules.list())


def test_an_export_writes_members(road, rich, poor):
    road.run([rich, poor])

    export = road.insist(lambda: road.client.exports.create("crm", [rich, poor]))
    ended = export_ended(road, export.id)

    assert ended.status == "SUCCEEDED"
    assert ended.metrics.total_exported_profile_counter == 5
    assert ended.id in ids(road.client.exports.list(status="SUCCEEDED"))


def export_ended(road, export_id):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        export = road.client.exports.get(export_id)
        if export.status.is_final:
            return export
        time.sleep(0.02)
    raise AssertionError(f"still {export}")


def test_an_audience_tells_what_the_last_job_counted(road, rich):
    before = road.client.audiences.get(rich)
    road.run(rich)
    (listed,) = road.client.audiences.list()

    assert listed == road.client.audiences.get(rich)
    assert (before.name, listed.name) == ("rich", "rich")
    assert (before.total_profiles, listed.total_profiles) == (None, 3)


# Groups


def test_a_group_waits_for_all_its_jobs(road, rich, poor):
    jobs = [road.submit(segment) for segment in (rich, poor, rich)]

    group = road.client.group([jobs[0], jobs[1].id, jobs[2]])
    assert isinstance(group, JobGroup)
    sizes = [r.metrics.segmented_profile_counter for r in group.wait(LONG).results()]
    assert sizes == [{rich.id: 3}, {poor.id: 2}, {rich.id: 3}]
    assert {*ids(group.as_completed())} == {*ids(jobs)}


def test_what_is_refused_does_not_cost_a_group_its_other_jobs(road, rich, poor):
    group = road.client.submit_each([rich, "nowhere", poor], max_active=1).wait(LONG)

    lost = [type(error) for error in group.errors.values()]
    if road.tally is None:
        assert len(lost) == 1
    assert len(lost) + sum(job.status == "SUCCEEDED" for job in group.jobs) == 3
    assert {*ids(road.client.list())} == {*ids(group.jobs)}
