"""No plot shows itself, and none is left open."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _no_figure_is_left_or_shown(monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *_: pytest.fail("a plot showed itself"))
    yield
    plt.close("all")


@pytest.fixture
def ax():
    return Figure().subplots()
