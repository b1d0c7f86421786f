"""What a notebook keeps of the views: run in a real kernel, read without one."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
VIEW = "application/vnd.jupyter.widget-view+json"

CELLS = {
    "connect": """
        import time
        import segtoolkit as sg
        from segtoolkit.jobs import SystemClock
        from tests.fakes import FakeService, connected
        service = FakeService(jobs={"job-1": ["QUEUED", "SUCCEEDED"]})
        job = connected(service, clock=SystemClock()).submit("gold")
        people = [{"_id": str(n), "points": n} for n in range(20)]
        client = sg.connect_local(profiles=people, progress="off")""",
    "monitor": "monitor = job.watch(); monitor",
    "wait": "while monitor.is_looking: time.sleep(0.05)",
    "sizer": "sizer = sg.widgets.AudienceSizer(client); sizer",
    "warn": "sizer.value = 'points != null'; sizer.wait();",
    "mistake": "sizer.value = 'pints < 7'; sizer.wait();",
    "change": "sizer.value = 'points < 7'; sizer.wait();",
    "close": "closed = sg.widgets.JobBrowser(client); closed.close(); closed",
}


@pytest.fixture(scope="module")
def outputs():
    """Run the cells in one kernel, and return the outputs of each."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(_dedented(cell)) for cell in CELLS.values()]
    )
    path = {"metadata": {"path": str(ROOT)}}
    NotebookClient(notebook, resources=path, timeout=60, store_widget_state=False).execute()
    return dict(zip(CELLS, [cell.outputs for cell in notebook.cells], strict=True))


def _dedented(cell: str) -> str:
    return "\n".join(line.strip() for line in cell.splitlines())


@pytest.mark.parametrize("view", ["monitor", "sizer"])
def test_a_view_is_its_controls_and_a_card(outputs, view):
    controls, card = outputs[view]

    assert controls.data[VIEW]["model_id"]
    assert controls.data["text/plain"].endswith(": its controls need a kernel")
    assert set(card.data) == {"text/html", "text/plain"}


def test_card_of_a_job_is_saved_as_it_ended(outputs):
    """The thread went on with it while other cells ran."""
    _, card = outputs["monitor"]

    assert card.data["text/plain"] == "JobMonitor JobGroup 1 job · 1 SUCCEEDED · 100%"
    assert "SUCCEEDED" in card.data["text/html"]


def test_card_of_a_sizer_is_saved_with_the_last_answer(outputs):
    _, card = outputs["sizer"]

    assert card.data["text/plain"] == "AudienceSizer points < 7: 7 of 20 profiles = 35.00%"
    assert "7 of 20 profiles = 35.00%" in card.data["text/html"]


@pytest.mark.parametrize("cell", ["wait", "warn", "mistake", "change"])
def test_what_threads_have_to_say_reaches_no_cell(outputs, cell):
    assert outputs[cell] == []


def test_a_closed_view_leaves_its_card(outputs):
    (card,) = outputs["close"]

    assert VIEW not in card.data
    assert card.data["text/plain"] == "JobBrowser no jobs"
