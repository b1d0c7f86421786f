"""Progress: who is shown what while a job is waited for."""

from __future__ import annotations

import io
import logging
import re
import threading
from contextlib import redirect_stderr
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from segtoolkit import progress
from segtoolkit.errors import ConfigError, JobTimeout
from segtoolkit.jobs import Job, JobGroup
from segtoolkit.progress import card
from tests.fakes import FakeService, connected
from tests.test_groups import Shop

ROOT = Path(__file__).parents[1]


def submitted(*answers, **options) -> tuple[Job, FakeService]:
    service = FakeService(jobs={"job-1": list(answers)})
    return connected(service, **options).submit("gold"), service


def grouped(**lasts_s: float) -> tuple[JobGroup, FakeService]:
    shop = Shop(**lasts_s)
    return connected(shop.service).submit_each(lasts_s), shop.service


class Terminal(io.StringIO):
    """What a terminal was sent."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def wait(self, waited: Job | JobGroup) -> None:
        """Wait on this terminal."""
        # Not a fixture's business: between the phases of a test, pytest puts its own in place.
        with redirect_stderr(self):
            waited.wait(progress="auto")

    def drawn(self) -> list[str]:
        """Return each line that was drawn, in order, without the spaces that wipe the one before."""
        return [line.rstrip() for line in re.split(r"[\r\n]+", self.getvalue())]


@pytest.fixture
def terminal(monkeypatch):
    """Return a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    return Terminal()


@pytest.fixture
def lines(caplog):
    """Return a function that gives what was logged for information."""
    caplog.set_level(logging.INFO, logger="segtoolkit")
    return lambda: [r.getMessage() for r in caplog.records if r.levelno == logging.INFO]


def test_log_has_a_line_per_change(lines):
    job, _ = submitted("QUEUED", "QUEUED", "PROCESSING", "PROCESSING", "SUCCEEDED")

    job.wait(progress="log")

    assert lines() == [
        "<Job job-1 QUEUED 0s · 1 segment>",
        "<Job job-1 PROCESSING 2s · 1 segment>",
        "<Job job-1 SUCCEEDED 1m00s · 1 segment>",
    ]


def test_log_says_why_waiting_ended(lines):
    job, _ = submitted("PROCESSING")

    with pytest.raises(JobTimeout):
        job.wait(5, progress="log")

    assert lines()[-1] == (
        "<Job job-1 PROCESSING 5s · 1 segment> stopped waiting: job job-1 is still PROCESSING "
        "after waiting 5 s; it lives on, and can be waited for again"
    )


def test_log_tells_of_an_interrupt(lines):
    job, service = submitted("PROCESSING")
    service.clock.interrupt_at_s = 2.0

    with pytest.raises(KeyboardInterrupt):
        job.wait(progress="log")

    assert lines()[-1].endswith("stopped waiting; the job lives on")


def test_off_shows_nothing(lines, capsys):
    submitted("QUEUED", "SUCCEEDED")[0].wait(progress="off")

    assert lines() == []
    assert capsys.readouterr() == ("", "")


def test_auto_logs_outside_notebooks(lines):
    submitted("QUEUED", "SUCCEEDED")[0].wait(progress="auto")

    assert len(lines()) == 2


def test_finished_job_is_not_shown(lines):
    submitted("SUCCEEDED")[0].wait(progress="log")

    assert lines() == []


def test_callable_gets_the_job_after_every_look():
    job, _ = submitted("QUEUED", "QUEUED", "SUCCEEDED")
    seen = []

    job.wait(progress=lambda shown: seen.append((shown is job, str(shown.status))))

    assert seen == [(True, "QUEUED"), (True, "QUEUED"), (True, "SUCCEEDED")]


def test_errors_of_a_callable_end_the_wait():
    def broken(_: Job) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        submitted("QUEUED", "SUCCEEDED")[0].wait(progress=broken)


def test_choice_of_the_call_comes_before_the_clients(lines):
    submitted("QUEUED", "SUCCEEDED", progress="off")[0].wait(progress="log")

    assert len(lines()) == 2


