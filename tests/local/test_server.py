"""The pieces around the application, each by itself: gateway, sandboxes, faults."""

from __future__ import annotations

import json
from collections import Counter

import httpx
import pytest
from werkzeug.wrappers import Response

from segtoolkit import wire
from segtoolkit.errors import ConfigError
from segtoolkit.local.server import (
    Credentials,
    Dropped,
    Faults,
    Gateway,
    Sandboxes,
    is_loopback,
    read_faults,
)
from segtoolkit.local.server.sandboxes import MOST
from tests.local.sample_service import IN_US, wanted

CREDENTIALS = Credentials(token="t0ken", client_id="me", client_secret="s3cret")
HEADERS = {
    "Authorization": "Bearer t0ken",
    wire.API_KEY_HEADER: "me",
    wire.ORGANISATION_HEADER: "O@AdobeOrg",
    wire.SANDBOX_HEADER: "prod",
}
FORM = {
    "grant_type": "client_credentials",
    "client_id": "me",
    "client_secret": "s3cret",
    "scope": "openid,AdobeID",
}


def client_of(app, **headers):
    transport = httpx.WSGITransport(app=app)
    return httpx.Client(
        transport=transport, base_url="http://server", headers={**HEADERS, **headers}
    )


def inside(environ, start_response):
    return Response("inside")(environ, start_response)


# The gateway


@pytest.mark.parametrize(
    ("changed", "status", "code", "remedy"),
    [
        ({"Authorization": ""}, 401, "403010", "send Authorization"),
        ({"Authorization": "t0ken"}, 401, "403010", "send Authorization"),
        ({"Authorization": "Basic t0ken"}, 401, "403010", "send Authorization"),
        ({"Authorization": "Bearer other"}, 401, "401013", "not the one of this server"),
        ({wire.API_KEY_HEADER: ""}, 403, "403000", "send x-api-key"),
        ({wire.API_KEY_HEADER: "you"}, 403, "403003", "client's id"),
        ({wire.ORGANISATION_HEADER: ""}, 400, "400003", "send x-gw-ims-org-id"),
        ({wire.SANDBOX_HEADER: " "}, 400, "400003", "send x-sandbox-name"),
    ],
)
def test_strangers_get_the_published_refusal(changed, status, code, remedy):
    sent = {**HEADERS, **changed}
    raw = {name: value.encode("latin-1") for name, value in sent.items() if value}
    with client_of(Gateway(inside, CREDENTIALS)) as client:
        client.headers.clear()
        answer = client.get(f"{wire.BASE_PATH}/segment/jobs", headers=raw)
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert list(answer.json()) == ["error_code", "message"]
    (told,) = wire.warnings_from_headers(answer.headers)
    assert remedy in told


@pytest.mark.parametrize("word", ["Bearer", "bearer", "BEARER"])
def test_who_brings_all_of_it_comes_in(word):
    with client_of(Gateway(inside, CREDENTIALS), Authorization=f"{word} t0ken") as client:
        assert client.get("/anything").text == "inside"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer other"}])
def test_every_answer_tells_the_id_of_its_request(headers):
    with client_of(Gateway(inside, CREDENTIALS), **headers) as client:
        given = client.get("/anything", headers={wire.REQUEST_ID_HEADER: "mine"})
        made = [client.get("/anything").headers[wire.REQUEST_ID_HEADER] for _ in "ab"]
    assert given.headers[wire.REQUEST_ID_HEADER] == "mine"
    assert len({*made}) == 2


def test_a_job_has_the_id_that_the_answer_to_its_request_tells(sandboxes):
    sandboxes.first.create_definition(wanted("all", "true"))
    with client_of(Gateway(sandboxes, CREDENTIALS)) as client:
        answer = client.post(
            f"{wire.BASE_PATH}{wire.JOBS}", json=wire.job_request_to_json(["all"])
        )
    assert answer.json()["requestId"] == answer.headers[wire.REQUEST_ID_HEADER]


def test_without_a_client_any_key_will_do():
    with client_of(
        Gateway(inside, Credentials(token="t0ken")), **{wire.API_KEY_HEADER: "x"}
    ) as client:
        assert client.get("/anything").text == "inside"


