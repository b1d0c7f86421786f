"""Definitions, estimates, listings and bulk answers: tolerant in, canonical out."""

from __future__ import annotations

import pytest

from segtoolkit import errors, wire
from segtoolkit.models import Estimate, Expression, JobRecord, JobStatus


@pytest.mark.parametrize(
    ("keys", "expression"),
    [
        ({"expression": "a = 1", "type": "pql"}, Expression(value="a = 1")),
        ({"expression": {"value": "a = 1"}}, Expression(value="a = 1")),
        (
            {"expression": {"format": "pql/json", "value": {"nodeType": "literal"}}},
            Expression(value='{"nodeType":"literal"}', format="pql/json"),
        ),
        ({}, Expression(value="")),
    ],
)
def test_an_expression_is_read_in_any_shape(keys, expression):
    assert wire.definition_from_json({"id": 1234} | keys).expression == expression


def test_a_blank_description_is_not_an_unknown_one():
    read = [
        wire.definition_from_json({"id": "d"} | keys) for keys in ({"description": ""}, {})
    ]
    assert [d.description for d in read] == ["", None]


def test_standard_namespaces_are_numbers_on_the_wire_and_codes_here():
    estimate = Estimate(
        size=1, by_namespace={"ECID": 1, "Email": 2, "Phone": 3, "AAID": 4, "x": 5}
    )
    written = wire.estimate_to_json(estimate)
    numbers = [entry["namespaceId"] for entry in written["estimatedNamespaceDistribution"]]
    assert numbers == ["4", "6", "7", "10", "x"]
    assert wire.estimate_from_json(written) == estimate


@pytest.mark.parametrize(
    ("error", "read"),
    [
        ({"description": "", "traceback": ""}, None),
        ({"description": "no sample"}, "no sample"),
        ({"description": "", "traceback": "at…"}, "at…"),
        ("no sample", "no sample"),
        (None, None),
    ],
)
def test_an_error_object_of_an_estimate_is_an_error_only_if_it_says_something(error, read):
    assert wire.estimate_from_json({"state": "RUNNING", "error": error}).error == read


@pytest.mark.parametrize(
    ("came", "read"),
    [
        ("running", "RUNNING"),
        ("ERROR", "FAILED"),
        ("Cancelled", "FAILED"),
        ("PAUSED", "PAUSED"),
    ],
)
def test_undocumented_ends_of_an_estimate_read_failed(came, read):
    assert wire.estimate_from_json({"state": came}).state == read


def test_the_size_of_an_unfinished_estimate_is_unknown():
    assert wire.estimate_from_json({"state": "NEW"}).size is None


@pytest.mark.parametrize(
    "read", [wire.estimate_from_json, wire.preview_from_json, wire.bulk_from_json]
)
def test_an_answer_that_says_nothing_is_unreadable(read):
    with pytest.raises(ValueError, match="has no"):
        read({"message": "hello"})


@pytest.mark.parametrize(
    ("about", "links", "query"),
    [
        ({}, {"next": {}}, None),
        ({}, {"next": None}, None),
        ({}, {"next": ""}, None),
        ({}, {"next": {"href": ""}}, None),
        ({}, {}, None),
        ({}, {"href": "/segment/jobs?start=1"}, None),
        (
            {},
            {"next": {"href": "@/segment/jobs?start=K1%3D&limit=2"}},
            "start=K1%3D&limit=2",
        ),
        ({}, {"next": "/segment/jobs/?limit=2&start=9"}, "limit=2&start=9"),
        ({"next": 1}, {"next": {"href": "@/j?start=1&limit=2"}}, "start=1&limit=2"),
        ({"next": 1}, {}, "start=1"),
        ({"next": "a+b="}, {"next": {}}, "start=a%2Bb%3D"),
        ({"next": 0}, {}, None),
        ({"next": ""}, {}, None),
    ],
)
def test_the_next_page_is_found_in_the_link_or_beside_it(about, links, query):
    body = {"_page": {"totalCount": 3} | about, "children": [], "_links": links}
    assert wire.jobs_page_from_json(body) == wire.Page(items=(), next_query=query, total=3)


@pytest.mark.parametrize(
    "body",
    [
        {"children": [{"id": "j"}]},
        {"children": {"id": "j"}},
        {"_pages": {"pageSize": 1}, "children": [{"id": "j"}]},
        [{"id": "j"}],
    ],
)
def test_a_listing_is_read_in_any_envelope(body):
    assert [j.id for j in wire.jobs_page_from_json(body).items] == ["j"]


def test_the_next_page_is_written_below_next_and_as_a_start():
    page = wire.Page(items=(), next_query="start=20&limit=20", total=41)
    assert wire.jobs_page_to_json(page, limit=20, start=0) == {
        "_page": {"totalCount": 41, "pageSize": 0, "next": "20", "limit": 20, "start": 0},
        "children": [],
        "_links": {"next": {"href": "@/segment/jobs?start=20&limit=20"}},
    }


def test_a_last_page_has_an_empty_next_link():
    assert wire.jobs_page_to_json(wire.Page(items=()), limit=9, start=0)["_links"] == {
        "next": {}
    }


@pytest.mark.parametrize("body", [{"message": "hello"}, None, "children"])
def test_what_is_no_listing_is_unreadable(body):
    with pytest.raises(ValueError, match="listing"):
        wire.jobs_page_from_json(body)


def test_an_entry_that_is_an_error_stands_beside_the_jobs():
    missing = {
        "requestId": "r",
        "errors": {"404": [{"code": 404, "message": "Not found."}]},
    }
    found = wire.bulk_from_json(
        {"results": {"a,": {"status": "NEW"}, "b": missing, "c": None}}
    )
    assert found["a"] == JobRecord(id="a", status=JobStatus.NEW)
    assert [type(found[key]) for key in "bc"] == [errors.NotFound, errors.NotFound]
    assert (str(found["b"]), vars(found["b"])["request_id"]) == (
        "Not found. [HTTP 404, request r]",
        "r",
    )


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"errors": {"403": [{"message": "no"}]}}, errors.PermissionDenied),
        ({"status": 500, "title": "no"}, errors.ServerError),
        ({"statusCode": "422", "message": "no"}, errors.BadRequest),
    ],
)
def test_the_status_of_an_entry_is_taken_from_its_body(entry, kind):
    (error,) = wire.bulk_from_json({"results": {"a": entry}}).values()
    assert (type(error), vars(error)["message"]) == (kind, "no")