@pytest.mark.parametrize(
    ("choice", "environment", "kind"),
    [
        (None, None, progress.LogProgress),
        (None, "off", progress.NoProgress),
        ("log", "off", progress.LogProgress),
        ("auto", "off", progress.LogProgress),
    ],
)
def test_environment_decides_when_nobody_else_does(choice, environment, kind, monkeypatch):
    monkeypatch.delenv(progress.ENVIRONMENT, raising=False)
    if environment:
        monkeypatch.setenv(progress.ENVIRONMENT, environment)

    assert type(progress.choose(choice)) is kind


def test_unknown_choice_names_the_known_ones(monkeypatch):
    monkeypatch.setenv(progress.ENVIRONMENT, "tqdm")

    with pytest.raises(
        ConfigError, match=r"'tqdm'; it is one of \"auto\", \"off\", \"log\""
    ):
        progress.choose()


def test_terminal_has_a_bar_that_is_left_with_the_final_state(terminal):
    group, _ = grouped(gold=3, lapsed=5)

    terminal.wait(group)

    *_, last, end = terminal.drawn()
    assert last.startswith("100%|" + 20 * "█" + "| <JobGroup 2 jobs")
    assert end == ""


def test_terminal_shows_no_part_of_what_has_none(terminal):
    terminal.wait(submitted("QUEUED", "PROCESSING", "SUCCEEDED")[0])

    assert terminal.drawn()[-2:] == ["<Job job-1 SUCCEEDED 1m00s · 1 segment>", ""]
    assert "%" not in terminal.getvalue()


def test_terminal_tells_of_an_interrupt(terminal):
    job, service = submitted("PROCESSING")
    service.clock.interrupt_at_s = 2.0

    with pytest.raises(KeyboardInterrupt):
        terminal.wait(job)

    assert terminal.drawn()[-2:] == [
        "<Job job-1 PROCESSING 2s · 1 segment> stopped waiting; the job lives on",
        "",
    ]


def test_terminal_is_never_written_beyond_its_width(terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    group, service = grouped(gold=60, lapsed=60)
    service.clock.interrupt_at_s = 2.0

    with pytest.raises(KeyboardInterrupt):
        terminal.wait(group)

    assert max(map(len, terminal.drawn())) < 40
    assert terminal.drawn()[-2].endswith("…")


def test_terminal_is_drawn_by_the_thread_that_waits(terminal):
    before = threading.active_count()

    terminal.wait(submitted("QUEUED", "SUCCEEDED")[0])

    assert threading.active_count() == before


def test_card_escapes_the_note():
    """It may quote what the service said."""
    job, _ = submitted("QUEUED")

    assert "<div>&lt;script&gt;</div>" in card.bundle(job, "<script>")["text/html"]


NOTEBOOK_JOB = """
from tests.fakes import FakeService, connected
service = FakeService(jobs={"job-1": ["QUEUED", "PROCESSING", "PROCESSING", "<END>"]})
job = connected(service, progress=None).submit("gold")
"""


@pytest.fixture(scope="module")
def run():
    """Return a function that runs cells in a real kernel and gives the last one's outputs."""

    def outputs_of(*cells: str) -> list[dict]:
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(c) for c in cells]
        )
        path = {"metadata": {"path": str(ROOT)}}
        NotebookClient(notebook, resources=path, allow_errors=True, timeout=60).execute()
        return notebook.cells[-1].outputs

    return outputs_of


def test_notebook_shows_one_card_with_the_final_state(run):
    (card,) = run(NOTEBOOK_JOB.replace("<END>", "SUCCEEDED"), "job.wait();")

    assert card.output_type == "display_data"
    assert card.data["text/plain"] == "<Job job-1 SUCCEEDED 1m00s · 1 segment>"
    assert "<b>SUCCEEDED</b> 1m00s" in card.data["text/html"]


def test_notebook_card_of_an_interrupted_wait_says_that_the_job_lives(run):
    cell = "service.clock.interrupt_at_s = 4.0\njob.wait();"

    card, error = run(NOTEBOOK_JOB.replace("<END>", "PROCESSING"), cell)

    assert card.data["text/plain"] == (
        "<Job job-1 PROCESSING 4s · 1 segment> stopped waiting; the job lives on"
    )
    assert "<div>stopped waiting; the job lives on</div>" in card.data["text/html"]
    assert error.ename == "KeyboardInterrupt"
    assert "client.get('job-1').wait() waits again" in "\n".join(error.traceback)