def test_a_client_gets_the_token_for_its_id_and_secret():
    with client_of(Gateway(inside, CREDENTIALS)) as client:
        client.headers.clear()
        answer = client.post(wire.TOKEN_PATH, data=FORM)
    assert answer.json() == {
        "access_token": "t0ken",
        "token_type": "bearer",
        "expires_in": 86399,
    }
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("credentials", "changed", "status", "error"),
    [
        (CREDENTIALS, {"client_secret": "other"}, 401, "invalid_client"),
        (CREDENTIALS, {"client_id": "other"}, 401, "invalid_client"),
        (CREDENTIALS, {"client_id": ""}, 401, "invalid_client"),
        (CREDENTIALS, {"client_secret": "ö"}, 401, "invalid_client"),
        (Credentials(token="t0ken"), {}, 401, "invalid_client"),
        (CREDENTIALS, {"grant_type": "password"}, 400, "unsupported_grant_type"),
        (CREDENTIALS, {"scope": "x" * 20_000}, 413, "invalid_request"),
    ],
)
def test_nobody_else_gets_a_token(credentials, changed, status, error):
    with client_of(Gateway(inside, credentials)) as client:
        answer = client.post(wire.TOKEN_PATH, data={**FORM, **changed})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert "t0ken" not in answer.text


def test_a_token_is_posted_for():
    with client_of(Gateway(inside, CREDENTIALS)) as client:
        answer = client.get(wire.TOKEN_PATH, params=FORM)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_every_server_that_is_given_no_token_has_another_one():
    assert Credentials().token != Credentials().token


@pytest.mark.parametrize("given", ["", "t0ke", "t0kenn", "T0KEN", "ö", "漢字"])
def test_no_other_token_is_the_token(given):
    assert CREDENTIALS.has_token("t0ken")
    assert not CREDENTIALS.has_token(given)


def test_credentials_do_not_show_in_their_repr():
    assert "t0ken" not in repr(CREDENTIALS)
    assert "s3cret" not in repr(CREDENTIALS)


def test_the_description_is_there_for_everybody():
    with client_of(Gateway(inside, CREDENTIALS)) as client:
        client.headers.clear()
        described = client.get("/openapi.json").json()
        assert client.delete("/openapi.json").status_code == 405
    assert described["servers"] == [{"url": "http://server"}]
    assert f"{wire.BASE_PATH}/segment/jobs" in described["paths"]


# Sandboxes


@pytest.fixture
def sandboxes(tmp_path):
    opened = Sandboxes("prod", tmp_path / "people.duckdb")
    yield opened
    opened.close()


def test_sandboxes_know_nothing_of_each_other(sandboxes):
    body = wire.definition_request_to_json(wanted("all", "true"))
    path = f"{wire.BASE_PATH}{wire.definition_path('all')}"
    with client_of(sandboxes) as client:
        made = client.post(f"{wire.BASE_PATH}{wire.DEFINITIONS}", json=body)
        elsewhere = client.get(path, headers={wire.SANDBOX_HEADER: "dev-2"})
        here = client.get(path)
    assert made.json()["sandbox"]["sandboxName"] == "prod"
    assert (here.status_code, elsewhere.status_code) == (200, 404)


def test_each_sandbox_has_a_file_of_its_own(sandboxes, tmp_path):
    with client_of(sandboxes, **{wire.SANDBOX_HEADER: "dev"}) as client:
        client.get(f"{wire.BASE_PATH}{wire.JOBS}")
    files = {path.name for path in tmp_path.glob("*.duckdb")}
    assert files == {"people.duckdb", "people.dev.duckdb"}


@pytest.mark.parametrize("name", ["Prod", "a/b", "../up", "-x", "a b", "x" * 300])
def test_a_name_that_no_sandbox_can_have_is_refused(sandboxes, tmp_path, name):
    with client_of(sandboxes, **{wire.SANDBOX_HEADER: name}) as client:
        answer = client.get(f"{wire.BASE_PATH}{wire.JOBS}")
    assert answer.status_code == 400
    assert "no name of a sandbox" in answer.json()["title"]
    assert len([*tmp_path.glob("*.duckdb")]) == 1


def test_there_is_an_end_to_new_sandboxes():
    sandboxes = Sandboxes("prod")
    with client_of(sandboxes) as client:
        codes = [
            client.get(
                f"{wire.BASE_PATH}{wire.JOBS}", headers={wire.SANDBOX_HEADER: f"s{number}"}
            ).status_code
            for number in range(MOST)
        ]
        first = client.get(f"{wire.BASE_PATH}{wire.JOBS}").status_code
    sandboxes.close()
    assert codes == [200] * (MOST - 1) + [400]
    assert first == 200


