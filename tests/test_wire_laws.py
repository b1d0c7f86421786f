"""Laws of the protocol: what was written is read back equal, through real JSON text."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from segtoolkit import errors, wire
from segtoolkit.models import (
    Estimate,
    Expression,
    JobFault,
    JobMetrics,
    JobProgress,
    JobRecord,
    JobSegment,
    JobStatus,
    Sandbox,
    SegmentDefinition,
    TimeSpan,
)

# JSON text cannot hold lone surrogates in UTF-8; ids are trimmed on the way in.
characters = st.characters(codec="utf-8")
words = st.text(characters, min_size=1, max_size=12)
ids = words.map(lambda word: word.strip().rstrip(",")).filter(
    lambda word: word == word.strip() and word not in {"", ".", ".."}
)
numbers = st.integers(0, 2**53)
# Below 1e11 a number of milliseconds reads as seconds: the protocol begins in 1973.
times = st.integers(10**11 + 1, 4 * 10**12).map(wire.epoch_to_datetime)
durations = st.integers(0, 10**10).map(lambda ms: timedelta(milliseconds=ms))
counts = st.dictionaries(words, numbers, max_size=3)
nested_counts = st.dictionaries(words, counts, max_size=3)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(characters),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)
statuses = st.sampled_from([*JobStatus, JobStatus("PAUSED"), JobStatus("on hold")])


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


expressions = st.builds(
    Expression,
    value=words,
    format=st.sampled_from(["pql/text", "pql/json"]),
    type=st.sampled_from(["PQL", "ARL"]),
)
spans = st.builds(
    TimeSpan, started_at=maybe(times), ended_at=maybe(times), duration=maybe(durations)
)
job_metrics = st.builds(
    JobMetrics,
    total_time=maybe(spans),
    profile_segmentation_time=maybe(spans),
    total_profiles=maybe(numbers),
    total_profiles_by_merge_policy=counts,
    segmented_profile_counter=counts,
    segmented_profile_by_namespace_counter=nested_counts,
    segmented_profile_by_status_counter=nested_counts,
)
segments = st.builds(
    JobSegment,
    segment_id=st.just("*") | ids,
    expression=maybe(expressions),
    merge_policy_id=maybe(ids),
    merge_policy_version=maybe(numbers),
)
faults = st.builds(JobFault, message=words, code=maybe(words), call_stack=maybe(words))
sandboxes = st.builds(
    Sandbox, name=words, id=maybe(words), type=maybe(words), default=maybe(st.booleans())
)
jobs = st.builds(
    JobRecord,
    id=ids,
    status=statuses,
    segments=st.lists(segments, max_size=3).map(tuple),
    metrics=maybe(job_metrics),
    errors=st.lists(faults, max_size=2).map(tuple),
    created_at=maybe(times),
    updated_at=maybe(times),
    source=maybe(words),
    request_id=maybe(words),
    batch_id=maybe(words),
    compute_job_id=maybe(words | st.from_regex(r"\A[0-9]{1,6}\Z")),
    compute_gateway_job_id=maybe(words),
    ims_org_id=maybe(words),
    sandbox=maybe(sandboxes),
    profile_instance_id=maybe(words),
    schema_name=maybe(words),
    properties=st.dictionaries(words, json_values, max_size=2),
    progress=maybe(
        st.builds(JobProgress, done=st.integers(0, 999), total=st.integers(0, 999))
    ),
    raw=st.just({}),
)
definitions = st.builds(
    SegmentDefinition,
    id=ids,
    name=words,
    expression=expressions,
    description=maybe(st.text(characters)),
    schema_name=maybe(words),
    merge_policy_id=maybe(ids),
    created_at=maybe(times),
    updated_at=maybe(times),
    raw=st.just({}),
)
namespaces = st.sampled_from(["ECID", "Email", "Phone", "AAID", "email", "crmid", "CRM Id"])
estimates = st.builds(
    Estimate,
    size=maybe(numbers),
    total=maybe(numbers),
    state=st.sampled_from(["NEW", "RUNNING", "RESULT_READY", "FAILED"]),
    rows_read=maybe(numbers),
    rows_to_read=maybe(numbers),
    rows_matched=maybe(numbers),
    standard_error=maybe(st.floats(0, 1e9)),
    confidence=maybe(words),
    by_namespace=st.dictionaries(namespaces, numbers, max_size=3),
    error=maybe(words),
    raw=st.just({}),
)
requests = st.builds(
    wire.DefinitionRequest,
    name=words.filter(str.strip),
    expression=expressions,
    id=maybe(ids),
    description=maybe(st.text(characters)),
    merge_policy_id=maybe(ids),
    schema_name=words,
)
queries = maybe(st.from_regex(r"\A(start=[A-Za-z0-9%]{1,9}&)?limit=[0-9]{1,3}\Z"))


def pages(items: st.SearchStrategy[Any]) -> st.SearchStrategy[wire.Page[Any]]:
    many = st.lists(items, max_size=2).map(tuple)
    return st.builds(wire.Page, items=many, next_query=queries, total=maybe(numbers))


api_errors = st.builds(
    errors.APIError,
    message=words.map(lambda word: f"! {word}"),
    status_code=st.just(302),
    code=maybe(st.from_regex(r"\AUPAPI-[0-9]{6}-[0-9]{3}\Z")),
    request_id=maybe(words),
)


def through_json(body: Any) -> Any:
    return json.loads(json.dumps(body, allow_nan=False))


@given(jobs)
def test_a_job_is_read_back(job):
    assert wire.job_from_json(through_json(wire.job_to_json(job))) == job


@given(jobs)
def test_the_answer_that_a_job_was_read_from_is_kept(job):
    body = wire.job_to_json(job)
    assert wire.job_from_json(body).raw == body


@given(job_metrics)
def test_metrics_are_read_back(metrics):
    assert wire.metrics_from_json(through_json(wire.metrics_to_json(metrics))) == metrics


@given(definitions)
def test_a_definition_is_read_back(definition):
    assert (
        wire.definition_from_json(through_json(wire.definition_to_json(definition)))
        == definition
    )


@given(requests)
def test_a_definition_request_is_read_back(request):
    body = through_json(wire.definition_request_to_json(request))
    assert wire.definition_request_from_json(body) == request


@given(estimates)
def test_an_estimate_is_read_back(estimate):
    assert (
        wire.estimate_from_json(through_json(wire.estimate_to_json(estimate))) == estimate
    )


@given(ids, st.sampled_from(["NEW", "RUNNING", "RESULT_READY", "FAILED"]))
def test_a_preview_is_read_back(preview_id, state):
    preview = wire.Preview(id=preview_id, state=state)
    assert wire.preview_from_json(through_json(wire.preview_to_json(preview))) == preview


@given(words.filter(str.strip))
def test_a_predicate_is_read_back(expression):
    body = through_json(wire.preview_request_to_json(expression))
    assert wire.preview_request_from_json(body) == expression


@given(st.lists(ids, min_size=1, max_size=100))
def test_requested_ids_are_read_back(asked):
    assert wire.job_request_from_json(
        through_json(wire.job_request_to_json(asked))
    ) == tuple(asked)
    assert wire.bulk_request_from_json(
        through_json(wire.bulk_request_to_json(asked))
    ) == tuple(asked)


@given(pages(jobs))
def test_a_page_of_jobs_is_read_back(page):
    body = wire.jobs_page_to_json(page, limit=20, start=0)
    assert wire.jobs_page_from_json(through_json(body)) == page


@given(pages(definitions))
def test_a_page_of_definitions_is_read_back(page):
    body = wire.definitions_page_to_json(page, limit=20, start=0)
    assert wire.definitions_page_from_json(through_json(body)) == page


@given(st.lists(jobs, max_size=3, unique_by=lambda job: job.id))
def test_jobs_in_bulk_are_read_back(found):
    by_id = {job.id: job for job in found}
    assert wire.bulk_from_json(through_json(wire.bulk_to_json(by_id))) == by_id


@given(api_errors)
def test_an_error_in_bulk_is_read_back(error):
    (read,) = wire.bulk_from_json(through_json(wire.bulk_to_json({"a": error}))).values()
    parts = ("message", "status_code", "code", "request_id")
    assert [getattr(read, part) for part in parts] == [
        getattr(error, part) for part in parts
    ]


@given(json_values)
def test_any_json_is_a_job_or_a_value_error(body):
    try:
        read = wire.job_from_json(body)
    except ValueError:
        return
    assert read.id


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(
    ["status", "segments", "metrics", "errors", "creationTime", "updateTime", "sandbox",
     "schema", "properties", "computeJobId", "segmentJob"], json_values)))  # fmt: skip
def test_no_value_of_any_key_makes_a_job_unreadable(keys):
    assert wire.job_from_json({"id": "j", **keys, "segmentJob": None}).id == "j"


@given(st.integers(100, 599), st.text(characters) | json_values.map(json.dumps))
def test_any_answer_becomes_an_error_with_a_message(status, text):
    assert wire.error_from_response(status, text, {}).message
