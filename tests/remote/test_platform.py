"""The remote road over a real socket: what is sent, and what every answer becomes."""

from __future__ import annotations

import re
import ssl
import time
from uuid import UUID

import pytest
import trustme

from segtoolkit import errors, wire
from tests.fakes import record
from tests.remote.conftest import CANARY_TOKEN, ORG
from tests.remote.server import Platform, Reply, served

JOB = wire.job_to_json(record("job-1", "SUCCEEDED"))
GET_JOB = "GET /segment/jobs/job-1"


def test_every_request_bears_what_the_gateway_asks_for(platform, connected):
    platform.script[GET_JOB] = Reply(body=JOB)

    connected(sandbox="dev").get("job-1")

    sent = platform.seen[0].headers
    assert {name: sent[name] for name in ("authorization", "accept")} == {
        "authorization": f"Bearer {CANARY_TOKEN}",
        "accept": "application/json",
    }
    assert [sent[f"x-{name}"] for name in ("api-key", "gw-ims-org-id", "sandbox-name")] == [
        "key",
        ORG,
        "dev",
    ]
    assert re.fullmatch(r"segtoolkit/\d.*", sent["user-agent"])


def test_every_request_has_an_id_of_its_own(platform, connected):
    platform.script[GET_JOB] = Reply(body=JOB)
    client = connected()

    client.get("job-1")
    client.get("job-1")

    ids = [UUID(seen.headers["x-request-id"]) for seen in platform.seen]
    assert len(set(ids)) == 2


def test_a_repeated_request_keeps_its_id(platform, connected):
    platform.script[GET_JOB] = [Reply(503), Reply(body=JOB)]

    connected().get("job-1")

    ids = [seen.headers["x-request-id"] for seen in platform.seen]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_job_knows_the_id_it_was_submitted_with_where_the_service_does_not_tell(
    platform, connected
):
    silent = {key: value for key, value in JOB.items() if key != "requestId"}
    platform.script["POST /segment/jobs"] = Reply(body=silent)

    job = connected().submit("gold")

    assert job.request_id == platform.seen[0].headers["x-request-id"]


def test_connections_are_reused(platform, connected):
    platform.script[GET_JOB] = Reply(body=JOB)
    client = connected()

    for _ in range(5):
        client.get("job-1")

    assert len({seen.connection for seen in platform.seen}) == 1


@pytest.mark.parametrize("job_id", ["a/b c", "ünter", "a?b#c", "a%2Fb"])
def test_ids_arrive_as_they_are(platform, connected, job_id):
    path = wire.job_path(job_id)
    platform.script[f"GET {path}"] = Reply(body=JOB | {"id": job_id})

    assert connected().get(job_id).id == job_id


def test_base_address_may_have_the_path_of_the_service(platform, connected):
    platform.script[GET_JOB] = Reply(body=JOB)

    connected(base_url=platform.address + "/data/core/ups/").get("job-1")

    assert platform.seen[0].path == "/data/core/ups/segment/jobs/job-1"


GATEWAY = {
    "token": (401, "401013", errors.Unauthenticated, "client_secret"),
    "no token": (401, "403010", errors.Unauthenticated, "client_secret"),
    "no key": (403, "403000", errors.PermissionDenied, "api_key"),
    "key": (403, "403003", errors.PermissionDenied, "api_key"),
    "org or sandbox": (403, "403025", errors.PermissionDenied, "look at org and sandbox"),
    "header": (400, "400003", errors.BadRequest, "sandbox"),
}


@pytest.mark.parametrize("name", GATEWAY)
def test_refusal_of_the_gateway_has_class_code_request_and_remedy(
    platform, connected, name
):
    status, code, kind, remedy = GATEWAY[name]
    platform.script[GET_JOB] = Reply(status, {"error_code": code, "message": "no"})

    with pytest.raises(errors.APIError) as caught:
        connected().get("job-1")

    error = caught.value
    assert type(error) is kind
    assert (error.status_code, error.code, error.message) == (status, code, "no")
    assert error.request_id == platform.seen[0].headers["x-request-id"]
    assert remedy in error.remedy
    assert error.remedy in str(error)


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        ({"error_code": "401013", "message": "no"}, errors.Unauthenticated, "401013"),
        ({"error_code": "403010", "message": "no"}, errors.Unauthenticated, "403010"),
        ({"errors": {"404": [{"code": "X-1", "message": "no"}]}}, errors.NotFound, "X-1"),
        ({"status": 503, "title": "no"}, errors.ServerError, None),
        ([{"message": "no", "statusCode": "429"}], errors.RateLimited, None),
    ],
)
def test_success_with_an_error_inside_is_that_error(platform, connected, body, kind, code):
    platform.script[GET_JOB] = Reply(200, body)

    with pytest.raises(errors.APIError) as caught:
        connected().get("job-1")

    assert (type(caught.value), caught.value.code) == (kind, code)


