"""Laws of the protocol: what was written is read back equal, through real JSON text."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtoolkit import errors, wire
from segtoolkit.models import (
    AttributeMerge,
    AudienceRecord,
    Estimate,
    ExportedSegment,
    ExportJob,
    ExportMetrics,
    Expression,
    IdentityGraph,
    JobFault,
    JobMetrics,
    JobProgress,
    JobRecord,
    JobSegment,
    JobStatus,
    MergePolicy,
    Sandbox,
    Schedule,
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
seconds = st.integers(1, 4 * 10**9).map(wire.epoch_to_datetime)
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
ways = st.sampled_from(["batch", "continuous", "synchronous"])
evaluations = st.dictionaries(ways, st.booleans(), max_size=3)
definitions = st.builds(
    SegmentDefinition,
    id=ids,
    name=words,
    expression=expressions,
    description=maybe(st.text(characters)),
    schema_name=maybe(words),
    merge_policy_id=maybe(ids),
    evaluation=evaluations,
    profile_instance_id=maybe(words),
    ims_org_id=maybe(words),
    sandbox=maybe(sandboxes),
    created_at=maybe(times),
    updated_at=maybe(times),
    raw=st.just({}),
)
policies = st.builds(
    MergePolicy,
    id=ids,
    name=words,
    attribute_merge=st.sampled_from(AttributeMerge),
    order=st.lists(words, max_size=3).map(tuple),
    identity_graph=st.sampled_from(IdentityGraph),
    is_default=st.booleans(),
    version=maybe(numbers),
    is_active_on_edge=maybe(st.booleans()),
    updated_at=maybe(seconds),
    ims_org_id=maybe(words),
    sandbox=maybe(sandboxes),
    raw=st.just({}),
)
schedules = st.builds(
    Schedule,
    id=ids,
    name=words,
    state=maybe(words),
    type=maybe(words),
    cron=maybe(words),
    segment_ids=st.lists(ids, max_size=2).map(tuple),
    created_at=maybe(seconds),
    updated_at=maybe(seconds),
    ims_org_id=maybe(words),
    sandbox=maybe(sandboxes),
    raw=st.just({}),
)
member_states = st.lists(st.sampled_from(["realized", "existing", "exited"]), min_size=1)
exported = st.builds(
    ExportedSegment,
    segment_id=ids,
    namespace=maybe(words),
    statuses=member_states.map(tuple),
)
several_exported = st.lists(exported, max_size=2).map(tuple)
field_names = st.lists(st.from_regex(r"\A[a-z]{1,9}(\.[a-z]{1,9})?\Z"), max_size=3).map(
    tuple
)
export_metrics = st.builds(
    ExportMetrics,
    total_time=maybe(spans),
    profile_export_time=maybe(spans),
    dataset_write_time=maybe(spans),
    total_exported_profile_counter=maybe(numbers),
    exported_profile_by_namespace_counter=counts,
)
exports = st.builds(
    ExportJob,
    id=ids,
    status=statuses,
    job_type=maybe(words),
    segments=several_exported,
    fields=field_names,
    dataset_id=maybe(ids),
    batch_ids=st.lists(ids, max_size=3).map(tuple),
    segment_per_batch=maybe(st.booleans()),
    evaluates_first=maybe(st.booleans()),
    merge_policy_id=maybe(ids),
    merge_policy_version=maybe(numbers),
    metrics=maybe(export_metrics),
    errors=st.lists(faults, max_size=2).map(tuple),
    created_at=maybe(times),
    updated_at=maybe(times),
    request_id=maybe(words),
    schema_name=maybe(words),
    profile_instance_id=maybe(words),
    ims_org_id=maybe(words),
    sandbox=maybe(sandboxes),
    raw=st.just({}),
)
audiences = st.builds(
    AudienceRecord,
    id=ids,
    audience_id=maybe(ids),
    name=words,
    description=maybe(st.text(characters)),
    namespace=maybe(words),
    type=maybe(words),
    lifecycle=maybe(st.sampled_from(["draft", "published", "inactive", "archived"])),
    expression=maybe(expressions),
    merge_policy_id=maybe(ids),
    origin_name=maybe(words),
    job_id=maybe(ids),
    total_profiles=maybe(numbers),
    total_profiles_by_namespace=counts,
    total_profiles_by_status=counts,
    counted_at=maybe(seconds),
    created_at=maybe(times),
    updated_at=maybe(times),
    schema_name=maybe(words),
    ims_org_id=maybe(words),
    sandbox=maybe(sandboxes),
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
    evaluation=evaluations,
)
schedule_requests = st.builds(
    wire.ScheduleRequest,
    name=words.filter(str.strip),
    cron=words.filter(str.strip),
    type=st.sampled_from(["batch_segmentation", "export"]),
    segment_ids=st.lists(ids, min_size=1, max_size=2).map(tuple),
    state=st.sampled_from(["active", "inactive"]),
)
schedule_changes = st.builds(
    wire.ScheduleChange,
    state=maybe(st.sampled_from(["active", "inactive"])),
    cron=maybe(words.filter(str.strip)),
).filter(lambda change: change != wire.ScheduleChange())
export_requests = st.builds(
    wire.ExportRequest,
    dataset_id=ids,
    segments=several_exported,
    fields=field_names,
    segment_per_batch=st.booleans(),
    evaluates_first=st.booleans(),
    merge_policy_id=maybe(ids),
    merge_policy_version=maybe(numbers),
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


THINGS = {
    "definition": (definitions, wire.definition_to_json, wire.definition_from_json),
    "merge policy": (policies, wire.merge_policy_to_json, wire.merge_policy_from_json),
    "schedule": (schedules, wire.schedule_to_json, wire.schedule_from_json),
    "export": (exports, wire.export_to_json, wire.export_from_json),
    "audience": (audiences, wire.audience_to_json, wire.audience_from_json),
    "estimate": (estimates, wire.estimate_to_json, wire.estimate_from_json),
    "definition request": (
        requests,
        wire.definition_request_to_json,
        wire.definition_request_from_json,
    ),
    "schedule request": (
        schedule_requests,
        wire.schedule_request_to_json,
        wire.schedule_request_from_json,
    ),
    "schedule change": (
        schedule_changes,
        wire.schedule_change_to_json,
        wire.schedule_change_from_json,
    ),
    "export request": (
        export_requests,
        wire.export_request_to_json,
        wire.export_request_from_json,
    ),
}


@pytest.mark.parametrize("name", THINGS)
@given(st.data())
def test_what_is_written_is_read_back(name, data):
    values, write, read = THINGS[name]
    value = data.draw(values)
    assert read(through_json(write(value))) == value


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


PAGES = {
    "jobs": (jobs, wire.jobs_page_to_json, wire.jobs_page_from_json),
    "definitions": (
        definitions,
        wire.definitions_page_to_json,
        wire.definitions_page_from_json,
    ),
    "policies": (
        policies,
        wire.merge_policies_page_to_json,
        wire.merge_policies_page_from_json,
    ),
    "schedules": (schedules, wire.schedules_page_to_json, wire.schedules_page_from_json),
    "exports": (exports, wire.exports_page_to_json, wire.exports_page_from_json),
    "audiences": (audiences, wire.audiences_page_to_json, wire.audiences_page_from_json),
}
ABOUT = {"jobs": {"limit": 20, "start": 0}, "definitions": {"limit": 20}}


@pytest.mark.parametrize("name", PAGES)
@given(st.data())
def test_a_page_is_read_back(name, data):
    values, write, read = PAGES[name]
    page = data.draw(pages(values))
    assert read(through_json(write(page, **ABOUT.get(name, {})))) == page


@given(st.lists(jobs, max_size=3, unique_by=lambda job: job.id))
def test_jobs_in_bulk_are_read_back(found):
    by_id = {job.id: job for job in found}
    assert wire.bulk_from_json(through_json(wire.bulk_to_json(by_id))) == by_id


@given(st.lists(definitions, max_size=3, unique_by=lambda definition: definition.id))
def test_definitions_in_bulk_are_read_back(found):
    by_id = {definition.id: definition for definition in found}
    body = through_json(wire.definitions_bulk_to_json(by_id))
    assert wire.definitions_bulk_from_json(body) == by_id


@given(api_errors)
def test_an_error_in_bulk_is_read_back(error):
    (read,) = wire.bulk_from_json(through_json(wire.bulk_to_json({"a": error}))).values()
    parts = ("message", "status_code", "code", "request_id")
    assert [getattr(read, part) for part in parts] == [
        getattr(error, part) for part in parts
    ]


READERS = [
    wire.job_from_json,
    wire.schedule_from_json,
    wire.schedule_request_from_json,
    wire.schedule_change_from_json,
    wire.export_from_json,
    wire.export_request_from_json,
    wire.audience_from_json,
    wire.merge_policy_from_json,
    wire.definition_request_from_json,
]


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@given(json_values)
def test_any_json_is_a_value_or_a_value_error(read, body):
    try:
        assert read(body)
    except ValueError:
        return


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(
    ["status", "segments", "metrics", "errors", "creationTime", "updateTime", "sandbox",
     "schema", "properties", "computeJobId", "segmentJob"], json_values)))  # fmt: skip
def test_no_value_of_any_key_makes_a_job_unreadable(keys):
    assert wire.job_from_json({"id": "j", **keys, "segmentJob": None}).id == "j"


@given(st.dictionaries(st.sampled_from(
    ["status", "filter", "fields", "destination", "mergePolicy", "metrics", "errors",
     "computeGatewayJobId", "creationTime", "schema", "sandbox", "evaluationInfo"]), json_values))  # fmt: skip
def test_no_value_of_any_key_makes_an_export_unreadable(keys):
    assert wire.export_from_json({**keys, "id": 7}).id == "7"


@given(st.dictionaries(st.sampled_from(
    ["name", "state", "type", "schedule", "properties", "createEpoch", "sandbox"]), json_values))  # fmt: skip
def test_no_value_of_any_key_makes_a_schedule_unreadable(keys):
    assert wire.schedule_from_json({**keys, "id": "s"}).id == "s"


@given(st.dictionaries(st.sampled_from(
    ["audienceId", "name", "description", "metrics", "expression", "lifecycle", "type",
     "creationTime", "schema", "sandbox", "namespace"]), json_values))  # fmt: skip
def test_no_value_of_any_key_makes_an_audience_unreadable(keys):
    assert wire.audience_from_json({**keys, "id": "a"}).id == "a"


@given(st.integers(100, 599), st.text(characters) | json_values.map(json.dumps))
def test_any_answer_becomes_an_error_with_a_message(status, text):
    assert wire.error_from_response(status, text, {}).message
