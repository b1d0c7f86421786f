"""Groups: many jobs waited for, submitted some at a time, and told apart when one goes wrong."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator

import httpx
import pytest

from segtoolkit import wire
from segtoolkit.errors import (
    BadRequest,
    ConfigError,
    GroupTimeout,
    JobCancelled,
    JobFailed,
    NotFound,
    SegtoolkitError,
    SubmitUncertain,
    TransportError,
)
from segtoolkit.jobs import JobGroup, JobResult
from segtoolkit.progress import NoProgress
from tests.fakes import FakeService, connected, record, refusal


class Shop:
    """A service whose job of a segment is called as the segment, and ends after some seconds.

    Attributes:
        lasts_s: how long the job of a segment takes; ten seconds if not said.
        ends: how it ends; SUCCEEDED if not said.
        refusals: what the next submissions of a segment are answered with.
        most: jobs that the service runs at a time.
    """

    def __init__(self, **lasts_s: float) -> None:
        self.service = FakeService(
            routes={
                "POST /segment/jobs": self._submit,
                "POST /segment/jobs/bulk-get": self._bulk,
                "GET /segment/jobs": lambda _: httpx.Response(200, json={"children": []}),
            }
        )
        self.lasts_s = lasts_s
        self.ends: dict[str, str] = {}
        self.refusals: dict[str, list[httpx.Response | BaseException]] = {}
        self.most = 1_000
        self.submitted: dict[str, float] = {}
        self.cancelled: set[str] = set()
        self.active_at_most = 0

    @property
    def now_s(self) -> float:
        return self.service.clock.elapsed_s

    def status(self, job_id: str) -> str:
        if job_id in self.cancelled:
            return "CANCELLED"
        age_s = self.now_s - self.submitted[job_id]
        is_over = age_s >= self.lasts_s.get(job_id, 10.0)
        return self.ends.get(job_id, "SUCCEEDED") if is_over else "PROCESSING"

    def active(self) -> int:
        return sum(self.status(job_id) == "PROCESSING" for job_id in self.submitted)

    def _record(self, job_id: str):
        return record(job_id, self.status(job_id), [job_id])

    def _submit(self, request: httpx.Request) -> httpx.Response:
        ids = wire.job_request_from_json(json.loads(request.content))
        job_id = "+".join(ids)
        if self.refusals.get(job_id):
            answer = self.refusals[job_id].pop(0)
            if isinstance(answer, BaseException):
                raise answer
            return answer
        if self.active() >= self.most:
            return refusal(429, "too many jobs")
        assert job_id not in self.submitted, "submitted twice"
        self.submitted[job_id] = self.now_s
        for method in ("GET", "DELETE"):
            self.service.routes[f"{method} /segment/jobs/{job_id}"] = self._of_one
        self.active_at_most = max(self.active_at_most, self.active())
        return httpx.Response(200, json=wire.job_to_json(self._record(job_id)))

    def _of_one(self, request: httpx.Request) -> httpx.Response:
        job_id = request.url.path.rpartition("/")[2]
        if request.method == "DELETE":
            self.cancelled.add(job_id)
            return httpx.Response(204)
        return httpx.Response(200, json=wire.job_to_json(self._record(job_id)))

    def _bulk(self, request: httpx.Request) -> httpx.Response:
        ids = wire.bulk_request_from_json(json.loads(request.content))
        missing = NotFound("Not found.", status_code=404)
        found = {i: self._record(i) if i in self.submitted else missing for i in ids}
        return httpx.Response(207, json=wire.bulk_to_json(found))

    def submit(self, *segments, **options) -> JobGroup:
        return connected(self.service).submit_each(segments, **options)


def names(jobs) -> list[str]:
    return [job.id for job in jobs]


# Submitting


def test_each_segment_has_a_job_of_its_own():
    group = Shop().submit("a", ["b", "c"], "d")

    assert names(group) == ["a", "b+c", "d"]
    assert repr(group) == "<JobGroup 3 jobs · 3 PROCESSING · 0%>"


class Screen(NoProgress):
    """Keeps what is shown, and strikes like ■ when the third is."""

    def __init__(self, *, strikes: bool = False) -> None:
        self.lines: list[str] = []
        self._strikes = strikes

    def tick(self, shown):
        self.lines.append(repr(shown))
        if self._strikes and len(self.lines) == 3:
            raise KeyboardInterrupt

    def leave(self, shown, note):
        self.lines.append(note)


def test_submitting_shows_how_far_it_is():
    screen = Screen()

    connected(Shop().service, progress=screen).submit_each(list("abcd"))

    assert screen.lines[1] == "<JobGroup 4 jobs · 2 to submit · 2 PROCESSING · 0%>"
    assert len(screen.lines) == 4


def test_submitting_that_is_interrupted_says_what_was_started():
    screen = Screen(strikes=True)

    with pytest.raises(KeyboardInterrupt) as caught:
        connected(Shop().service, progress=screen).submit_each(list("abcd"))

    (note,) = caught.value.__notes__
    assert note.startswith(
        "3 jobs live on, 1 are not submitted. client.group(['a', 'b', 'c'])"
    )
    assert screen.lines[-1] == "stopped submitting"


def test_the_same_segment_is_submitted_once():
    shop = Shop()

    group = shop.submit("a", ["b", "b"], "a", ["b"])

    assert names(group) == ["a", "b"]


@pytest.mark.parametrize("made", ["submit_each", "group"])
def test_an_empty_group_is_done(made):
    client = connected(Shop().service)

    group = getattr(client, made)([])

    assert group.wait().results() == []
    assert (len(group), group.fraction, group.is_final) == (0, 1.0, True)
    assert list(group.as_completed()) == []
    assert group.to_frame().empty
    assert group.by_namespace().empty


@pytest.mark.parametrize(
    ("segments", "options"),
    [
        ([None], {}),
        ([[]], {}),
        (["a"], {"max_active": 0}),
        (["a"], {"as_of": "2026-01-01"}),
    ],
)
def test_nothing_is_submitted_by_a_call_that_is_wrong(segments, options):
    shop = Shop()

    with pytest.raises(ConfigError):
        connected(shop.service).submit_each(segments, **options)

    assert shop.service.calls == []


def test_no_more_jobs_are_active_than_wanted():
    shop = Shop(a=5, b=20, c=5, d=5, e=5)

    group = shop.submit(*"abcde", max_active=2)

    assert (names(group), group.to_submit) == (["a", "b"], (("c",), ("d",), ("e",)))
    group.wait()
    assert shop.active_at_most == 2
    assert names(group) == list("abcde")
    assert group.counts == {"SUCCEEDED": 5}


def test_a_refused_segment_does_not_keep_the_others():
    shop = Shop()
    shop.refusals = {"b": [refusal(400, "no such segment")]}

    group = shop.submit(*"abc")

    assert names(group) == ["a", "c"]
    assert list(group.errors) == ["b"]
    assert isinstance(group.errors["b"], BadRequest)
    assert group.counts == {"PROCESSING": 2, "refused": 1}
    assert names(group.wait().as_completed()) == ["a", "c"]


def test_a_lost_answer_is_told_for_its_segment_and_not_submitted_again():
    shop = Shop()
    shop.refusals = {"b": [httpx.ReadTimeout("slow")]}

    group = shop.submit(*"abc")
    group.wait()

    assert isinstance(group.errors["b"], SubmitUncertain)
    assert names(group) == ["a", "c"]


def test_what_could_not_be_sent_is_sent_a_little_later():
    shop = Shop()
    shop.refusals = {"b": [httpx.ConnectError("no"), httpx.ConnectError("no")]}

    group = shop.submit(*"abc")
    assert group.to_submit == (("b",), ("c",))
    group.wait()

    assert names(group) == ["a", "b", "c"]
    assert shop.submitted["b"] == 10.0


def test_a_service_out_of_reach_is_given_up_after_the_grace():
    shop = Shop()
    shop.refusals = {name: [httpx.ConnectError("no")] * 1_000 for name in "ab"}

    group = shop.submit(*"ab").wait()

    assert {type(error) for error in group.errors.values()} == {TransportError}
    assert 300 <= shop.now_s < 320


def test_a_busy_service_is_asked_again_when_a_job_has_ended():
    shop = Shop(a=30, b=5, c=5)
    shop.most = 1

    group = shop.submit(*"abc")

    assert names(group) == ["a"]
    group.wait()
    assert names(group) == ["a", "b", "c"]
    assert shop.submitted["b"] < 60


def test_a_busy_service_is_asked_again_when_it_said_so():
    shop = Shop(a=5)
    shop.refusals = {"a": [refusal(429, retry_after="120")]}

    group = shop.submit("a")

    assert group.to_submit == (("a",),)
    group.wait()
    assert shop.submitted["a"] == 120.0


def test_a_service_that_stays_busy_ends_in_the_timeout():
    shop = Shop()
    shop.most = 0

    with pytest.raises(GroupTimeout, match="1 to submit"):
        shop.submit("a").wait("10m")


def test_an_interrupt_while_submitting_keeps_what_was_submitted():
    shop = Shop()
    shop.refusals = {"b": [KeyboardInterrupt()]}

    with pytest.raises(KeyboardInterrupt) as caught:
        shop.submit(*"abc")

    assert "client.group(['a'])" in caught.value.__notes__[-1]


def test_what_was_being_submitted_at_an_interrupt_is_not_submitted_again():
    shop = Shop()
    shop.refusals = {"b": [KeyboardInterrupt()]}
    group = shop.submit(*"ab", max_active=1)
    with pytest.raises(KeyboardInterrupt):
        group.wait()

    group.wait()

    assert names(group) == ["a"]
    assert isinstance(group.errors["b"], SubmitUncertain)


# Waiting


def test_wait_for_all_does_not_mind_how_they_end():
    shop = Shop(a=5, b=20)
    shop.ends = {"a": "FAILED"}

    group = shop.submit(*"ab").wait()

    assert group.counts == {"FAILED": 1, "SUCCEEDED": 1}


def test_wait_for_any_ends_with_the_first():
    group = Shop(a=50, b=5).submit(*"ab").wait(return_when="any")

    assert group.counts == {"PROCESSING": 1, "SUCCEEDED": 1}


def test_wait_for_an_error_ends_with_the_first():
    shop = Shop(a=5, b=20, c=90)
    shop.ends = {"b": "FAILED"}

    group = shop.submit(*"abc").wait(return_when="first_error")

    assert group.counts == {"PROCESSING": 1, "FAILED": 1, "SUCCEEDED": 1}


def test_wait_for_an_error_ends_when_there_is_none():
    assert Shop().submit(*"ab").wait(return_when="first_error").is_final


def test_wait_knows_what_it_can_wait_for():
    with pytest.raises(ConfigError, match='"all", "any", "first_error"'):
        Shop().submit("a").wait(return_when="some")


def test_timeout_lets_the_jobs_live_and_carries_the_group():
    shop = Shop(a=5, b=500)
    group = shop.submit(*"ab")

    with pytest.raises(GroupTimeout, match="after waiting 60 s there are 2 jobs") as caught:
        group.wait("1m")

    assert caught.value.group is group
    assert isinstance(caught.value, TimeoutError)
    assert shop.cancelled == set()
    assert group.wait().is_final


def test_jobs_come_as_they_end():
    shop = Shop(a=30, b=5, c=15)

    assert names(shop.submit(*"abc").as_completed()) == ["b", "c", "a"]


def test_jobs_come_as_they_end_though_some_are_submitted_later():
    shop = Shop(a=30, b=5, c=5)

    assert names(shop.submit(*"abc", max_active=2).as_completed()) == ["b", "c", "a"]


def test_as_completed_has_a_deadline_for_all():
    jobs: Iterator = Shop(a=5, b=500).submit(*"ab").as_completed(60)

    assert next(jobs).id == "a"
    with pytest.raises(GroupTimeout):
        next(jobs)


def test_refresh_reads_once():
    shop = Shop(a=5, b=500)
    group = shop.submit(*"ab")
    shop.service.clock.sleep(10)
    shop.service.calls.clear()

    assert group.refresh().counts == {"PROCESSING": 1, "SUCCEEDED": 1}
    assert len(shop.service.calls) == 1


def test_interrupt_detaches_and_says_how_to_go_on():
    shop = Shop(a=5, b=500, c=5)
    group = shop.submit(*"abc", max_active=2)
    shop.service.clock.interrupt_at_s = 3.0

    with pytest.raises(KeyboardInterrupt) as caught:
        group.wait()

    (note,) = caught.value.__notes__
    assert "2 jobs live on, 1 are not submitted. client.group(['a', 'b'])" in note
    assert shop.cancelled == set()


def test_interrupt_cancels_if_told_so():
    shop = Shop(a=500, b=500, c=500)
    group = shop.submit(*"abc", max_active=2)
    shop.service.clock.interrupt_at_s = 3.0

    with pytest.raises(KeyboardInterrupt) as caught:
        group.wait(on_interrupt="cancel")

    assert shop.cancelled == {"a", "b"}
    assert "Asked to cancel 2 jobs." in caught.value.__notes__


# Results


def test_results_are_in_the_order_of_the_segments():
    found = Shop(a=30, b=5).submit(*"ab").results()

    assert [list(result.metrics.segmented_profile_counter) for result in found] == [
        ["a"],
        ["b"],
    ]


def mixed() -> tuple[Shop, JobGroup]:
    shop = Shop(a=5, b=5, c=5, d=500)
    shop.ends = {"b": "FAILED", "c": "CANCELLED", "d": "SUCCEEDED"}
    shop.refusals = {"e": [refusal(400, "no")]}
    return shop, shop.submit(*"abcde")


def test_results_can_have_errors_in_their_place():
    _, group = mixed()

    kinds = [type(found) for found in group.results(errors="return")]

    assert kinds == [JobResult, JobFailed, JobCancelled, JobResult, BadRequest]


def test_results_can_be_without_errors():
    assert [r.record.id for r in mixed()[1].results(errors="skip")] == ["a", "d"]


def test_results_raise_what_is_wrong_as_soon_as_it_is():
    shop = Shop(a=500, b=5)
    shop.ends = {"b": "FAILED"}
    group = shop.submit(*"ab")

    with pytest.raises(JobFailed, match="job b failed"):
        group.results()

    assert shop.now_s < 60
    assert shop.cancelled == set()


def test_results_raise_afresh_each_time():
    _, group = mixed()
    caught = []
    for _ in range(2):
        with pytest.raises(SegtoolkitError) as error:
            group.results()
        caught.append(error.value)

    assert str(caught[0]) == str(caught[1])
    assert caught[0] is not caught[1]


def test_results_know_what_to_do_with_errors():
    with pytest.raises(ConfigError, match='"raise", "return", "skip"'):
        Shop().submit("a").results(errors="ignore")


# Cancelling


def test_cancel_asks_for_all_that_have_not_ended_and_submits_no_more():
    shop = Shop(a=5, b=500, c=500, d=500)
    group = shop.submit(*"abcde", max_active=2)
    group.wait(return_when="any")

    assert group.cancel() == 2
    assert (shop.cancelled, set(shop.submitted)) == ({"b", "c"}, {"a", "b", "c"})
    assert group.wait().counts == {"CANCELLED": 2, "SUCCEEDED": 1, "refused": 2}


def test_cancel_goes_on_when_one_cannot_be_cancelled():
    shop = Shop(a=500, b=500)
    group = shop.submit(*"ab")
    shop.service.routes["DELETE /segment/jobs/a"] = lambda _: refusal(403, "not yours")

    with pytest.raises(SegtoolkitError, match="not yours"):
        group.cancel()

    assert shop.cancelled == {"b"}


def test_cancel_tells_what_was_not_submitted():
    group = Shop().submit(*"ab", max_active=1)

    group.cancel()

    assert "cancelled before its turn" in str(group.errors["b"])
    assert group.to_submit == ()


# Finding groups again


def test_group_takes_ids_and_jobs_once_each():
    shop = Shop()
    client = connected(shop.service)
    made = client.submit_each(["a", "b", "c"])

    group = client.group(["c", made[0], "c", "a"])

    assert names(group) == ["c", "a"]
    assert group[1] is made[0]


def test_group_of_one_id_is_of_one_job():
    shop = Shop()
    client = connected(shop.service)
    client.submit_each(["abc"])

    assert names(client.group("abc")) == ["abc"]


def test_group_names_the_ids_that_are_missing():
    with pytest.raises(NotFound, match="no such jobs: lost"):
        connected(Shop().service).group(["lost"])


def test_listing_makes_a_group():
    shop = Shop()
    client = connected(shop.service)
    client.submit_each(["a", "b"])
    bodies = [wire.job_to_json(shop._record(i)) for i in "ab"]
    shop.service.routes["GET /segment/jobs"] = lambda _: httpx.Response(
        200, json={"children": bodies}
    )

    assert client.list().group().wait().counts == {"SUCCEEDED": 2}


def test_pickled_group_keeps_what_it_knew():
    _, group = mixed()
    group.wait()

    pickled = pickle.dumps(group)
    copy = pickle.loads(pickled)

    assert b"canary" not in pickled
    assert (repr(copy), names(copy)) == (repr(group), names(group))
    assert len(copy.results(errors="return")) == 5


# Frames and pictures


def test_frame_has_a_row_for_every_segment():
    frame = mixed()[1].wait().to_frame()

    assert frame["segment_ids"].tolist() == list("abcde")
    problems = frame["error"].fillna("").tolist()
    assert problems[:4] == ["", "out of <memory>", "", ""]
    assert problems[4].startswith("no [HTTP 400")


@pytest.mark.parametrize("name", ["profiles", "by_namespace", "by_status", "timing"])
def test_frames_of_a_job_are_there_for_the_group(name):
    group = Shop().submit(*"ab").wait()

    frame = getattr(group, name)()

    assert frame.columns[0] == "job_id"
    assert set(frame["job_id"]) == {"a", "b"}


def test_card_shows_failures_first_and_escapes_them():
    card = mixed()[1].wait()._repr_html_()

    assert "out of &lt;memory&gt;" in card
    assert "<memory>" not in card
    assert card.index("FAILED</b>") < card.index("SUCCEEDED</b></td>")
    assert "script" not in card


def test_card_of_many_shows_some():
    assert "and 20 more" in Shop().submit(*(f"s{n}" for n in range(30)))._repr_html_()


def test_log_has_a_line_per_percent_at_most(caplog):
    caplog.set_level("INFO", "segtoolkit")
    group = Shop(a=5, b=20).submit(*"ab")

    group.wait(progress="log")

    assert [line.split("· ")[-1] for line in caplog.messages if "JobGroup" in line] == [
        "0%>",
        "50%>",
        "100%>",
    ]


def test_progress_function_gets_the_group():
    seen = []

    Shop(a=5, b=20).submit(*"ab").wait(progress=lambda group: seen.append(group.fraction))

    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert sorted(seen) == seen


def test_attributes_and_reprs_ask_nothing():
    shop, group = mixed()
    shop.service.calls.clear()

    shown = [group.jobs, group.errors, group.to_submit, group.counts, group.status]
    shown += [group.fraction, group.is_final, repr(group), group._repr_html_(), len(group)]

    assert all(part is not None for part in shown)
    assert shop.service.calls == []
