"""``segtoolkit serve`` as other programs meet it: a process, a socket, signals."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

import segtoolkit as sg
from segtoolkit import wire
from segtoolkit.__main__ import REFUSED, main
from tests.local.sample_service import IN_US, PEOPLE
from tests.served import HEADERS, TOKEN, serving

# Nobody waits for it: every event of one person with every other.
ENDLESS = "exists a from xEvent where (exists b from xEvent where a.n * b.n = -1)"


@pytest.fixture
def people(tmp_path):
    file = tmp_path / "people.ndjson"
    file.write_text("".join(json.dumps(one) + "\n" for one in PEOPLE), encoding="utf-8")
    return file


def defined(client, name="us", text=IN_US):
    expression = {"type": "PQL", "format": "pql/text", "value": text}
    body = {"id": name, "name": name, "expression": expression}
    assert client.post(wire.DEFINITIONS, json=body).status_code == 200


def reached(client, job_id, *states):
    """Wait until the job is in one of *states*, any final one unless given."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        job = wire.job_from_json(client.get(wire.job_path(job_id)).json())
        if job.status in states or (not states and job.status.is_final):
            return job
        time.sleep(0.02)
    raise AssertionError(f"still {job}")


def test_the_first_line_is_the_address_and_a_job_runs_there(people):
    with (
        serving("--profiles", people, "--token", TOKEN) as server,
        server.client() as client,
    ):
        assert server.first_line.startswith("Serving on http://127.0.0.1:")
        defined(client)
        answer = client.post(wire.JOBS, json=[{"segmentId": "us"}])
        job = reached(client, answer.json()["id"])
        assert job.metrics.segmented_profile_counter == {"us": 2}
        assert (job.ims_org_id, job.sandbox.name) == ("O@AdobeOrg", "prod")
        status, said = server.stop()
    assert status == 0
    assert TOKEN not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_leaves_a_job_that_was_running_failed(tmp_path, number):
    store, events = tmp_path / "s.duckdb", tmp_path / "events.ndjson"
    events.write_text("".join(map(event, range(30_000))), encoding="utf-8")
    options = ("--store", store, "--events", events, "--token", TOKEN)
    with serving(*options) as server, server.client() as client:
        defined(client, "endless", ENDLESS)
        job_id = client.post(wire.JOBS, json=[{"segmentId": "endless"}]).json()["id"]
        reached(client, job_id, "PROCESSING")
        status, said = server.stop(number)
    assert status == 0
    assert "Traceback" not in said
    with sg.connect_local(store) as client:
        job = client.get(job_id)
    assert job.status == "FAILED"
    assert "closed before" in job.errors[0].message


def event(number):
    identity = {"CRMID": [{"id": "ann", "primary": True}]}
    moment = f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    body = {"_id": f"e{number}", "identityMap": identity, "timestamp": moment, "n": 1.5}
    return json.dumps(body) + "\n"


def test_a_store_is_served_again_as_it_was(people, tmp_path):
    store = tmp_path / "s.duckdb"
    with (
        serving("--store", store, "--profiles", people, "--token", TOKEN) as server,
        server.client() as client,
    ):
        defined(client)
        job_id = client.post(wire.JOBS, json=[{"segmentId": "us"}]).json()["id"]
        reached(client, job_id)
        server.stop()
    with serving("--store", store, "--token", TOKEN) as server, server.client() as client:
        assert client.get(wire.job_path(job_id)).json()["status"] == "SUCCEEDED"


def test_data_belongs_to_the_sandbox_named_and_to_no_other(people):
    options = ("--profiles", people, "--token", TOKEN, "--sandbox", "dev")
    with serving(*options) as server:
        totals = {}
        for name in ("dev", "prod"):
            with server.client(**{wire.SANDBOX_HEADER: name}) as client:
                body = wire.preview_request_to_json("true")
                preview = client.post(wire.PREVIEW, json=body).json()["previewId"]
                totals[name] = client.get(wire.estimate_path(preview)).json()["totalRows"]
    assert totals == {"dev": 3, "prod": 0}


@pytest.mark.parametrize("missing", HEADERS)
def test_a_call_without_one_of_the_headers_is_refused(missing, refusing):
    headers = {name: value for name, value in HEADERS.items() if name != missing}
    answer = httpx.get(
        f"{refusing.address}{wire.BASE_PATH}{wire.JOBS}", headers=headers, trust_env=False
    )
    assert answer.status_code in {400, 401, 403}
    assert set(answer.json()) == {"error_code", "message"}


@pytest.fixture(scope="module")
def refusing():
    with serving("--client-id", "me", "--client-secret", "s3cret") as server:
        yield server


def test_a_client_asks_for_its_token_and_comes_in(refusing):
    form = {
        "grant_type": "client_credentials",
        "client_id": "me",
        "client_secret": "s3cret",
        "scope": "openid",
    }
    answer = httpx.post(f"{refusing.address}{wire.TOKEN_PATH}", data=form, trust_env=False)
    token = answer.json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", wire.API_KEY_HEADER: "me"}
    with refusing.client(**headers) as client:
        assert client.get(wire.JOBS).json()["children"] == []


