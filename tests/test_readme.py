"""What the README shows can be run as it stands, and says what it says; where it points, there is something."""

from __future__ import annotations

import ast
import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from matplotlib import pyplot as plt

import segtoolkit as sg

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FOR_USERS = README.partition("## Contribute")[0]
# What a cell needs besides a store: an account, or pytest (tests/test_testing.py runs that one).
APART = ("@AdobeOrg", "# conftest.py")
BLOCKS = [
    block
    for block in re.findall(r"^```python\n(.*?)^```", FOR_USERS, re.DOTALL | re.MULTILINE)
    if not any(mark in block for mark in APART)
]
SAID = re.compile(r"^(\S.*?)  # ('.*')$", re.MULTILINE)  # a value, in quotes behind it


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Return what the blocks leave behind, and what each of them printed, or raised."""
    names = {"sg": sg}
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(tmp_path_factory.mktemp("readme"))
        patched.setenv("SEGTOOLKIT_PROGRESS", "off")
        yield names, [_run(block, names) for block in BLOCKS]
        names["client"].close()
    plt.close("all")


def _run(block, names):
    with redirect_stdout(io.StringIO()) as out:
        try:
            exec(compile(block, "README.md", "exec"), names)
        except sg.SegtoolkitError as error:
            print(f"{type(error).__name__}: {error}")
    return out.getvalue()


def _claimed(block):
    """Return the lines that stand as comments at the end of a block."""
    lines = block.splitlines()
    return [line[2:] for line in lines if line.startswith("# ")]


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_block_prints_what_stands_below_it(ran, number):
    claimed, printed = _claimed(BLOCKS[number]), ran[1][number].splitlines()

    assert len(printed) == len(claimed), printed
    for line, wanted in zip(printed, claimed, strict=True):
        assert re.fullmatch(re.escape(wanted).replace("…", ".+"), line)


@pytest.mark.parametrize(
    ("expression", "value"), [found for block in BLOCKS for found in SAID.findall(block)]
)
def test_value_is_the_one_that_stands_behind_it(ran, expression, value):
    assert eval(expression, dict(ran[0])) == ast.literal_eval(value)


def test_tour_is_short_and_shows_the_main_job(ran):
    tour = [line for line in BLOCKS[0].splitlines() if line.strip()]

    assert len(tour) <= 20
    assert ran[0]["result"].to_frame()["profiles"].min() > 0


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", README))
def test_link_leads_to_a_file(target):
    assert (ROOT / target).is_file()


@pytest.mark.parametrize("anchor", re.findall(r"\]\(#([^)]+)\)", README))
def test_link_leads_to_a_section(anchor):
    titles = re.findall(r"^## (.*)$", README, re.MULTILINE)

    assert anchor in {title.lower().replace(" ", "-").replace(",", "") for title in titles}


def test_pictures_are_described():
    described = re.findall(r"!\[([^\]]*)\]", README)

    assert described
    assert all(len(text) > 40 for text in described)


def test_every_notebook_is_listed():
    notebooks = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}

    assert notebooks == set(re.findall(r"\]\(notebooks/(.*?\.ipynb)\)", README))
