"""Plots as JupyterLab shows them: a picture, and its words for those who cannot see it."""

from __future__ import annotations

import json

import pytest

expect = pytest.importorskip("playwright.sync_api").expect

NAME = "plots.ipynb"
PLOT = """
import pandas as pd
from segtoolkit import plots
counts = {"segment_id": ["gold"] * 2, "namespace": ["ECID", "Email"]}
reach = pd.DataFrame({**counts, "profiles": [45, 20], "share": [0.9, 0.4]})
ax = plots.namespace_counts(reach)
"""
WORDS = "Profiles by namespace · gold: ECID 45; Email 20."


@pytest.fixture
def saved(lab):
    """Return JupyterLab with a notebook that was run, saved and closed."""
    lab.write(NAME, PLOT)
    lab.open(NAME)
    lab.run()
    expect(picture(lab)).to_be_visible()
    lab.save()
    lab.close()
    return lab


def picture(lab):
    notebook = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    return notebook.get_by_role("img", name=WORDS)


def is_drawn(image):
    return image.evaluate("image => image.complete && image.naturalWidth > 500")


def test_a_picture_has_its_words_and_is_there_once(saved):
    saved.open(NAME)

    expect(saved.page.locator(".jp-NotebookPanel .jp-OutputArea-output img")).to_have_count(
        1
    )
    assert is_drawn(picture(saved))
    saved.close()


def test_so_it_has_in_a_notebook_of_somebody_else(saved):
    """JupyterLab takes away from the HTML of others what it does not trust."""
    path = saved.folder / NAME
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = [*cell["source"], "# never run here"]
    path.with_name("others.ipynb").write_text(json.dumps(notebook), encoding="utf-8")

    saved.open("others.ipynb")

    expect(picture(saved)).to_be_visible()
    assert is_drawn(picture(saved))
    saved.close()