def test_secrets_may_be_in_the_environment():
    secrets = {"TOKEN": TOKEN, "CLIENT_ID": "me", "CLIENT_SECRET": "s3cret"}
    variables = {f"SEGTOOLKIT_SERVE_{name}": value for name, value in secrets.items()}
    form = {
        "grant_type": "client_credentials",
        "client_id": "me",
        "client_secret": "s3cret",
    }
    with serving(**variables) as server:
        answer = httpx.post(
            f"{server.address}{wire.TOKEN_PATH}", data=form, trust_env=False
        )
        _, said = server.stop()

    assert answer.json()["access_token"] == TOKEN
    assert "token: " not in said


def test_a_token_that_was_not_given_is_made_and_told_once():
    with serving() as server:
        status, said = server.stop()
    (line,) = [line for line in said.splitlines() if line.startswith("token: ")]
    assert status == 0
    assert len(line) > 40


def test_the_description_names_the_address_it_was_read_from(refusing):
    described = httpx.get(f"{refusing.address}/openapi.json", trust_env=False).json()
    assert described["servers"] == [{"url": refusing.address}]


def seen(client, calls=40):
    """Return what came of several calls: the status, or nothing where no answer came."""
    outcomes = []
    for _ in range(calls):
        try:
            outcomes.append(client.get(wire.JOBS).status_code)
        except httpx.TransportError:
            outcomes.append(None)
    return outcomes


def test_faults_are_those_of_the_seed():
    runs = []
    for seed in (3, 3, 4):
        options = ("--token", TOKEN, "--fault", "503:0.2,429:0.1,reset:0.2", "--seed", seed)
        with serving(*options) as server, server.client() as client:
            runs.append(seen(client))
            status, said = server.stop()
        assert status == 0
        assert "Traceback" not in said
    assert runs[0] == runs[1] != runs[2]
    assert set(runs[0]) == {200, 503, 429, None}


def test_a_lost_answer_does_not_mean_that_nothing_was_done(tmp_path):
    store = tmp_path / "s.duckdb"
    options = ("--store", store, "--token", TOKEN, "--fault", "reset:1", "--seed", 1)
    with serving(*options) as server, server.client() as client:
        for number in range(10):
            body = {"name": f"s{number}", "expression": {"value": "true"}}
            with pytest.raises(httpx.TransportError):
                client.post(wire.DEFINITIONS, json=body)
        server.stop()
    with sg.connect_local(store) as client:
        assert 0 < len([*client.definitions.list()]) < 10


def test_a_body_that_is_too_long_is_a_413(refusing):
    answer = httpx.post(
        f"{refusing.address}{wire.BASE_PATH}{wire.JOBS}",
        content=b"x" * (17 * 2**20),
        headers=HEADERS,
        trust_env=False,
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("segment_id", ["a/b", "a//b", "with space", "größe", "?#&", "50%"])
def test_any_id_goes_over_a_socket(segment_id, shared_server):
    with shared_server.client() as client:
        defined(client, segment_id, "true")
        answer = client.get(wire.definition_path(segment_id))
    assert (answer.status_code, answer.json()["id"]) == (200, segment_id)


@pytest.fixture(scope="module")
def shared_server():
    with serving("--token", TOKEN) as server:
        yield server


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--client-id", "me"], "an id and a secret; give both"),
        (["--token", ""], "--token is empty"),
        (["--sandbox", "Prod"], "no name of a sandbox"),
        (["--fault", "often"], "is no fault"),
        (["--profiles", "nowhere.ndjson"], "nowhere.ndjson"),
        (["--host", "256.1.1.1"], "cannot listen on 256.1.1.1"),
    ],
)
def test_options_that_make_no_sense_are_one_message(options, message, capsys):
    assert main(["serve", *options]) == REFUSED
    out, err = capsys.readouterr()
    assert message in err
    assert (out, "Traceback" in err) == ("", False)


def test_a_port_that_is_taken_is_one_message(capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main(["serve", "--port", str(port), "--token", TOKEN]) == REFUSED
    err = capsys.readouterr().err
    assert f"cannot listen on 127.0.0.1:{port}" in err
    assert "--port 0" in err


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_refused(port, capsys):
    with pytest.raises(SystemExit):
        main(["serve", "--port", port])
    assert "is not a port" in capsys.readouterr().err


def test_another_host_is_warned_of():
    with serving("--host", "0.0.0.0", "--token", TOKEN) as server:
        _, said = server.stop()
    assert "0.0.0.0 can be reached from other machines" in said


def test_waitress_is_loaded_by_no_other_road():
    code = "import sys, segtoolkit as sg; sg.connect_local().close(); print('waitress' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_the_client_of_the_platform_gets_along_with_it(people):
    options = ("--profiles", people, "--client-id", "me", "--client-secret", "s3cret")
    with serving(*options, "--paging", "cursor") as server:
        with sg.connect(
            org="O@AdobeOrg",
            sandbox="prod",
            client_id="me",
            client_secret="s3cret",
            scopes="openid",
            base_url=server.address,
            ims_url=server.address,
            progress="off",
        ) as client:
            segment = client.definitions.create("us", IN_US)
            results = [client.run(segment) for _ in range(3)]
            listed = [job.id for job in client.list()]
            size = client.size(IN_US)
        status, said = server.stop()
    assert results[-1].metrics.segmented_profile_counter == {segment.id: 2}
    assert len(listed) == 3
    assert (size.size, size.total) == (2, 3)
    assert (status, "Traceback" in said) == (0, False)
