"""The client: what it sends, what it makes of answers, and how it pages."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pandas as pd
import pytest

from segtoolkit import wire
from segtoolkit.errors import (
    BadRequest,
    ConfigError,
    EstimateFailed,
    EstimateTimeout,
    JobFailed,
    JobTimeout,
    NotFound,
    PermissionDenied,
    RateLimited,
    ServerError,
    TransportError,
)
from segtoolkit.jobs import Polling
from segtoolkit.models import Estimate, Expression, JobStatus, SegmentDefinition
from segtoolkit.progress import NoProgress
from tests.fakes import FakeService, connected, missing, record, refusal

GOLD = SegmentDefinition(
    id="gold", name="Gold", expression=Expression(value='loyalty.tier = "gold"')
)


def answering(place: str, answer: Callable[[httpx.Request], httpx.Response]) -> FakeService:
    return FakeService(routes={place: answer})


def json_answer(body: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)


# Submitting


@pytest.mark.parametrize(
    ("segments", "sent"),
    [
        ("gold", ["gold"]),
        (GOLD, ["gold"]),
        ([GOLD, "lapsed"], ["gold", "lapsed"]),
        (("lapsed", "gold", "lapsed"), ["lapsed", "gold"]),
        ((name for name in ["a", "b"]), ["a", "b"]),
    ],
)
def test_submit_sends_ids(segments, sent):
    service = FakeService(jobs={"job-1": ["QUEUED"]})

    job = connected(service).submit(segments)

    assert service.calls[0].body == [{"segmentId": segment_id} for segment_id in sent]
    assert job.id == "job-1"


@pytest.mark.parametrize("segments", [[], "", [""], [None], [{"id": "gold"}], [3]])
def test_submit_refuses_what_is_no_segment(segments):
    service = FakeService()

    with pytest.raises(ConfigError, match=r"segment|definition"):
        connected(service).submit(segments)

    assert service.calls == []


def test_submit_that_is_interrupted_says_that_the_job_may_run():
    def interrupted(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        connected(answering("POST /segment/jobs", interrupted)).submit("gold")

    assert "may have been started" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    "as_of",
    [
        datetime(2026, 1, 1, 12, tzinfo=UTC),
        datetime(2026, 1, 1, 14, tzinfo=timezone(timedelta(hours=2))),
        "2026-01-01T12:00:00Z",
        "2026-01-01T07:00:00-05:00",
    ],
)
def test_as_of_travels_in_utc_on_the_local_road(as_of):
    service = FakeService(jobs={"job-1": ["QUEUED"]})

    connected(service, local=object()).submit("gold", as_of=as_of)

    assert service.calls[0].headers[wire.AS_OF_HEADER] == "2026-01-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("as_of", "reason"),
    [
        (datetime(2026, 1, 1), "no time zone"),  # noqa: DTZ001 - the point of the test
        ("2026-01-01", "no time zone"),
        ("yesterday", "not ISO 8601"),
    ],
)
def test_as_of_without_a_meaning_is_refused(as_of, reason):
    service = FakeService()

    with pytest.raises(ConfigError, match=reason):
        connected(service, local=object()).submit("gold", as_of=as_of)

    assert service.calls == []


def test_as_of_is_refused_on_the_remote_road():
    with pytest.raises(ConfigError, match="local road only"):
        connected(FakeService()).submit("gold", as_of="2026-01-01T00:00:00Z")


def test_budget_is_refused_on_the_remote_road():
    with pytest.raises(ConfigError, match="budget works on the local road only"):
        connected(FakeService()).size("true", budget=100)


# Running


def test_run_returns_the_result():
    service = FakeService(jobs={"job-1": ["QUEUED", "SUCCEEDED"]})

    result = connected(service).run(["gold", "lapsed"])

    assert result.metrics.segmented_profile_counter == {"gold": 1_234}


def test_run_raises_for_a_failed_job():
    with pytest.raises(JobFailed):
        connected(FakeService(jobs={"job-1": ["FAILED"]})).run("gold")


def test_run_that_is_interrupted_cancels():
    service = FakeService(jobs={"job-1": ["PROCESSING"]})
    service.clock.interrupt_at_s = 3.0

    with pytest.raises(KeyboardInterrupt) as caught:
        connected(service).run("gold")

    assert "DELETE" in service.methods()
    assert "Cancelling job job-1" in caught.value.__notes__[0]


def test_run_that_times_out_lets_the_job_live():
    service = FakeService(jobs={"job-1": ["PROCESSING"]})

    with pytest.raises(JobTimeout) as caught:
        connected(service).run("gold", timeout="5s")

    assert "DELETE" not in service.methods()
    assert caught.value.job.id == "job-1"


def test_run_with_an_unreadable_timeout_starts_nothing():
    service = FakeService(jobs={"job-1": ["PROCESSING"]})

    with pytest.raises(ConfigError):
        connected(service).run("gold", timeout="a while")

    assert service.calls == []


# Finding


def test_get_finds_a_job():
    assert (
        connected(FakeService(jobs={"job-1": ["FAILED"]})).get("job-1").status == "FAILED"
    )


def test_get_encodes_the_id():
    service = FakeService()

    with pytest.raises(NotFound):
        connected(service).get("a/b c?d")

    assert service.calls[0].path == "/segment/jobs/a%2Fb%20c%3Fd"


def bulk(known: Sequence[str]) -> Callable[[httpx.Request], httpx.Response]:
    """Return a bulk-get that knows *known* and says of the rest that it does not."""

    def answer(request: httpx.Request) -> httpx.Response:
        ids = wire.bulk_request_from_json(json.loads(request.content))
        miss = NotFound("Not found.", status_code=404)
        found = {i: record(i, "SUCCEEDED") if i in known else miss for i in reversed(ids)}
        return json_answer(wire.bulk_to_json(found), 207)

    return answer


def test_get_many_keeps_the_order_and_asks_by_the_hundred():
    ids = [f"job-{n}" for n in range(250)]
    service = answering("POST /segment/jobs/bulk-get", bulk(ids))

    jobs = connected(service).get_many([*ids, "job-7"])

    assert [job.id for job in jobs] == [*ids, "job-7"]
    assert [len(call.body["ids"]) for call in service.calls] == [100, 100, 50]


def test_get_many_names_all_that_are_missing():
    ids = [f"job-{n}" for n in range(150)]
    service = answering("POST /segment/jobs/bulk-get", bulk(ids))

    with pytest.raises(NotFound, match=r"^no such jobs: lost, gone \["):
        connected(service).get_many(["lost", *ids, "gone"])


def test_get_many_counts_ids_that_are_not_answered_as_missing():
    service = answering(
        "POST /segment/jobs/bulk-get", lambda _: json_answer({"results": {}}, 207)
    )

    with pytest.raises(NotFound, match="no such jobs: lost"):
        connected(service).get_many(["lost"])


def test_get_many_of_missing_ids_only_may_be_one_404():
    service = answering("POST /segment/jobs/bulk-get", lambda _: missing())

    with pytest.raises(NotFound, match="no such jobs: lost, gone"):
        connected(service).get_many(["lost", "gone"])


def test_get_many_raises_what_else_is_wrong_with_an_entry():
    denied = PermissionDenied("not yours", status_code=403)
    body = wire.bulk_to_json({"job-1": record("job-1"), "job-2": denied})
    service = answering("POST /segment/jobs/bulk-get", lambda _: json_answer(body, 207))

    with pytest.raises(PermissionDenied, match="not yours"):
        connected(service).get_many(["job-1", "job-2"])


def test_get_many_of_nothing_asks_nothing():
    service = FakeService()

    assert connected(service).get_many([]) == []
    assert service.calls == []


# Listing


def pages(*bodies: dict) -> FakeService:
    """Return a service that answers a listing with *bodies* in turn, the last one for ever."""
    left = list(bodies)
    answer = lambda _: json_answer(left.pop(0) if len(left) > 1 else left[0])  # noqa: E731
    return answering("GET /segment/jobs", answer)


def page(*ids: str, **envelope: object) -> dict:
    return {"children": [wire.job_to_json(record(i)) for i in ids], **envelope}


def queries(service: FakeService) -> list[dict[str, str]]:
    return [dict(parse_qsl(urlsplit(call.path).query)) for call in service.calls]


def ids_of(listing) -> list[str]:
    return [job.id for job in listing]


def test_list_asks_nothing_until_iterated():
    service = pages(page("a"))

    listing = connected(service).list(status="failed", limit=5)

    assert repr(listing) == (
        "<JobListing status=FAILED sort=creationTime:desc limit=5: iterate, or .to_frame()>"
    )
    assert service.calls == []


def test_list_sends_its_filters_encoded():
    service = pages(page("a"))

    list(
        connected(service).list(
            status=JobStatus.FAILED, property="segments~segmentId==a b", start=3
        )
    )

    query = urlsplit(service.calls[0].path).query
    assert "property=segments~segmentId%3D%3Da+b" in query
    assert parse_qs(query)["status"] == ["FAILED"]
    assert parse_qs(query)["start"] == ["3"]


def test_list_follows_links_to_the_letter():
    link = {
        "next": {"href": "@/segment/jobs?start=Ab%2B%2F%3D&limit=100", "templated": False}
    }
    service = pages(page("a", "b", _links=link), page("c", _links={"next": {}}))

    assert ids_of(connected(service).list()) == ["a", "b", "c"]
    assert "?start=Ab%2B%2F%3D&limit=100" in service.calls[1].path
    assert len(service.calls) == 2


def test_list_reminds_a_link_of_the_filters_it_forgets():
    link = {"next": {"href": "@/segment/jobs?start=1&limit=2"}}
    service = pages(page("a", "b", _links=link), page("c"))

    list(connected(service).list(status="FAILED", property="source==api"))

    second = queries(service)[1]
    assert second == {
        "start": "1",
        "limit": "2",
        "status": "FAILED",
        "sort": "creationTime:desc",
        "property": "source==api",
    }


def test_list_leaves_the_place_to_the_link():
    link = {"next": {"href": "@/segment/jobs?cursor=x"}}
    service = pages(page("a", _links=link), page("b"))

    list(connected(service).list(start=3))

    assert "start" not in queries(service)[1]


def test_list_ends_where_the_links_end():
    """The published totals promise more than there is."""
    link = {"next": {"href": "@/segment/jobs?start=1"}}
    service = pages(page("a", _links=link), page("b", _page={"totalCount": 14}))

    assert ids_of(connected(service).list()) == ["a", "b"]
    assert len(service.calls) == 2


@pytest.mark.parametrize("following", [2, "2"])
def test_list_follows_a_next_start(following):
    service = pages(
        page("a", _page={"next": following}), page("b", _page={"totalCount": 2})
    )

    assert ids_of(connected(service).list()) == ["a", "b"]
    assert queries(service)[1]["start"] == "2"


@pytest.mark.parametrize("nothing", [{}, None, ""])
def test_list_knows_every_way_to_say_that_there_is_no_next_page(nothing):
    service = pages(page("a", _links={"next": nothing}))

    assert ids_of(connected(service).list()) == ["a"]
    assert len(service.calls) == 1


def test_list_reads_a_body_without_links_or_page():
    assert ids_of(connected(pages(page("a", "b"))).list()) == ["a", "b"]


def unlinked(
    total: int, size: int, start_of: Callable[[int], int], **envelope
) -> FakeService:
    """Return a service of *total* jobs that links nothing; *start_of* reads ``start``."""
    names = [f"job-{n:03}" for n in range(total)]

    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        first = start_of(int(asked.get("start", -1)))
        most = min(size, int(asked["limit"]))
        return json_answer(page(*names[first : first + most], **envelope))

    return answering("GET /segment/jobs", answer)


READINGS = {
    "page index from 0": lambda start: max(start, 0) * 100,
    "page index from 1": lambda start: max(start - 1, 0) * 100,
    "record offset": lambda start: max(start, 0),
}


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS.keys())
@pytest.mark.parametrize("total", [0, 1, 99, 100, 101, 250, 300])
def test_list_counts_on_where_nothing_is_linked(reading, total):
    service = unlinked(total, 100, reading)

    assert ids_of(connected(service).list()) == [f"job-{n:03}" for n in range(total)]
    assert len(service.calls) <= total // 100 + 4


def test_list_goes_on_when_pages_are_smaller_than_asked():
    service = unlinked(120, 50, lambda start: max(start, 0) * 50, _page={"totalCount": 120})

    assert len(ids_of(connected(service).list())) == 120


def test_list_is_not_misled_by_a_page_that_shifted_a_little():
    """New jobs push some of a page onto the next, which is no sign of record offsets."""
    service = unlinked(300, 100, lambda start: max(start * 100 - 5, 0))

    assert len(ids_of(connected(service).list())) == 300


def test_list_ends_when_the_same_page_comes_again():
    service = unlinked(100, 100, lambda _: 0)

    assert len(ids_of(connected(service).list())) == 100
    assert len(service.calls) == 3


def test_list_ends_when_a_link_leads_in_a_circle():
    link = {"next": {"href": "@/segment/jobs?start=1"}}
    service = pages(page("a", "b", _links=link))

    assert ids_of(connected(service).list()) == ["a", "b"]
    assert len(service.calls) == 2


def test_list_ends_at_an_empty_page_that_has_a_link():
    link = {"next": {"href": "@/segment/jobs?start=1"}}
    service = pages(page("a", _links=link), page(_links=link))

    assert ids_of(connected(service).list()) == ["a"]


def test_list_does_not_count_on_from_a_token():
    service = pages(page(*(f"job-{n}" for n in range(100))))

    list(connected(service).list(start="opaque=="))

    assert len(service.calls) == 1


def test_list_returns_a_job_once_though_pages_shift():
    """A job submitted meanwhile pushes the last one of a page onto the next."""
    link = {"next": {"href": "@/segment/jobs?start=1"}}
    service = pages(page("c", "b", _links=link), page("b", "a"))

    assert ids_of(connected(service).list()) == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("limit", "requests", "page_size"),
    [(0, 0, None), (1, 1, "1"), (100, 1, "100"), (101, 2, "100")],
)
def test_list_limit_is_of_jobs(limit, requests, page_size):
    service = unlinked(300, 100, lambda start: max(start, 0) * 100)

    assert len(ids_of(connected(service).list(limit=limit))) == limit
    assert [query["limit"] for query in queries(service)] == [page_size] * requests


def test_list_refuses_a_negative_limit():
    with pytest.raises(ConfigError, match="-1"):
        list(connected(FakeService()).list(limit=-1))


def test_list_can_be_iterated_again_and_reads_afresh():
    listing = connected(pages(page("a"), page("b", "a"))).list()

    assert (ids_of(listing), ids_of(listing)) == (["a"], ["b", "a"])


def test_list_stops_reading_when_the_caller_does():
    service = unlinked(300, 100, lambda start: max(start, 0) * 100)

    next(iter(connected(service).list()))

    assert len(service.calls) == 1


def test_list_gives_handles_that_work():
    service = pages(page("a"))
    service.jobs["a"] = ["SUCCEEDED"]

    (job,) = connected(service).list()

    assert job.refresh().status == "SUCCEEDED"


def test_list_as_frame_has_one_row_per_job():
    frame = connected(pages(page("a", "b"))).list().to_frame()

    assert list(frame["job_id"]) == ["a", "b"]


# Definitions


def test_definition_is_created_from_text():
    answer = lambda _: json_answer(wire.definition_to_json(GOLD))  # noqa: E731
    service = answering("POST /segment/definitions", answer)

    made = connected(service).definitions.create(
        "Gold", GOLD.expression.value, id="gold", merge_policy="policy-1"
    )

    assert (made.id, made.expression) == (GOLD.id, GOLD.expression)
    assert wire.definition_request_from_json(
        service.calls[0].body
    ) == wire.DefinitionRequest(
        name="Gold",
        expression=GOLD.expression,
        id="gold",
        merge_policy_id="policy-1",
        schema_name=wire.definition_request_from_json(service.calls[0].body).schema_name,
    )


def test_definition_is_created_from_json():
    answer = lambda _: json_answer(wire.definition_to_json(GOLD))  # noqa: E731
    service = answering("POST /segment/definitions", answer)
    expression = Expression(value="{}", format="pql/json")

    connected(service).definitions.create("Gold", expression)

    assert service.calls[0].body["expression"]["format"] == "pql/json"


def test_definition_is_found_by_its_id():
    service = answering(
        "GET /segment/definitions/a%2Fb", lambda _: json_answer({"id": "a/b"})
    )

    assert connected(service).definitions.get("a/b").id == "a/b"


def test_definition_update_keeps_what_is_not_given():
    stored = wire.definition_to_json(GOLD) | {
        "evaluationInfo": {"batch": {"enabled": True}}
    }
    service = answering("GET /segment/definitions/gold", lambda _: json_answer(stored))
    service.routes["PATCH /segment/definitions/gold"] = lambda request: httpx.Response(
        200, content=request.content
    )

    changed = connected(service).definitions.update(
        replace(GOLD, name="stale"), expression="true"
    )

    assert service.calls[-1].body == stored | {
        "expression": {"type": "PQL", "format": "pql/text", "value": "true"}
    }
    assert (changed.name, changed.expression.value) == ("Gold", "true")


def test_definition_update_takes_an_id():
    stored = wire.definition_to_json(GOLD)
    service = answering("GET /segment/definitions/gold", lambda _: json_answer(stored))
    service.routes["PATCH /segment/definitions/gold"] = lambda request: httpx.Response(
        200, content=request.content
    )

    assert connected(service).definitions.update("gold", name="Au").name == "Au"


def test_definition_is_put_where_there_is_none():
    service = answering("GET /segment/definitions", lambda _: json_answer({"segments": []}))
    service.routes["POST /segment/definitions"] = lambda request: httpx.Response(
        200, content=request.content
    )

    made = connected(service, local=object()).definitions.put("gold", "true")

    assert (made.id, made.name, made.expression.value) == ("gold", "gold", "true")


def test_service_far_away_gives_a_new_definition_its_id():
    service = answering("GET /segment/definitions", lambda _: json_answer({"segments": []}))
    service.routes["POST /segment/definitions"] = lambda request: json_answer(
        {"id": "from-afar", **json.loads(request.content)}
    )

    assert connected(service).definitions.put("gold", "true").id == "from-afar"


def test_definition_is_put_in_place_of_the_one_of_that_name():
    stored = wire.definition_to_json(GOLD)
    service = answering("GET /segment/definitions/gold", lambda _: json_answer(stored))
    service.routes["GET /segment/definitions"] = lambda _: json_answer(
        {"segments": [stored]}
    )
    service.routes["PATCH /segment/definitions/gold"] = lambda request: httpx.Response(
        200, content=request.content
    )

    service.routes["POST /segment/definitions"] = lambda _: httpx.Response(
        422, json=wire.error_to_json(422, "exists: use PATCH")
    )

    changed = connected(service).definitions.put("Gold", "true")

    assert (changed.id, changed.expression.value) == ("gold", "true")
    assert service.methods()[-1] == "PATCH"


def test_definition_whose_id_is_its_name_is_put_without_listing():
    stored = wire.definition_to_json(GOLD) | {"name": "gold"}
    service = answering("GET /segment/definitions/gold", lambda _: json_answer(stored))
    service.routes["PATCH /segment/definitions/gold"] = lambda request: httpx.Response(
        200, content=request.content
    )

    connected(service).definitions.put("gold", "true")

    assert service.methods() == ["GET", "GET", "PATCH"]


def test_definitions_are_listed_over_all_pages():
    def answer(request: httpx.Request) -> httpx.Response:
        first = int(request.url.params.get("page", 0)) * 100
        ids = [f"s-{n}" for n in range(130)][first : first + 100]
        return json_answer({"segments": [{"id": i} for i in ids], "page": {}, "link": {}})

    definitions = connected(answering("GET /segment/definitions", answer)).definitions

    assert [d.id for d in definitions.list()] == [f"s-{n}" for n in range(130)]
    assert [d.id for d in definitions.list(limit=2)] == ["s-0", "s-1"]


# Sizing


def sizing(*estimates: Estimate | httpx.Response) -> FakeService:
    left = list(estimates)

    def answer(_: httpx.Request) -> httpx.Response:
        now = left.pop(0) if len(left) > 1 else left[0]
        return (
            now
            if isinstance(now, httpx.Response)
            else json_answer(wire.estimate_to_json(now))
        )

    service = answering("GET /estimate/p%3D1", answer)
    service.routes["POST /preview"] = lambda _: json_answer(
        {"previewId": "p=1", "state": "NEW"}, 201
    )
    return service


READY = Estimate(size=40, total=100, rows_matched=40, by_namespace={"Email": 30})
RUNNING = Estimate(size=35, state="RUNNING")


def test_size_that_is_ready_takes_no_pause():
    service = sizing(READY)

    assert connected(service).size('country = "US"') == READY
    assert service.calls[0].body["predicateExpression"] == 'country = "US"'
    assert service.clock.elapsed_s == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, "not nothing"),
        (" ", "not nothing"),
        (pd.Series([True]), "not of the type Series"),
    ],
)
def test_what_is_no_expression_is_refused_before_it_is_sent(given, told):
    service = sizing(READY)

    for ask in (
        connected(service).size,
        partial(connected(service).definitions.put, "gold"),
        partial(connected(service).definitions.create, "gold"),
    ):
        with pytest.raises(ConfigError, match=told):
            ask(given)
    assert not service.calls


def test_size_is_waited_for():
    service = sizing(RUNNING, RUNNING, READY)

    assert connected(service).size("true").size == 40
    assert service.times("GET") == [0.0, 1.0, 2.5]


def test_size_of_a_sample_counts_namespaces_in_all_profiles():
    sampled = Estimate(size=4_000, rows_matched=40, by_namespace={"Email": 30, "ECID": 40})

    assert connected(sizing(sampled)).size("true").by_namespace == {
        "Email": 3_000,
        "ECID": 4_000,
    }


def test_size_that_fails_raises_the_reason():
    failed = Estimate(size=None, state="FAILED", error="no such field")

    with pytest.raises(EstimateFailed, match="no such field") as caught:
        connected(sizing(failed)).size("true")

    assert caught.value.estimate.state == "FAILED"


def test_size_that_takes_too_long_raises_what_is_known():
    with pytest.raises(EstimateTimeout, match="35 profiles") as caught:
        connected(sizing(RUNNING)).size("true", timeout=10)

    assert caught.value.estimate.size == 35
    assert isinstance(caught.value, TimeoutError)


def test_size_that_nobody_waits_for_any_more_is_ended():
    service = sizing(RUNNING)
    with pytest.raises(EstimateTimeout):
        connected(service).size("true", timeout=10)
    assert (service.calls[-1].method, service.calls[-1].path) == (
        "DELETE",
        "/preview/p%3D1",
    )

    interrupted = sizing(RUNNING)
    interrupted.clock.interrupt_at_s = 3.0
    with pytest.raises(KeyboardInterrupt):
        connected(interrupted).size("true")
    assert interrupted.methods().count("DELETE") == 1


@pytest.mark.parametrize(("look", "ended"), [(RUNNING, 1), (READY, 0)])
def test_size_that_its_progress_ends_is_ended_unless_it_is_ready(look, ended):
    def overtaken(_: object) -> None:
        raise LookupError("overtaken")

    service = sizing(look)
    with pytest.raises(LookupError, match="overtaken"):
        connected(service).size("true", progress=overtaken)
    assert service.methods().count("DELETE") == ended


def test_size_that_its_progress_ends_between_two_looks_is_ended():
    class Overtaken(NoProgress):
        def tick(self, shown: object) -> None:
            raise LookupError("overtaken")

    service = sizing(RUNNING)
    with pytest.raises(LookupError, match="overtaken"):
        connected(service, polling=Polling(first=5)).size("true", progress=Overtaken())
    assert service.methods() == ["POST", "GET", "DELETE"]


def test_size_that_cannot_be_ended_still_says_that_it_took_too_long():
    service = sizing(RUNNING)
    service.routes["DELETE /preview/p%3D1"] = lambda _: refusal(405, "not here")

    with pytest.raises(EstimateTimeout, match="35 profiles"):
        connected(service).size("true", timeout=10)


def test_size_survives_failures_that_pass():
    assert connected(sizing(refusal(503), READY)).size("true").size == 40


def test_size_waits_for_an_estimate_that_is_not_there_yet():
    service = sizing(refusal(404), refusal(404), READY)

    assert connected(service).size("true").size == 40
    assert service.times("GET") == [0.0, 1.5, 3.75]


@pytest.mark.parametrize(
    ("answers", "after_s"), [([refusal(404)], 60), ([RUNNING, refusal(404)], 1)]
)
def test_size_gives_up_an_estimate_that_is_not_to_come(answers, after_s):
    service = sizing(*answers)

    with pytest.raises(NotFound):
        connected(service).size("true")
    assert after_s <= service.clock.elapsed_s < after_s + 20


def test_size_gives_up_after_the_grace():
    with pytest.raises(ServerError, match="busy"):
        connected(sizing(refusal(503, "busy"))).size("true")


def test_size_refused_at_the_door_raises():
    service = answering("POST /preview", lambda _: refusal(400, "no field `contry`"))

    with pytest.raises(BadRequest, match="contry"):
        connected(service).size('contry = "US"')


def test_size_as_of_travels_on_the_local_road():
    service = sizing(READY)

    connected(service, local=object()).size("true", as_of="2026-01-01T00:00:00Z")

    assert service.calls[0].headers[wire.AS_OF_HEADER] == "2026-01-01T00:00:00+00:00"


def test_preview_without_an_id_is_not_the_protocol():
    service = answering("POST /preview", lambda _: json_answer({"state": "NEW"}))

    with pytest.raises(TransportError, match="previewId"):
        connected(service).size("true")


# Errors


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, PermissionDenied), (404, NotFound), (429, RateLimited), (500, ServerError)],
)
def test_refusals_are_errors_by_status(status, error):
    service = FakeService(jobs={"job-1": [refusal(status, "why", retry_after="7")]})

    with pytest.raises(error, match="why") as caught:
        connected(service).get("job-1")

    assert (caught.value.status_code, caught.value.retry_after) == (status, 7.0)


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff", b'"text"', b"{}"])
def test_answers_that_are_not_the_protocol_are_transport_errors(body):
    service = FakeService(jobs={"job-1": [httpx.Response(200, content=body)]})

    with pytest.raises(
        TransportError, match=r"GET /segment/jobs/job-1 was answered with HTTP 200"
    ):
        connected(service).get("job-1")


def test_no_answer_is_a_transport_error_with_its_cause():
    service = FakeService(jobs={"job-1": [httpx.ReadTimeout("slow")]})

    with pytest.raises(
        TransportError, match=r"no answer from platform\.example: ReadTimeout slow"
    ) as caught:
        connected(service).get("job-1")

    assert isinstance(caught.value.__cause__, httpx.ReadTimeout)


# The client itself


def test_local_extras_are_there_on_the_local_road():
    extras = object()

    assert connected(FakeService(), local=extras).local is extras


def test_local_extras_are_refused_on_the_remote_road():
    with pytest.raises(ConfigError, match="connect_local"):
        _ = connected(FakeService()).local


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "<Client platform.example>"),
        ({"name": "prod"}, "<Client prod>"),
        (
            {"local": object(), "name": "audiences.duckdb"},
            "<Client local audiences.duckdb>",
        ),
        ({"local": object()}, "<Client local platform.example>"),
    ],
)
def test_repr_says_where_the_client_is_connected(options, expected):
    assert repr(connected(FakeService(), **options)) == expected


def test_handles_keep_the_client_alive():
    """Else a client that closes when it is dropped would take its jobs along."""
    client = connected(FakeService(jobs={"job-1": ["QUEUED", "SUCCEEDED"]}))
    gone = weakref.ref(client)

    job, definitions = client.submit("gold"), client.definitions
    del client
    gc.collect()
    kept = gone() is not None
    del job, definitions
    gc.collect()

    assert kept
    assert gone() is None


def test_closed_client_says_so():
    with connected(FakeService()) as client:
        pass

    with pytest.raises(ConfigError, match="closed"):
        client.get("job-1")


def test_importing_the_client_loads_no_heavy_library():
    code = (
        "import sys, segtoolkit.client; "
        "print(*sorted({'pandas', 'matplotlib', 'duckdb', 'flask', 'IPython', 'segtoolkit.local'}"
        " & sys.modules.keys()))"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )

    assert loaded.stdout.strip() == ""
