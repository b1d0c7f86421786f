"""Paths, times and requests: what the two sides agree on before there is an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from segtoolkit import wire
from segtoolkit.models import Expression

MORNING = datetime(2019, 11, 8, 9, 0, tzinfo=UTC)
MORNING_S = 1573203600


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (wire.job_path("468eeefd-95a2"), "/segment/jobs/468eeefd-95a2"),
        (wire.definition_path("a/b?c#d"), "/segment/definitions/a%2Fb%3Fc%23d"),
        (wire.estimate_path("MDph+cHA/="), "/estimate/MDph%2BcHA%2F%3D"),
    ],
)
def test_ids_are_percent_encoded_in_paths(path, expected):
    assert path == expected


@pytest.mark.parametrize("identifier", ["", ".", ".."])
def test_a_path_never_shrinks_to_its_collection(identifier):
    with pytest.raises(ValueError, match="is not an id"):
        wire.job_path(identifier)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (MORNING_S, MORNING),
        (MORNING_S * 1000, MORNING),
        (MORNING_S * 1000 + 535, MORNING + timedelta(milliseconds=535)),
        (MORNING_S * 1_000_000, MORNING),
        (float(MORNING_S), MORNING),
        (str(MORNING_S * 1000), MORNING),
        ("2019-11-08T09:00:00Z", MORNING),
        ("2019-11-08T10:00:00.000+01:00", MORNING),
        ("2019-11-08T09:00:00", MORNING),
        (0, None),
        (None, None),
        ("", None),
        ("yesterday", None),
        (True, None),
        (float("nan"), None),
        (10**40, None),
        ({}, None),
    ],
)
def test_a_time_is_read_in_any_unit_and_unknown_is_none(value, expected):
    assert wire.epoch_to_datetime(value) == expected


def test_a_time_is_written_in_ms_whatever_its_zone():
    east = timezone(timedelta(hours=2))
    assert wire.datetime_to_ms(MORNING.astimezone(east)) == MORNING_S * 1000


def test_a_naive_time_is_refused():
    with pytest.raises(TypeError):
        wire.datetime_to_ms(datetime(2019, 11, 8))  # noqa: DTZ001


def test_a_job_is_requested_by_an_array_of_segment_ids():
    body = wire.job_request_to_json(["a", "b"])
    assert body == [{"segmentId": "a"}, {"segmentId": "b"}]
    assert wire.job_request_from_json(body) == ("a", "b")


def test_the_historic_request_for_all_segments_is_read():
    body = {"schema": {"name": "_xdm.context.profile"}, "segments": [{"segmentId": "*"}]}
    assert wire.job_request_from_json(body) == ("*",)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ([], "at least one"),
        ({}, "array, not null"),
        ("a", "array, not a string"),
        (["a"], "object, not a string"),
        ([{"audienceId": "a"}], "no 'segmentId'"),
    ],
)
def test_a_wrong_job_request_is_refused_with_a_sentence(body, complaint):
    with pytest.raises(ValueError, match=complaint):
        wire.job_request_from_json(body)


@pytest.mark.parametrize("number", [0, 101])
def test_a_bulk_request_of_none_or_too_many_ids_is_refused_as_the_service_does(number):
    body = wire.bulk_request_to_json(map(str, range(number)))
    with pytest.raises(ValueError, match=r"^The number of requested IDs is invalid\."):
        wire.bulk_request_from_json(body)


@pytest.mark.parametrize("number", [1, 100])
def test_a_bulk_request_keeps_the_order_of_its_ids(number):
    ids = tuple(map(str, range(number)))
    assert wire.bulk_request_from_json(wire.bulk_request_to_json(ids)) == ids


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (["a"], "object, not an array"),
        ({"ids": "a"}, "'ids'"),
        ({"ids": ["a"]}, "each entry"),
    ],
)
def test_a_wrong_bulk_request_is_refused_with_a_sentence(body, complaint):
    with pytest.raises(ValueError, match=complaint):
        wire.bulk_request_from_json(body)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"expression": {"value": "a = 1"}}, "'name'"),
        ({"name": "n"}, "'expression'"),
        ({"name": "n", "expression": {"type": "PQL"}}, "'expression.value'"),
        ([], "object, not an array"),
    ],
)
def test_an_incomplete_definition_request_names_the_key(body, complaint):
    with pytest.raises(ValueError, match=complaint):
        wire.definition_request_from_json(body)


def test_a_definition_is_requested_for_profiles_unless_told_otherwise():
    request = wire.DefinitionRequest(name="n", expression=Expression(value="a = 1"))
    assert wire.definition_request_to_json(request)["schema"] == {
        "name": "_xdm.context.profile"
    }


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "'predicateExpression'"),
        ({"predicateExpression": " "}, "'predicateExpression'"),
        ({"predicateExpression": "{}", "predicateType": "pql/json"}, "'pql/text' only"),
    ],
)
def test_a_wrong_preview_request_is_refused_with_a_sentence(body, complaint):
    with pytest.raises(ValueError, match=complaint):
        wire.preview_request_from_json(body)