def test_listing_with_an_error_inside_is_not_an_empty_one(platform, connected):
    body = {"children": [], "error_code": "403025", "message": "no"}
    platform.script["GET /segment/jobs"] = Reply(200, body)

    with pytest.raises(errors.PermissionDenied):
        list(connected().list())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<html><title>Sign in</title></html>", r"an HTML page \(Sign in\).*base_url"),
        ("", "an empty body"),
        ('{"id": "job-1", "status": "NE', "not the protocol"),
        ("[1, 2]", "not the protocol"),
    ],
)
def test_answer_that_is_not_the_protocol_says_what_it_is(platform, connected, body, said):
    platform.script[GET_JOB] = Reply(200, body)

    with pytest.raises(errors.TransportError, match=said) as caught:
        connected().get("job-1")

    assert caught.value.was_sent is True
    assert caught.value.request_id == platform.seen[0].headers["x-request-id"]


@pytest.mark.parametrize("how", ["reset", "hang", "truncate"])
def test_job_whose_answer_was_lost_is_sent_once_and_marked_as_unsure(
    platform, connected, how
):
    platform.script["POST /segment/jobs"] = Reply(body=JOB, how=how)

    with pytest.raises(errors.SubmitUncertain) as caught:
        connected().submit("gold")

    assert caught.value.__cause__.was_sent is None
    assert len(platform.asked("POST")) == 1


def test_answer_that_takes_too_long_is_a_transport_error(platform, connected):
    slow = Reply(body=JOB, before=lambda: time.sleep(0.3))
    platform.script["POST /segment/jobs"] = slow

    with pytest.raises(errors.SubmitUncertain, match="ReadTimeout") as caught:
        connected(timeout=0.05).submit("gold")

    assert isinstance(caught.value.__cause__, errors.TransportError)
    assert caught.value.__cause__.was_sent is None


def test_nobody_there_means_that_nothing_was_sent(connected, clock):
    with pytest.raises(errors.TransportError, match="ConnectError") as caught:
        connected(base_url="http://127.0.0.1:1").submit("gold")

    assert caught.value.was_sent is False
    assert 30 < clock.elapsed_s < 120


def test_redirect_is_not_followed(platform, connected):
    platform.script[GET_JOB] = Reply(302, headers={"Location": "https://example.com/"})

    with pytest.raises(errors.APIError) as caught:
        connected().get("job-1")

    assert caught.value.status_code == 302


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def secure(authority):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    with served(Platform(script={GET_JOB: Reply(body=JOB)}), tls) as running:
        yield running


def test_certificate_of_a_stranger_is_refused_at_once(secure, connected, clock):
    with pytest.raises(errors.TransportError, match="ca_bundle") as caught:
        connected(base_url=secure.address).get("job-1")

    assert caught.value.was_sent is False
    assert clock.elapsed_s == 0


def test_ca_bundle_adds_roots_to_trust(secure, connected, authority, tmp_path):
    bundle = tmp_path / "company.pem"
    authority.cert_pem.write_to_path(str(bundle))

    client = connected(base_url=secure.address, ca_bundle=bundle)

    assert client.get("job-1").status == "SUCCEEDED"


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_ca_bundle_that_is_none_is_refused(connected, tmp_path, content):
    bundle = tmp_path / "company.pem"
    if content is not None:
        bundle.write_text(content, encoding="utf-8")

    with pytest.raises(errors.ConfigError, match=r"ca_bundle .*company\.pem"):
        connected(ca_bundle=bundle)


@pytest.fixture
def proxied(platform, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, platform.address)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.usefixtures("proxied")
def test_proxy_of_the_environment_is_asked_and_its_refusal_told_apart(platform, connected):
    with pytest.raises(errors.TransportError, match="HTTPS_PROXY") as caught:
        connected(base_url="https://platform.invalid").submit("gold")

    assert caught.value.was_sent is False
    assert [(seen.method, seen.path) for seen in platform.seen] == [
        ("CONNECT", "platform.invalid:443")
    ]


@pytest.mark.usefixtures("proxied")
def test_proxy_is_not_asked_for_this_machine(connected):
    with served(Platform(script={GET_JOB: Reply(body=JOB)})) as other:
        assert connected(base_url=other.address).get("job-1").id == "job-1"


def test_closed_client_says_so(connected):
    client = connected()
    client.close()

    with pytest.raises(errors.ConfigError, match="closed"):
        client.get("job-1")


def test_client_shows_where_it_is_connected(connected):
    assert repr(connected(sandbox="dev")) == "<Client 127.0.0.1, sandbox dev>"
