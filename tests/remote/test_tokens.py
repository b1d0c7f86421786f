"""Tokens: asked for once, renewed early and once for all threads, and once more after a refusal."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from segtoolkit import errors, wire
from tests.fakes import record
from tests.remote.conftest import CANARY_SECRET
from tests.remote.server import Reply, Seen

JOB = wire.job_to_json(record("job-1", "SUCCEEDED"))
GET_JOB = "GET /segment/jobs/job-1"
ASK = f"POST {wire.TOKEN_PATH}"
INVALID = {"error_code": "401013", "message": "Oauth token is not valid"}


class Identity:
    """Gives tokens that are numbered, and forgets all but the newest."""

    def __init__(self, platform, expires_in=86_399):
        self.expires_in = expires_in
        self.given = 0
        self.valid = set()
        platform.script[ASK] = self.give
        platform.script[GET_JOB] = self.guard

    def give(self, seen: Seen) -> Reply:
        self.given += 1
        token = f"token-{self.given:04}"
        self.valid = {token}
        return Reply(body={"access_token": token, "expires_in": self.expires_in})

    def guard(self, seen: Seen) -> Reply:
        return Reply(body=JOB) if seen.token in self.valid else Reply(401, INVALID)


@pytest.fixture
def identity(platform):
    return Identity(platform)


def test_token_is_asked_for_as_a_form(platform, connected, identity):
    connected(credential=True, scopes=["openid", "AdobeID"]).get("job-1")

    sent = platform.token_requests[0]
    assert sent.form == {
        "grant_type": ["client_credentials"],
        "client_id": ["id"],
        "client_secret": [CANARY_SECRET],
        "scope": ["openid,AdobeID"],
    }
    assert sent.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "?" not in sent.path
    assert "authorization" not in sent.headers


def test_nothing_is_asked_for_before_it_is_needed(platform, connected, identity):
    connected(credential=True)

    assert platform.seen == []


def test_token_is_kept(platform, connected, identity):
    client = connected(credential=True)
    for _ in range(3):
        client.get("job-1")

    assert identity.given == 1


def test_key_is_the_client_id_unless_given(platform, connected, identity):
    connected(credential=True).get("job-1")
    connected(credential=True, api_key="other").get("job-1")

    keys = [seen.headers["x-api-key"] for seen in platform.asked("GET")]
    assert keys == ["id", "other"]


@pytest.mark.parametrize(
    ("expires_in", "kept_s", "renewed_s"),
    [
        (86_399, 86_000, 86_200),
        (86_399_000, 86_000, 86_200),
        ("86399", 86_000, 86_200),
        (100, 85, 95),
    ],
)
def test_token_is_renewed_a_little_before_its_end(
    connected, identity, clock, expires_in, kept_s, renewed_s
):
    identity.expires_in = expires_in
    client = connected(credential=True)
    client.get("job-1")

    clock.elapsed_s = kept_s
    client.get("job-1")
    assert identity.given == 1

    clock.elapsed_s = renewed_s
    client.get("job-1")
    assert identity.given == 2


def test_token_of_unknown_life_is_kept_until_it_is_refused(
    platform, connected, identity, clock
):
    identity.expires_in = None
    client = connected(credential=True)
    client.get("job-1")
    clock.elapsed_s = 1e9
    client.get("job-1")
    assert identity.given == 1

    identity.valid = set()
    client.get("job-1")
    assert identity.given == 2


def test_refused_token_is_replaced_once_and_the_job_sent_again(
    platform, connected, identity
):
    refused_once = [Reply(401, INVALID), Reply(body=JOB)]
    platform.script["POST /segment/jobs"] = refused_once

    job = connected(credential=True).submit("gold")

    assert job.id == "job-1"
    tokens = [seen.token for seen in platform.asked("POST", "/segment/jobs")]
    assert tokens == ["token-0001", "token-0002"]


def test_refusing_the_new_token_too_is_final(platform, connected, identity):
    platform.script[GET_JOB] = Reply(401, INVALID)

    with pytest.raises(errors.Unauthenticated) as caught:
        connected(credential=True).get("job-1")

    assert (len(platform.asked("GET")), identity.given) == (2, 2)
    assert caught.value.code == "401013"


def test_threads_share_one_renewal_at_the_start(platform, connected, identity):
    client = connected(credential=True)
    gate = threading.Barrier(8)

    def get(_):
        gate.wait()
        return client.get("job-1").id

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(get, range(8))) == ["job-1"] * 8
    assert identity.given == 1


def test_threads_share_one_renewal_after_refusals(platform, connected, identity):
    client = connected(credential=True)
    client.get("job-1")
    identity.valid = set()
    everybody_was_refused = threading.Barrier(8)

    def guard(seen: Seen) -> Reply:
        if seen.token == "token-0001":
            return Reply(401, INVALID, before=everybody_was_refused.wait)
        return identity.guard(seen)

    platform.script[GET_JOB] = guard
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: client.get("job-1").id, range(8)))

    assert found == ["job-1"] * 8
    assert identity.given == 2


def test_early_renewal_that_fails_goes_on_with_the_old_token(
    platform, connected, identity, clock
):
    client = connected(credential=True)
    client.get("job-1")
    platform.script[ASK] = Reply(503)

    clock.elapsed_s = 86_200
    assert client.get("job-1").id == "job-1"
    assert client.get("job-1").id == "job-1"
    assert len(platform.token_requests) == 2
    assert clock.elapsed_s == 86_200

    clock.elapsed_s = 86_400
    with pytest.raises(errors.TransportError, match="no token"):
        client.get("job-1")


REFUSALS = {
    "secret": (400, {"error": "invalid_client", "error_description": "no"}, "secret"),
    "secret with 401": (401, {"error": "invalid_client"}, "secret"),
    "scope": (400, {"error": "invalid_scope", "error_description": "no"}, "scopes"),
    "kind": (400, {"error": "unauthorized_client"}, "Server-to-Server"),
    "inside of a success": (200, {"error": "invalid_client"}, "secret"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_credential_is_unauthenticated_with_a_remedy(platform, connected, name):
    status, body, remedy = REFUSALS[name]
    platform.script[ASK] = Reply(status, body, {"x-request-id": "ims-1"})

    with pytest.raises(errors.Unauthenticated) as caught:
        connected(credential=True).get("job-1")

    error = caught.value
    assert (error.status_code, error.code, error.request_id) == (
        status,
        body["error"],
        "ims-1",
    )
    assert remedy in error.remedy
    assert len(platform.seen) == 1


@pytest.mark.parametrize("submits", [True, False])
@pytest.mark.parametrize(
    "reply",
    [
        Reply(503),
        Reply(200, "<html><title>Sign in</title></html>"),
        Reply(200, {}),
        Reply(200, '{"access_token": "tru'),
        Reply(how="hang"),
    ],
    ids=["503", "html", "no token", "truncated", "hang"],
)
def test_no_usable_answer_means_that_nothing_was_sent(platform, connected, reply, submits):
    platform.script[ASK] = reply
    client = connected(credential=True)

    with pytest.raises(errors.TransportError) as caught:
        client.submit("gold") if submits else client.get("job-1")

    assert caught.value.was_sent is False
    assert platform.asked("POST", "/segment/jobs") == []


def test_asking_for_a_token_is_repeated(platform, connected, identity):
    platform.script[ASK] = [
        Reply(503),
        Reply(how="hang"),
        Reply(body={"access_token": "t"}),
    ]
    identity.valid = {"t"}

    assert connected(credential=True).get("job-1").id == "job-1"


def test_given_token_that_is_refused_is_not_sent_again(platform, connected):
    platform.script[GET_JOB] = Reply(401, INVALID)

    with pytest.raises(errors.Unauthenticated, match=r"expired.*client_secret"):
        connected().get("job-1")

    assert len(platform.seen) == 1


def test_function_is_asked_before_every_request(platform, connected):
    platform.script[GET_JOB] = Reply(body=JOB)
    numbers = iter(range(10))
    client = connected(token=lambda: f"token-{next(numbers)}")

    client.get("job-1")
    client.get("job-1")

    assert [seen.token for seen in platform.seen] == ["token-0", "token-1"]


def test_function_is_asked_again_after_a_refusal(platform, connected):
    platform.script[GET_JOB] = [Reply(401, INVALID), Reply(body=JOB)]
    answers = iter(["old", "Bearer new\n"])

    connected(token=lambda: next(answers)).get("job-1")

    assert [seen.token for seen in platform.seen] == ["old", "new"]


def test_function_that_knows_no_other_token_is_believed(platform, connected):
    platform.script[GET_JOB] = Reply(401, INVALID)

    with pytest.raises(errors.Unauthenticated):
        connected(token=lambda: "same").get("job-1")

    assert len(platform.seen) == 1


@pytest.mark.parametrize("returned", [None, "", 7, "two\nlines"])
def test_function_that_gives_no_token_is_named(platform, connected, returned):
    with pytest.raises(errors.ConfigError, match="the function given as token"):
        connected(token=lambda: returned).get("job-1")


def test_what_the_function_raises_comes_through(platform, connected):
    def broken():
        raise LookupError("vault is closed")

    with pytest.raises(LookupError, match="vault is closed"):
        connected(token=broken).get("job-1")
