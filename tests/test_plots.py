"""Plots are tested by what they draw: bars, labels, axes; no pixels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from segtoolkit import frames, plots
from segtoolkit.errors import DataError
from segtoolkit.models import JobMetrics, JobRecord, JobSegment, JobStatus, TimeSpan

mpl.use("Agg")
T0 = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_figure_is_left_or_shown(monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *_: pytest.fail("a plot showed itself"))
    yield
    plt.close("all")


@pytest.fixture
def ax():
    return Figure().subplots()


def result(**namespaces: dict[str, int]) -> pd.DataFrame:
    record = JobRecord(
        id="job",
        status=JobStatus.SUCCEEDED,
        segments=tuple(JobSegment(segment_id=i) for i in namespaces),
        metrics=JobMetrics(
            total_profiles=100,
            segmented_profile_counter=dict.fromkeys(namespaces, 50),
            segmented_profile_by_namespace_counter=namespaces,
        ),
    )
    return frames.by_namespace_frame(record)


def job(
    status: str, *, start: float | None = 1, end: float | None = 5, id_="job-1"
) -> JobRecord:
    """Return a job created at T0 that started and ended so many minutes later."""
    span = TimeSpan(
        started_at=None if start is None else T0 + timedelta(minutes=start),
        ended_at=None if end is None else T0 + timedelta(minutes=end),
    )
    total = TimeSpan(started_at=T0, ended_at=span.ended_at)
    metrics = JobMetrics(total_time=total, profile_segmentation_time=span)
    return JobRecord(
        id=id_, status=JobStatus(status), metrics=metrics, created_at=T0, updated_at=T0
    )


def widths(ax):
    return [round(float(bar.get_width()), 6) for bar in ax.patches]


def words(ax):
    return [text.get_text() for text in ax.texts]


def rows(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def test_namespaces_are_bars_largest_first_with_their_numbers(ax):
    plots.namespace_counts(result(gold={"Email": 20, "ECID": 4_500}), ax=ax)

    assert widths(ax) == [4_500, 20]
    assert rows(ax) == ["ECID", "Email"]
    assert words(ax) == ["4,500", "20"]
    assert "gold" in ax.get_title()


def test_caption_says_that_namespaces_overlap(ax):
    plots.namespace_counts(result(gold={"Email": 20}), ax=ax)

    assert "do not add up" in ax.get_xlabel()


def test_segments_are_groups_named_in_the_legend(ax):
    plots.namespace_counts(
        result(gold={"Email": 20}, lapsed={"Email": 5, "ECID": 7}), ax=ax
    )

    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["gold", "lapsed"]
    assert len(ax.patches) == 4


def test_share_is_of_the_segment(ax):
    plots.namespace_counts(result(gold={"Email": 20}), share=True, ax=ax)

    assert widths(ax) == [0.4]
    assert words(ax) == ["40.0%"]


def test_many_namespaces_become_the_top_ones_and_the_others(ax):
    many = {f"ns{i:04}": 1_000 - i for i in range(1_000)}

    plots.namespace_counts(result(gold=many), top=3, ax=ax)

    assert rows(ax) == ["ns0000", "ns0001", "ns0002", "997 others, each at most"]
    assert widths(ax)[-1] == 997


def test_strange_names_are_drawn_as_they_are(ax):
    plots.namespace_counts(result(**{"$a$": {"<b>$x_1$": 1}}), ax=ax)
    ax.figure.canvas.draw()

    assert rows(ax) == ["<b>$x_1$"]


@pytest.mark.parametrize("name", ["namespace_counts", "status_timeline"])
def test_nothing_to_draw_is_said_on_labelled_axes(name, ax):
    empty = {
        "namespace_counts": result(gold={}),
        "status_timeline": frames.jobs_frame([]),
    }[name]

    drawn = getattr(plots, name)(empty, ax=ax)

    assert drawn is ax
    assert words(ax)[0].startswith("no ")
    assert ax.get_title()
    assert ax.get_xlabel()


@pytest.mark.parametrize("name", ["namespace_counts", "status_timeline"])
def test_without_axes_there_is_one_new_figure_and_style_is_untouched(name):
    before = dict(mpl.rcParams)
    frame = {
        "namespace_counts": result(a={"x": 1}),
        "status_timeline": frames.jobs_frame([job("FAILED")]),
    }

    drawn = getattr(plots, name)(frame[name])

    assert len(plt.get_fignums()) == 1
    assert drawn.figure.number == plt.get_fignums()[0]
    assert dict(mpl.rcParams) == before


def test_objects_that_make_the_frame_are_taken(ax):
    class Result:
        def by_namespace(self):
            return result(gold={"Email": 3})

    assert widths(plots.namespace_counts(Result(), ax=ax)) == [3]


def test_frame_of_another_kind_is_refused_by_its_missing_columns(ax):
    with pytest.raises(DataError, match="no column namespace"):
        plots.namespace_counts(pd.DataFrame({"segment_id": ["a"], "profiles": [1]}), ax=ax)
    with pytest.raises(TypeError, match="cannot draw int"):
        plots.status_timeline(3, ax=ax)


def test_job_is_a_queued_part_then_the_rest(ax):
    plots.status_timeline(frames.jobs_frame([job("SUCCEEDED", start=1, end=5)]), ax=ax)

    queued, rest = ax.patches
    assert queued.get_width() * 24 * 60 == pytest.approx(1, abs=1e-3)
    assert rest.get_width() * 24 * 60 == pytest.approx(4, abs=1e-3)
    assert rows(ax) == ["job-1  SUCCEEDED"]
    assert words(ax) == ["5m 00s"]


def test_states_are_named_in_rows_and_legend_and_differ_in_colour(ax):
    states = ["SUCCEEDED", "FAILED", "CANCELLED", "PROCESSING", "PAUSED"]
    jobs = [job(s, id_=f"j{n}") for n, s in enumerate(states)]

    plots.status_timeline(frames.jobs_frame(jobs), ax=ax)

    assert rows(ax) == [f"j{n}  {s}" for n, s in enumerate(states)]
    named = [t.get_text() for t in ax.get_legend().get_texts()]
    assert named[0] == "queued"
    assert set(named[1:]) == set(states)
    assert len({to_hex(bar.get_facecolor()) for bar in ax.patches[len(states) :]}) == len(
        states
    )


def test_job_that_has_not_ended_reaches_the_latest_time_known(ax):
    jobs = [
        job("PROCESSING", start=1, end=None, id_="a"),
        job("SUCCEEDED", start=2, end=9, id_="b"),
    ]

    plots.status_timeline(frames.jobs_frame(jobs), ax=ax)

    assert ax.patches[2].get_width() * 24 * 60 == pytest.approx(8, abs=1e-3)
    assert words(ax)[0] == "not ended"


def test_job_without_any_time_keeps_its_row(ax):
    nameless = JobRecord(id="old", status=JobStatus.SUCCEEDED)

    plots.status_timeline(frames.jobs_frame([nameless, job("FAILED")]), ax=ax)

    assert rows(ax)[0] == "old  SUCCEEDED"
    assert words(ax)[0] == "no times known"


def test_thousands_of_jobs_are_drawn_in_a_figure_of_bounded_height():
    jobs = frames.jobs_frame([job("SUCCEEDED", id_=f"j{n}") for n in range(2_000)])

    drawn = plots.status_timeline(jobs)

    assert drawn.figure.get_figheight() <= 20
    assert len(rows(drawn)) <= 60


@pytest.mark.parametrize("minutes", [10**n * k for n in range(-4, 6) for k in (1, 2, 5)])
def test_every_span_of_time_has_a_few_ticks(ax, minutes):
    plots.status_timeline(
        frames.jobs_frame([job("SUCCEEDED", start=0, end=minutes)]), ax=ax
    )
    ax.figure.canvas.draw()

    assert 1 <= len(ax.get_xticks()) <= 12


def test_time_axis_is_utc(ax):
    plots.status_timeline(frames.jobs_frame([job("SUCCEEDED", start=10, end=180)]), ax=ax)
    ax.figure.canvas.draw()

    assert "UTC" in ax.get_xlabel()
    assert any(label.get_text().startswith("12:") for label in ax.get_xticklabels())
