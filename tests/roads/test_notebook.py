"""One notebook on both roads, chosen by the environment: what it shows is the same."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from segtoolkit import samples
from tests.served import TOKEN, serving

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "05_both_roads.ipynb"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return samples.write(tmp_path_factory.mktemp("samples"), profiles=500)


@pytest.fixture
def run_with(monkeypatch, tmp_path):
    """Return a function that runs the notebook in an environment; it returns what was printed."""
    # What the user of this machine has set up is none of a test's business.
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("SEGTOOLKIT_CONFIG", "")
    # A job's states come as they come.
    monkeypatch.setenv("SEGTOOLKIT_PROGRESS", "off")

    def run(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(f"SEGTOOLKIT_{name}", str(value))
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        NotebookClient(notebook, timeout=120).execute()
        assert TOKEN not in nbformat.writes(notebook)
        outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
        return [out.text for out in outputs if out.get("name") == "stdout"]

    return run


def test_the_notebook_shows_the_same_on_both_roads(run_with, files):
    near = run_with(KIND="local", PROFILES=files.profiles, EVENTS=files.events)
    options = ("--profiles", files.profiles, "--events", files.events, "--token", TOKEN)
    with serving(*options) as server:
        account = {"ORG": "O@AdobeOrg", "API_KEY": "key", "TOKEN": TOKEN}
        far = run_with(KIND="aep", BASE_URL=server.address, **account)
        status, said = server.stop()

    assert near == far
    assert "30 of 503 profiles" in near[0]
    assert near[1] == "BadRequest 400\n"
    assert near[-1].count("two roads: ") == 3
    assert (status, "Traceback" in said) == (0, False)
