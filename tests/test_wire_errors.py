"""Error answers: every envelope becomes the right exception with its parts as attributes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from segtoolkit import errors, wire


def read(status: int, body: Any = "", **headers: str) -> errors.APIError:
    text = body if isinstance(body, str) else json.dumps(body)
    return wire.error_from_response(
        status, text, {k.replace("_", "-"): v for k, v in headers.items()}
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest),
        (401, errors.Unauthenticated),
        (403, errors.PermissionDenied),
        (404, errors.NotFound),
        (405, errors.BadRequest),
        (409, errors.Conflict),
        (410, errors.NotFound),
        (415, errors.BadRequest),
        (418, errors.BadRequest),
        (422, errors.BadRequest),
        (429, errors.RateLimited),
        (500, errors.ServerError),
        (503, errors.ServerError),
        (599, errors.ServerError),
        (302, errors.APIError),
    ],
)
def test_the_http_status_chooses_the_exception(status, kind):
    error = read(status, {"status": 500, "message": "no"})
    assert (type(error), error.status_code) == (kind, status)


UPS = {
    "requestId": "r1",
    "errors": {"404": [{"code": 404, "message": "no such job"}]},
    "type": "https://ns.adobe.com/aep/errors/UPAPI-113430-404",
    "title": "short",
    "status": 404,
}


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (UPS, "no such job", "UPAPI-113430-404"),
        (UPS | {"errors": {"404": [{"code": "X-1", "message": "no"}]}}, "no", "X-1"),
        (UPS | {"errors": {"500": [{"code": 500, "message": "no"}]}}, "no", "500"),
        ({"errors": {"404": [{"message": "no"}], "type": "e/UPAPI-1-404"}}, "no", "UPAPI-1-404"),
        ({"errors": {"404": [{"message": "a"}, {"message": "b"}, {"message": "a"}]}}, "a; b", None),
        ({"errors": {"404": [{"message": '{"title": "denied"}'}]}}, "denied", None),
        ({"errors": [{"code": "E7", "msg": "broke", "callStack": "…"}]}, "broke", "E7"),
        ({"errors": "broke"}, "broke", None),
        ({"error_code": "401013", "message": "bad token"}, "bad token", "401013"),
        ({"type": "/uri", "status": 404, "title": "T", "detail": "D"}, "D", None),
        ({"type": "about:blank", "title": "T"}, "T", None),
        ({"message": "M", "cause": "C", "statusCode": "404"}, "M", None),
        ([{"message": "M", "statusCode": "404"}], "M", None),
        ({"error": "INVALID", "title": "T", "report": {"message": "R"}}, "R", "INVALID"),
        ({"error": "invalid_scope", "error_description": "D"}, "D", "invalid_scope"),
        ("no route", "Not Found: no route", None),
        ('"no route"', "no route", None),
        ("<html><title>404 \n Gone &amp; lost</title>", "404 Gone & lost, and the answer is an HTML page", None),
        ("<html></html>", "Not Found, and the answer is an HTML page", None),
        ("", "Not Found, and the answer is empty", None),
        ("  ", "Not Found, and the answer is empty", None),
        ([], "Not Found: []", None),
        ("{broken", "Not Found: {broken", None),
    ],
)  # fmt: skip
def test_message_and_code_are_found_in_every_envelope(body, message, code):
    error = read(404, body)
    assert (error.message, error.code) == (message, code)


def test_an_unknown_status_has_a_message_too():
    assert read(499).message == "HTTP 499, and the answer is empty"


def test_the_answer_is_kept_as_it_came():
    assert read(502, "<html>bad</html>").body == "<html>bad</html>"


@pytest.mark.parametrize(
    ("body", "headers", "request_id"),
    [
        ({"requestId": "b"}, {"X_Request_Id": "h"}, "b"),
        ({}, {"X_Request_Id": "h"}, "h"),
        ("", {}, None),
    ],
)
def test_the_request_id_comes_from_the_body_or_the_headers(body, headers, request_id):
    assert read(500, body, **headers).request_id == request_id


NOON = "Fri, 08 Nov 2019 12:00:00 GMT"


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        ("", {"Retry_After": "7"}, 7.0),
        ("", {"retry_after": "0.5"}, 0.5),
        ("", {"Retry_After": "-3"}, 0.0),
        ("", {"Retry_After": "Fri, 08 Nov 2019 12:01:30 GMT", "Date": NOON}, 90.0),
        ("", {"Retry_After": "Fri, 08 Nov 2019 11:00:00 GMT", "Date": NOON}, 0.0),
        ("", {"Retry_After": "Fri, 08 Nov 2019 12:01:30 GMT"}, None),
        ("", {"Retry_After": "soon", "Date": NOON}, None),
        ([{"retryAfterMs": "500", "statusCode": "429"}], {}, 0.5),
        ({"retryAfterMs": 500}, {"Retry_After": "7"}, 7.0),
        ({"message": "no"}, {}, None),
    ],
)
def test_the_wait_that_is_asked_for_comes_in_seconds(body, headers, seconds):
    assert read(429, body, **headers).retry_after == seconds


def test_our_own_envelope_has_the_published_keys():
    assert wire.error_to_json(
        404, "no such job\nlook", code="UPAPI-1-404", request_id="r"
    ) == {
        "requestId": "r",
        "errors": {"404": [{"code": "UPAPI-1-404", "message": "no such job\nlook"}]},
        "type": "https://ns.adobe.com/aep/errors/UPAPI-1-404",
        "title": "no such job",
        "status": 404,
    }


@pytest.mark.parametrize("code", ["UPAPI-1-400", None])
@pytest.mark.parametrize("request_id", ["r", None])
def test_our_own_envelope_is_read_back(code, request_id):
    body = wire.error_to_json(400, "no\n  ^ here", code=code, request_id=request_id)
    error = read(400, body)
    assert type(error) is errors.BadRequest
    assert (error.message, error.code, error.request_id) == (
        "no\n  ^ here",
        code,
        request_id,
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"error_code": "401013", "message": "no"}, 401),
        ({"error_code": "403010", "message": "no"}, 401),
        ({"error_code": "403025", "message": "no"}, 403),
        (UPS, 404),
        ({"type": "/uri", "status": 400, "title": "T"}, 400),
        ({"message": "M", "statusCode": "422"}, 422),
        ([{"message": "M", "statusCode": "429"}], 429),
    ],
)
def test_error_inside_of_a_success_has_the_status_it_names(body, status):
    error = wire.error_in_body(body, json.dumps(body), {"X-Request-Id": "h"})
    assert error is not None
    assert error.status_code == status
    assert error.request_id in {"h", "r1"}


@pytest.mark.parametrize(
    "body",
    [
        {"id": "j", "status": "FAILED", "errors": [{"code": "500", "msg": "broke"}]},
        {"id": "j", "status": "FAILED", "errors": "broke"},
        {"state": "RUNNING", "error": {"description": "", "traceback": ""}},
        {"results": {"j": {"errors": {"404": [{"code": 404, "message": "no"}]}}}},
        {"status": True, "message": "marked"},
        {"code": "200", "message": "deleted"},
        {"errors": {}},
        [],
        "text",
        None,
    ],
)
def test_success_that_tells_of_errors_is_none(body):
    assert wire.error_in_body(body, "", {}) is None


@pytest.mark.parametrize(
    ("code", "status", "remedy"),
    [
        ("403003", 403, "api_key"),
        ("invalid_scope", 400, "scopes"),
        (None, 401, "token"),
        (None, 403, "sandbox"),
        ("UPAPI-1-403", 403, "sandbox"),
    ],
)
def test_remedy_is_of_the_code_or_else_of_the_status(code, status, remedy):
    error = read(status, {"error_code": code, "message": "no"})
    assert remedy in error.remedy
    assert str(error).startswith(f"no; {error.remedy} [HTTP {status}")


def test_no_remedy_is_made_up():
    error = read(404, UPS)
    assert error.remedy is None
    assert str(error) == "no such job [HTTP 404, code UPAPI-113430-404, request r1]"


@pytest.mark.parametrize(
    ("expires_in", "lifetime_s"),
    [
        (86_399, 86_399),
        ("86399", 86_399),
        (86_399_992, 86_399.992),
        (1_000_000, 1_000_000),
        (None, None),
        ("soon", None),
    ],
)
def test_life_of_a_token_is_in_seconds(expires_in, lifetime_s):
    token = wire.token_from_json({"access_token": "a", "expires_in": expires_in})
    assert (token.value, token.lifetime_s) == ("a", lifetime_s)
    assert "'a'" not in repr(token)


@pytest.mark.parametrize(
    "body", [{}, {"access_token": ""}, {"error": "invalid_client"}, []]
)
def test_answer_without_a_token_is_unreadable(body):
    with pytest.raises(ValueError, match="token"):
        wire.token_from_json(body)
