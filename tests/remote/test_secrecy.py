"""No token and no secret is in any repr, log, traceback, pickle or saved notebook."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import segtoolkit as sg
from segtoolkit import wire
from segtoolkit.settings import resolve
from tests.fakes import record
from tests.remote.conftest import CANARY_SECRET, CANARY_TOKEN, ORG
from tests.remote.server import Reply, Seen

PACKAGE = Path(sg.__file__).parent
JOB = wire.job_to_json(record("job-1", "SUCCEEDED"))
GET_JOB = "GET /segment/jobs/job-1"
ASK = f"POST {wire.TOKEN_PATH}"
TOKEN_ANSWER = Reply(body={"access_token": CANARY_TOKEN, "expires_in": 86_399})


def echo(status: int) -> Callable[[Seen], Reply]:
    """Answer as some gateways do in their debugging mode: with all that they were sent."""

    def reply(seen: Seen) -> Reply:
        sent = {"headers": dict(seen.headers), "content": seen.content.decode()}
        return Reply(status, {"message": f"no: {sent}"})

    return reply


# What the token endpoint answers, and what the service does.
FAILURES = {
    "refused": (TOKEN_ANSWER, Reply(401, {"error_code": "401013", "message": "no"})),
    "refused with an echo": (TOKEN_ANSWER, echo(403)),
    "failed with an echo": (TOKEN_ANSWER, echo(500)),
    "success that is an echo": (TOKEN_ANSWER, echo(200)),
    "reset": (TOKEN_ANSWER, Reply(how="reset")),
    "hung up": (TOKEN_ANSWER, Reply(how="hang")),
    "truncated": (TOKEN_ANSWER, Reply(body=JOB, how="truncate")),
    "html": (TOKEN_ANSWER, Reply(200, "<html></html>")),
    "secret refused with an echo": (echo(400), Reply()),
    "identity service failed with an echo": (echo(503), Reply()),
    "identity service is an echo": (echo(200), Reply()),
    "identity service hung up": (Reply(how="hang"), Reply()),
}


def leaks(*texts: object) -> list[str]:
    return [str(text) for text in texts if "canary-" in str(text)]


@pytest.fixture
def client(platform, connected):
    platform.script[ASK] = TOKEN_ANSWER
    platform.script[GET_JOB] = Reply(body=JOB)
    return connected(credential=True, retry_budget=2)


def failing(platform, client, name) -> Exception:
    platform.script[ASK], platform.script[GET_JOB] = FAILURES[name]
    with pytest.raises(sg.SegtoolkitError) as caught:
        client.get("job-1")
    return caught.value


def test_canary_is_really_sent(platform, client):
    client.get("job-1")

    assert platform.seen[0].form["client_secret"] == [CANARY_SECRET]
    assert platform.seen[1].token == CANARY_TOKEN


@pytest.mark.parametrize("name", FAILURES)
def test_errors_have_none(platform, client, name):
    error = failing(platform, client, name)

    told = "".join(traceback.format_exception(error))
    assert not leaks(str(error), repr(error), vars(error), told, *error.args)
    assert b"canary-" not in pickle.dumps(error)


@pytest.mark.parametrize("name", FAILURES)
def test_locals_of_our_functions_have_none(platform, client, name):
    error = failing(platform, client, name)

    lines = traceback.TracebackException.from_exception(error, capture_locals=True).format()
    ours = [line for line in lines if f"{PACKAGE}/" in line.partition("\n")[0]]
    assert ours
    assert not leaks(*ours)


@pytest.mark.parametrize("name", ["none", *FAILURES])
def test_logs_have_none_even_when_all_are_on(platform, client, caplog, name):
    caplog.set_level(logging.DEBUG)
    for logger in ("segtoolkit", "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger)
    if name == "none":
        client.get("job-1")
    else:
        failing(platform, client, name)

    assert "httpcore.http11" in {r.name for r in caplog.records}
    assert not leaks(caplog.text, *(r.args for r in caplog.records))


def test_objects_have_none(platform, client, connected):
    job = client.get("job-1")
    given = connected(token=CANARY_TOKEN, api_key="key")
    shown = [client, job, job.record, client.list(), client.definitions, client.settings]
    shown += [given, given.settings, client._http, client._http.headers, client._service]

    assert not leaks(*map(repr, shown), *map(str, shown), *map(vars_of, shown))
    assert not leaks(client.settings.explain(), given.settings.explain())
    assert "client_secret" in client.settings.explain()

    carded = [client, given, client.settings, given.settings, job, client.list()]
    assert not leaks(*(thing._repr_html_() for thing in carded))
    assert "client_secret" in client._repr_html_()


def vars_of(thing: object) -> str:
    return repr(getattr(thing, "__dict__", ""))


def test_pickles_have_none(client, connected):
    for settings in (client.settings, connected(token=CANARY_TOKEN).settings):
        pickled = pickle.dumps(settings)
        assert b"canary-" not in pickled
        assert pickle.loads(pickled)["org"] == ORG

    assert b"canary-" not in pickle.dumps(client.get("job-1"))


def test_unpickled_secret_says_that_it_is_gone(client):
    copy = pickle.loads(pickle.dumps(client.settings))

    with pytest.raises(sg.ConfigError, match="connect again"):
        copy["client_secret"].reveal()


WRONG = {
    "token with a line break": {"token": f"{CANARY_TOKEN}\n{CANARY_TOKEN}"},
    "token beyond ASCII": {"token": f"{CANARY_TOKEN}ü"},
    "secret in place of the address": {"base_url": f"https://u:{CANARY_SECRET}@host"},
    "secret in the query": {"ims_url": f"https://host/?client_secret={CANARY_SECRET}"},
    "both": {"token": CANARY_TOKEN, "client_secret": CANARY_SECRET},
    "secret of a wrong type": {"client_secret": [CANARY_SECRET]},
}


@pytest.mark.parametrize("name", WRONG)
def test_refused_settings_have_none(name, tmp_path):
    given = {"org": ORG, "client_id": "id", **WRONG[name]}
    with pytest.raises(sg.ConfigError) as caught:
        resolve(given, {}, usual_file=tmp_path / "none")

    assert not leaks(*traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.toml", f'[default]\ntoken = "{CANARY_TOKEN}'),
        ("config.toml", f'token = "{CANARY_TOKEN}"'),
        ("config.json", f'{{"client_secrets": ["{CANARY_SECRET}"]'),
        ("config.json", f'{{"client_secrets": ["{CANARY_SECRET}"]}}'),
    ],
)
def test_refused_files_have_none(tmp_path, file, content):
    path = tmp_path / file
    path.write_text(content, encoding="utf-8")
    with pytest.raises(sg.ConfigError) as caught:
        resolve({}, {}, config=path)

    assert not leaks(*traceback.format_exception(caught.value))


CELLS = (
    "import segtoolkit as sg\nclient = sg.connect()\nclient",
    "client.settings.explain()",
    "client.settings",
    "job = client.get('job-1')\njob.wait()\njob",
    "client.get('none')",
)


def test_saved_notebook_has_none(platform, tmp_path, monkeypatch):
    platform.script[ASK] = TOKEN_ANSWER
    platform.script[GET_JOB] = Reply(body=JOB)
    for name, value in {
        "CLIENT_ID": "id",
        "CLIENT_SECRET": CANARY_SECRET,
        "ORG": ORG,
        "BASE_URL": platform.address,
        "IMS_URL": platform.address,
        "CONFIG": "",
    }.items():
        monkeypatch.setenv(f"SEGTOOLKIT_{name}", value)
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]

    NotebookClient(
        notebook, allow_errors=True, resources={"metadata": {"path": "."}}
    ).execute()

    saved = nbformat.writes(notebook)
    assert "SEGTOOLKIT_CLIENT_SECRET" in saved
    assert "NotFound" in saved
    assert platform.token_requests
    assert not leaks(saved)
