"""Notebooks are documentation: git has them bare, they run, and what they show reads well."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.notebooks import ROOT, executed, kept_badly, shown_badly

NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
MOST_CPU_S = 60

each_notebook = pytest.mark.parametrize("name", NOTEBOOKS)


def code(source, **metadata):
    return nbformat.v4.new_code_cell(source, metadata=metadata)


def test_the_notebooks_are_these():
    assert list(NOTEBOOKS) == [
        "01_quickstart",
        "02_audience_sizing",
        "03_jobs_and_metrics",
        "04_pql_by_example",
        "05_both_roads",
    ]


@each_notebook
def test_git_has_it_bare(name):
    assert list(kept_badly(NOTEBOOKS[name].read_text(encoding="utf-8"))) == []


@each_notebook
def test_it_begins_with_a_title_and_ends_with_closing(name):
    cells = json.loads(NOTEBOOKS[name].read_text(encoding="utf-8"))["cells"]

    assert cells[0]["source"][0].startswith("# ")
    assert cells[-1]["source"][-1] == "client.close()"


@each_notebook
def test_it_runs_and_reads_well(name, tmp_path):
    copied = Path(shutil.copy(NOTEBOOKS[name], tmp_path))
    before = os.times()

    notebook = executed(copied)

    after = os.times()
    assert list(shown_badly(notebook)) == []
    assert any(cell.get("outputs") for cell in notebook["cells"])
    # What others do on the machine does not count against the minute.
    used_s = sum(after[2:4]) - sum(before[2:4])
    assert used_s < MOST_CPU_S


def test_ruff_reads_the_notebooks():
    command = [sys.executable, "-m", "ruff", "check", "--show-files", "notebooks"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert sorted(done.stdout.splitlines()) == list(map(str, NOTEBOOKS.values()))


BARE = {
    "cells": [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "cell-00",
            "metadata": {},
            "outputs": [],
            "source": ["1"],
        }
    ],
    "metadata": {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}


def test_a_bare_notebook_is_kept_well():
    assert list(kept_badly(json.dumps(BARE, indent=1) + "\n")) == []


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"outputs": [{"output_type": "stream"}]}, "cell 0 has outputs"),
        ({"execution_count": 3}, "cell 0 was executed"),
        ({"metadata": {"execution": {}}}, "cell 0 has metadata {'execution': {}}"),
        ({"id": "f3a9"}, "cell 0 has the id f3a9"),
    ],
)
def test_what_running_adds_to_a_cell_is_found(changed, complaint):
    notebook = BARE | {"cells": [BARE["cells"][0] | changed]}

    assert list(kept_badly(json.dumps(notebook, indent=1) + "\n")) == [complaint]


@pytest.mark.parametrize(
    "metadata",
    [
        BARE["metadata"] | {"widgets": {}},
        BARE["metadata"] | {"language_info": {"name": "python", "version": "3.12.1"}},
        BARE["metadata"] | {"kernelspec": {"name": "my-kernel"}},
        {},
    ],
)
def test_other_metadata_is_found(metadata):
    text = json.dumps(BARE | {"metadata": metadata}, indent=1) + "\n"

    assert list(kept_badly(text)) == [f"metadata is {metadata}"]


def test_another_way_of_writing_is_found():
    (complaint,) = kept_badly(json.dumps(BARE))

    assert complaint.startswith("not written as ruff")


FIGURE = "import matplotlib.pyplot as plt\nax = plt.subplots()[1]"
PICTURE = 'data = {"image/png": "iVBORw0KGgo="}\n'
# Cells, and what there is to say of them.
SHOWN_BADLY = {
    "raise ValueError('no')": "raised ValueError",
    "import warnings\nwarnings.warn('old', stacklevel=1)": "wrote to stderr: ",
    "import sys\nprint('lost', file=sys.stderr)": "wrote to stderr: lost",
    "object()": "says no more than <object at 0x",
    "{1: iter([])}": "says no more than <list_iterator at 0x",
    "from IPython.display import display\n"
    "display({'text/plain': repr(object())}, raw=True)": "says no more than <object object at 0x",
    "from IPython.display import HTML\nHTML('<b>1</b>')": (
        "says no more than <IPython.core.display.HTML object>"
    ),
    "import ipywidgets\nipywidgets.Output()": "says no more than Output()",
    "import ipywidgets\nipywidgets.FloatProgress()": "says no more than FloatProgress(",
    "from IPython.display import display\ndisplay({'text/html': '1'}, raw=True)": (
        "has no text besides text/html"
    ),
    f"{FIGURE}\nax.set_title('bare');": "shows a picture without words",
    f"{PICTURE}display(data | {{'text/plain': 'a', 'text/html': '<img alt=\"\">'}}, raw=True)": (
        "shows a picture without words"
    ),
    "display({'text/plain': 'a', 'text/html': '<img src=\"https://cdn.test/a.png\">'}, raw=True)": (
        "asks https://cdn.test/a.png"
    ),
    "import segtoolkit as sg\nclient = sg.connect_local(profiles=[{'_id': 'ann'}])\n"
    "sizer = sg.widgets.AudienceSizer(client)\n"
    "sizer.static_text = lambda: 'AudienceSizer true: not sized yet'\nsizer": (
        "says no more than not sized yet"
    ),
}
SHOWN_WELL = [
    "1 + 1",
    "print('to stdout')",
    "import pandas as pd\npd.DataFrame({'profiles': [1]})",
    "client",
    "ax = sg.plots.namespace_counts(client.size('true'))",
    "sg.widgets.JobBrowser(client)",
    "client.close()",
]


def test_what_reads_badly_is_found_and_nothing_else(tmp_path):
    bad = [code(source, tags=["raises-exception"]) for source in SHOWN_BADLY]
    notebook = nbformat.v4.new_notebook(cells=[*bad, *map(code, SHOWN_WELL)])
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{place:02}"
    nbformat.write(notebook, tmp_path / "bad.ipynb")

    found = list(shown_badly(executed(tmp_path / "bad.ipynb")))

    expected = [f"cell-{n:02} {told}" for n, told in enumerate(SHOWN_BADLY.values())]
    # Of a complaint the beginning is enough: addresses in memory are never the same.
    assert [a[: len(b)] for a, b in zip(found, expected, strict=False)] == expected
    assert len(found) == len(expected)


def test_a_notebook_that_breaks_off_does_not_pass(tmp_path):
    nbformat.write(
        nbformat.v4.new_notebook(cells=[code("1 / 0")]), tmp_path / "broken.ipynb"
    )

    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        executed(tmp_path / "broken.ipynb")
