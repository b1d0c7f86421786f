"""The remote road against the local service behind a real socket: the same notebook, the same answers."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest
from werkzeug.serving import make_server

import segtoolkit as sg
from segtoolkit.local import make_app, open_service

PEOPLE = [
    {
        "_id": str(n),
        "points": n,
        "identityMap": {"Email": [{"id": f"{n}@example.com", "primary": True}]},
    }
    for n in range(10)
]


def notebook(client):
    """Do what a notebook does; return what it shows."""
    client.definitions.put("rich", "points >= 7")
    client.definitions.put("poor / lonely", "points < 2")
    ids = {d.name: d.id for d in client.definitions.list()}
    result = client.run([ids["rich"], ids["poor / lonely"]], timeout=timedelta(minutes=1))
    counted = result.metrics.segmented_profile_counter
    listed = [job.status for job in client.list(status="SUCCEEDED")]
    with pytest.raises(sg.BadRequest, match="did you mean `points`"):
        client.size("pints > 5")
    with pytest.raises(sg.NotFound):
        client.get("none")
    return (
        {name: counted[segment_id] for name, segment_id in ids.items()},
        listed,
        client.size("points > 5").size,
    )


@pytest.fixture
def served():
    service = open_service()
    service.prepare([("profiles", "people", PEOPLE)], {})
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, make_app(service), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    service.close()


def test_notebook_shows_the_same_on_both_roads(served):
    near = sg.connect_local(profiles=PEOPLE, progress="off")
    far = sg.connect(
        base_url=served, org="o", token="t", api_key="k", progress="off", sandbox="prod"
    )
    with near, far:
        assert (
            notebook(far)
            == notebook(near)
            == ({"rich": 3, "poor / lonely": 2}, ["SUCCEEDED"], 4)
        )


def test_only_the_local_road_takes_an_instant(served):
    with sg.connect(base_url=served, org="o", token="t", api_key="k") as far:
        with pytest.raises(sg.ConfigError):
            far.submit("rich", as_of="2026-01-01T00:00:00Z")
        with pytest.raises(sg.ConfigError, match="not local"):
            far.local.members("rich")


def test_guards_that_are_asked_for_tell_before_a_job_is_submitted(served, monkeypatch):
    monkeypatch.setenv("SEGTOOLKIT_GUARDS", "on")
    given = {"base_url": served, "org": "o", "token": "t", "api_key": "k"}
    with sg.connect(**given) as told, sg.connect(**given, guards="raise") as refused:
        told.definitions.create("all", "true", id="all")
        with pytest.warns(sg.GuardWarning, match="a production one"):
            told.submit("all")
        with pytest.raises(sg.GuardError, match=r"not submitted: .* a production one"):
            refused.submit("all")
        assert len([*told.list()]) == 1
