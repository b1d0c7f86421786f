"""Progress of loads, merges and sizings: short ones are not shown, long ones leave their end."""

from __future__ import annotations

import logging
import threading

import httpx
import pytest

import segtoolkit as sg
from segtoolkit.errors import ConfigError, DataError, EstimateTimeout
from segtoolkit.progress import NoProgress, Steps, for_calls, steps_of
from segtoolkit.progress.card import bundle
from segtoolkit.progress.later import LaterProgress
from tests.fakes import FakeClock, FakeService, connected
from tests.local.sample_service import PEOPLE

TITLE = "load of profiles"
LOADED = "loaded 3 profiles as 'people'; 3 profiles in the store"


@pytest.fixture
def lines(caplog):
    """Return a function that gives what was logged for information."""
    caplog.set_level(logging.INFO, logger="segtoolkit")
    return lambda: [r.getMessage() for r in caplog.records if r.levelno == logging.INFO]


class Screen(NoProgress):
    """Remembers what it was to show, and in which thread."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.threads: set[int] = set()

    def show(self, shown):
        self.texts.append(repr(shown))
        self.threads.add(threading.get_ident())

    tick = show

    def leave(self, shown, note):
        self.texts.append(f"{shown!r} {note}")


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def screen():
    return Screen()


@pytest.fixture
def later(screen, clock):
    return LaterProgress(screen, 0.5, clock.monotonic)


def test_what_is_over_at_once_is_not_shown(later, screen, clock):
    steps = Steps(TITLE, later, clock=clock.monotonic)
    steps.tell("reading profiles", None)
    clock.sleep(0.4)
    steps.done(LOADED)

    assert screen.texts == []


def test_what_takes_long_is_shown_and_leaves_its_end(later, screen, clock):
    steps = Steps(TITLE, later, clock=clock.monotonic)
    clock.sleep(2.0)
    steps.tell("reading profiles", 5_000)
    steps.pulse()
    clock.sleep(64.0)
    steps.done(LOADED)

    assert screen.texts[0] == "<load of profiles 2s · reading profiles: 5,000 records>"
    assert screen.texts[-1] == f"<load of profiles 1m06s · {LOADED}>"


def test_what_is_stopped_is_shown_however_short_it_was(later, screen, clock):
    steps = Steps(TITLE, later, clock=clock.monotonic)
    steps.tell("reading profiles", None)
    steps.leave("stopped")

    assert screen.texts == ["<load of profiles 0s · reading profiles> stopped"]


def test_a_step_that_lasts_is_shown_again_every_second(screen, clock):
    steps = Steps(TITLE, screen, clock=clock.monotonic)
    steps.tell("reading profiles", None)
    for _ in range(40):
        steps.pulse()
        clock.sleep(0.05)

    assert [text.split()[3] for text in screen.texts] == ["0s", "1s"]


def test_no_step_is_lost_between_two_looks(screen, clock):
    steps = Steps(TITLE, screen, clock=clock.monotonic)
    for what in ("reading profiles", "checking profiles", "building profiles"):
        steps.tell(what, None)
    steps.pulse()

    assert [text.partition("· ")[2] for text in screen.texts] == [
        "reading profiles>",
        "checking profiles>",
        "building profiles>",
    ]


def test_card_of_steps_escapes_what_they_are_about():
    steps = Steps("load of <b>", NoProgress())
    steps.done("loaded '<script>'")

    html = bundle(steps)["text/html"]

    assert "load of &lt;b&gt;" in html
    assert "<script>" not in html


def test_a_function_of_the_client_is_not_called_for_what_is_no_job():
    def of_jobs(job):
        raise AssertionError(job)

    assert type(for_calls(None, of_jobs)) is NoProgress
    with sg.connect_local(profiles=PEOPLE, progress=of_jobs) as client:
        assert client.size("true").size == 3


def test_load_logs_its_steps_and_its_end(lines):
    with sg.connect_local(profiles={"people": PEOPLE}, progress="log"):
        *steps, last = lines()

    assert [line.partition("· ")[2] for line in steps] == [
        "reading profiles>",
        "checking profiles: 3 records>",
        "finding identities>",
        "building profiles>",
        "sorting events>",
    ]
    assert last.endswith(f"· {LOADED}>")


def test_load_that_is_refused_says_why(lines):
    with sg.connect_local(progress="off") as client:
        with pytest.raises(DataError):
            client.local.load_profiles([{"points": 1}], name="bad", progress="log")

        assert lines()[-1].startswith("<load of profiles 0s · ")
        assert " failed: " in lines()[-1]


def test_load_takes_the_choice_of_its_client(lines):
    with sg.connect_local(progress="log") as client:
        client.local.load_profiles(PEOPLE, name="people")
        client.local.load_profiles(PEOPLE, name="people", progress="off")

    assert sum(LOADED in line for line in lines()) == 1


def test_merge_logs_its_steps_and_its_end(lines):
    with sg.connect_local(profiles=PEOPLE, progress="off") as client:
        client.local.merge_policies.put("linked", identity_graph="pdg", progress="log")

    assert [line.partition("· ")[2] for line in lines()] == [
        "merging profiles for 'linked'>",
        "profiles are merged>",
    ]


def test_publication_logs_its_tables_and_its_end(lines, tmp_path):
    with sg.connect_local(profiles=PEOPLE, progress="off") as client:
        snapshot = client.local.publish(tmp_path / "shared", progress="log")

    *steps, last = [line.partition("· ")[2] for line in lines()]
    assert "writing profiles>" in steps
    assert last == f"published as {snapshot.name} in {tmp_path / 'shared'}>"


def test_members_that_are_written_log_their_end(lines, tmp_path):
    with sg.connect_local(profiles=PEOPLE, progress="off") as client:
        client.run(client.definitions.put("all", "true"))
        path = client.local.members("all").to_parquet(
            tmp_path / "all.parquet", progress="log"
        )

    assert [line.partition("· ")[2] for line in lines()] == [
        "writing: 3 records>",
        f"3 profiles in {path}>",
    ]


def test_members_take_the_choice_of_their_client(lines, tmp_path):
    with sg.connect_local(profiles=PEOPLE, progress="log") as client:
        client.run(client.definitions.put("all", "true"), progress="off")
        before = len(lines())
        client.local.members("all").to_parquet(tmp_path / "all.parquet", progress="off")
        (client.local.audience("all") & client.local.audience("all")).members().to_parquet(
            tmp_path / "same.parquet"
        )

    assert len(lines()) == before + 2


def test_publication_that_is_refused_says_why(lines, tmp_path):
    (tmp_path / "other.txt").touch()
    with sg.connect_local(profiles=PEOPLE, progress="off") as client:
        with pytest.raises(ConfigError):
            client.local.publish(tmp_path, progress="log")

        assert " failed: " in lines()[-1]


def test_steps_are_shown_by_the_thread_that_waits(screen, monkeypatch):
    monkeypatch.setattr("segtoolkit.progress.steps.for_calls", lambda *_: screen)
    with sg.connect_local(profiles=PEOPLE):
        pass

    assert screen.threads == {threading.get_ident()}


def test_unknown_choice_is_refused_before_anything_is_loaded():
    with sg.connect_local(progress="off") as client:
        with pytest.raises(ConfigError, match="'tqdm'"):
            client.local.load_profiles(PEOPLE, progress="tqdm")

        assert client.local.reports == ()


@pytest.mark.parametrize("notes", [[], ["It came too late: what was asked for is done."]])
def test_an_interrupt_says_what_became_of_the_work(notes, screen, monkeypatch):
    monkeypatch.setattr("segtoolkit.progress.steps.for_calls", lambda *_: screen)
    interrupt = KeyboardInterrupt()
    for note in notes:
        interrupt.add_note(note)

    def interrupted():
        with steps_of(TITLE, None, None) as steps:
            steps.tell("reading profiles", None)
            raise interrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        interrupted()

    (said,) = caught.value.__notes__
    assert said == (notes or ["Stopped: nothing of it is kept."])[-1]
    assert screen.texts[-1].endswith(said)


# Sizings


def estimating(*bodies):
    """Return a client whose estimates answer *bodies*, the last of them again and again."""
    left = list(bodies)
    service = FakeService()

    def estimate(_request):
        return httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0])

    def preview(_request):
        return httpx.Response(201, json={"previewId": "p", "state": "NEW"})

    service.routes["POST /preview"] = preview
    service.routes["GET /estimate/p"] = estimate
    return connected(service)


RUNNING = {"state": "RUNNING", "numRowsToRead": "400", "profilesReadSoFar": "100"}
READY = {
    "state": "RESULT_READY",
    "estimatedSize": 50,
    "totalRows": 400,
    "numRowsToRead": "400",
    "profilesReadSoFar": "400",
}


def test_sizing_logs_each_state(lines):
    estimating(RUNNING, RUNNING, READY).size("true", progress="log")

    assert lines() == [
        "<Estimate unknown size (RUNNING) · 25% looked at>",
        "<Estimate 50 of 400 profiles = 12.50% · 100% looked at>",
    ]


def test_sizing_that_is_not_ready_in_time_says_so(lines):
    with pytest.raises(EstimateTimeout):
        estimating(RUNNING).size("true", timeout=3, progress="log")

    assert lines()[-1].endswith("25% looked at> stopped waiting")


def test_function_gets_the_estimate_after_every_look():
    seen = []

    estimating(RUNNING, READY).size("true", progress=lambda e: seen.append(e.fraction))

    assert seen == [0.25, 1.0]


def test_interrupted_sizing_says_what_is_known(lines):
    client = estimating(RUNNING)
    client._clock.interrupt_at_s = 2.0

    with pytest.raises(KeyboardInterrupt) as caught:
        client.size("true", progress="log")

    assert caught.value.__notes__ == ["Stopped sizing; so far: unknown size (RUNNING)."]
    assert lines()[-1].endswith("25% looked at> stopped")