def test_a_store_that_cannot_be_opened_is_a_503(sandboxes, tmp_path):
    (tmp_path / "people.dev.duckdb").write_text("no database")
    with client_of(sandboxes, **{wire.SANDBOX_HEADER: "dev"}) as client:
        answer = client.get(f"{wire.BASE_PATH}{wire.JOBS}")
    assert answer.status_code == 503
    assert "not a DuckDB file" in answer.json()["title"]


def test_exports_of_each_sandbox_are_in_a_folder_of_its_own(tmp_path):
    sandboxes = Sandboxes("prod", export_folder=tmp_path)
    request = wire.export_request_to_json(wire.ExportRequest(dataset_id="d"))
    path = f"{wire.BASE_PATH}{wire.EXPORTS}"
    people = [{"_id": "ann", "country": "US"}]
    sandboxes.first.load(people, kind="profiles")
    with client_of(sandboxes) as client:
        client.post(path, json=request)
        while client.get(f"{path}/1").json()["status"] in {"NEW", "PROCESSING"}:
            pass
    sandboxes.close()
    assert [*tmp_path.glob("prod/d/*/profiles.parquet")]


def test_a_body_that_is_too_long_is_refused_in_the_envelope(sandboxes):
    body = wire.definition_request_to_json(wanted("big", IN_US))
    body["description"] = "x" * 9_000_000
    with client_of(sandboxes) as client:
        answer = client.post(f"{wire.BASE_PATH}{wire.DEFINITIONS}", json=body)
    assert answer.status_code == answer.json()["status"] == 413


# Faults


class Counted:
    """An application that knows how often it was called."""

    calls = 0

    def __call__(self, environ, start_response):
        self.calls += 1
        return inside(environ, start_response)


def outcomes(shares, seed, calls=300):
    slept = []
    app = Counted()
    faults = Faults(app, shares, seed, slept.append)
    seen = []
    with client_of(faults) as client:
        for _ in range(calls):
            before = len(slept)
            try:
                answer = client.get("/")
            except Dropped:
                seen.append("reset")
            else:
                late = len(slept) > before
                seen.append("slow" if late else str(answer.status_code))
    return seen, app.calls


SHARES = {"503": 0.2, "429": 0.1, "reset": 0.2, "slow": 0.1}


def test_the_same_seed_gives_the_same_faults():
    first, second, other = (outcomes(SHARES, seed)[0] for seed in (7, 7, 8))
    assert first == second != other


def test_faults_come_about_as_often_as_asked():
    counted = Counter(outcomes(SHARES, 7, calls=2000)[0])
    assert set(counted) == {"200", *SHARES}
    for kind, share in SHARES.items():
        assert abs(counted[kind] / 2000 - share) < 0.03


def test_of_calls_without_an_answer_some_are_carried_out():
    seen, carried_out = outcomes({"reset": 1.0}, 7)
    assert set(seen) == {"reset"}
    assert 100 < carried_out < 200


def test_refusals_do_nothing_and_have_the_published_envelopes():
    app = Counted()
    with client_of(Faults(app, {"429": 0.5, "503": 0.5}, 1)) as client:
        bodies = {json.dumps(sorted(client.get("/").json())) for _ in range(20)}
    assert app.calls == 0
    assert bodies == {
        json.dumps(["error_code", "message"]),
        json.dumps(["errors", "status", "title", "type"]),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("503", "'503' is no fault and its share"),
        ("503:often", "is no fault and its share"),
        ("200:0.1", "is no fault and its share"),
        ("5030:0.1", "is no fault and its share"),
        ("reset:1.5", "is no fault and its share"),
        ("reset:nan", "is no fault and its share"),
        ("late:0.1", "is no fault and its share"),
        ("503:0.6,reset:0.6", "more faults than there are calls"),
    ],
)
def test_faults_that_make_no_sense_are_refused(text, message):
    with pytest.raises(ConfigError, match=message):
        read_faults(text)


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.7", False),
        ("example.com", False),
    ],
)
def test_only_addresses_of_this_machine_are_its_own(host, is_own):
    assert is_loopback(host) is is_own
