"""What is true of every plot: where it draws, what it leaves alone, what it says of nothing."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

from segtoolkit import frames, plots
from segtoolkit.errors import DataError
from segtoolkit.models import JobMetrics, JobRecord, JobStatus
from tests.plots.drawn import job, result, words

COUNTED = JobRecord(
    id="job",
    status=JobStatus.SUCCEEDED,
    created_at=job("NEW").created_at,
    metrics=JobMetrics(
        total_profiles=10,
        segmented_profile_counter={"gold": 3},
        segmented_profile_by_status_counter={"gold": {"existing": 2, "realized": 1}},
    ),
)
DRAWN = {
    "namespace_counts": result(gold={"ECID": 3}),
    "status_timeline": frames.jobs_frame([job("SUCCEEDED")]),
    "status_counts": frames.by_status_frame(COUNTED),
    "size_history": frames.history_frame([COUNTED]),
    "overlap": frames.overlap_frame({("gold",): 2, ("gold", "us"): 3}, 10),
}
EMPTY = {
    "namespace_counts": result(gold={}),
    "status_timeline": frames.jobs_frame([]),
    "status_counts": frames.by_status_frame(job("FAILED")),
    "size_history": frames.history_frame([]),
    "overlap": frames.overlap_frame({}, 10),
}


def test_every_plot_is_here():
    assert set(DRAWN) | {"alt_text"} == set(plots.__all__)
    assert set(EMPTY) == set(DRAWN)


@pytest.mark.parametrize("name", EMPTY)
def test_nothing_to_draw_is_said_on_labelled_axes(name, ax):
    drawn = getattr(plots, name)(EMPTY[name], ax=ax)

    assert drawn is ax
    assert words(ax)[0].startswith("no")
    assert ax.get_title()
    assert ax.get_xlabel()


@pytest.mark.parametrize("name", DRAWN)
def test_without_axes_there_is_one_new_figure_and_style_is_untouched(name):
    before = dict(mpl.rcParams)

    drawn = getattr(plots, name)(DRAWN[name])

    assert len(plt.get_fignums()) == 1
    assert drawn.figure.number == plt.get_fignums()[0]
    assert dict(mpl.rcParams) == before


def test_frame_of_another_kind_is_refused_by_its_missing_columns(ax):
    with pytest.raises(DataError, match="no column namespace"):
        plots.namespace_counts(pd.DataFrame({"segment_id": ["a"], "profiles": [1]}), ax=ax)
    with pytest.raises(TypeError, match="cannot draw int"):
        plots.status_timeline(3, ax=ax)


@pytest.mark.parametrize("name", DRAWN)
def test_given_axes_are_the_only_ones_drawn_on(name):
    left, right = Figure().subplots(1, 2)

    assert getattr(plots, name)(DRAWN[name], ax=right) is right
    assert plt.get_fignums() == []
    assert not left.has_data()


@pytest.mark.parametrize("name", DRAWN)
def test_the_frame_is_not_changed(name, ax):
    before = DRAWN[name].copy()
    getattr(plots, name)(DRAWN[name], ax=ax)
    pd.testing.assert_frame_equal(DRAWN[name], before)


@pytest.mark.parametrize("name", DRAWN)
def test_text_takes_the_colour_of_a_dark_style(name):
    with plt.style.context("dark_background"):
        drawn = getattr(plots, name)(DRAWN[name])

    ticks = [label for one in [drawn, *drawn.child_axes] for label in one.get_xticklabels()]
    texts = [drawn.title, drawn.xaxis.label, *drawn.texts, *drawn.get_yticklabels(), *ticks]
    assert {to_hex(text.get_color()) for text in texts} == {"#ffffff"}


@pytest.mark.parametrize("top", [0, -1])
@pytest.mark.parametrize(
    "name", ["namespace_counts", "status_timeline", "status_counts", "overlap"]
)
def test_a_top_below_one_is_refused(name, top, ax):
    with pytest.raises(ValueError, match=f"top must be at least 1, not {top}"):
        getattr(plots, name)(DRAWN[name], top=top, ax=ax)


@pytest.mark.parametrize("name", DRAWN)
def test_the_picture_is_said_in_words(name, ax):
    told = plots.alt_text(getattr(plots, name)(DRAWN[name], ax=ax))

    assert told.startswith(ax.get_title().partition(" · ")[0])
    assert any(text in told for text in ("3", "2 stayed", "SUCCEEDED"))


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_picture_is_said_in_words(name, ax):
    drawn = getattr(plots, name)(EMPTY[name], ax=ax)

    assert plots.alt_text(drawn).endswith(f": {words(ax)[0]}.")


def test_the_words_of_a_figure_are_those_of_its_axes():
    left, right = Figure().subplots(1, 2)
    plots.overlap(DRAWN["overlap"], ax=left)
    plots.size_history(EMPTY["size_history"], ax=right)

    told = plots.alt_text(left.figure)

    assert told == f"{plots.alt_text(left)} {plots.alt_text(right)}"


def test_the_words_are_short_however_much_is_drawn(ax):
    many = {f"ns{i:04}": 1_000 - i for i in range(1_000)}

    told = plots.alt_text(plots.namespace_counts(result(gold=many), top=1_000, ax=ax))

    assert told.endswith("; and 988 more.")


@pytest.mark.parametrize("name", DRAWN)
def test_outside_notebooks_a_figure_has_its_words_and_no_picture(name):
    ax = getattr(plots, name)(DRAWN[name])

    assert ax.figure._repr_mimebundle_() == {"text/plain": plots.alt_text(ax)}


def test_a_figure_whose_axes_have_no_words_is_shown_like_any_other():
    figure = plots.overlap(DRAWN["overlap"]).figure
    figure.clear()

    assert figure._repr_mimebundle_() == {}


def test_a_file_can_carry_the_words(ax, tmp_path):
    told = plots.alt_text(plots.overlap(DRAWN["overlap"], ax=ax))
    ax.figure.savefig(tmp_path / "overlap.png", metadata={"Description": told})

    assert Image.open(tmp_path / "overlap.png").text["Description"] == told
