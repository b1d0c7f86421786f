"""Plots are tested by what they draw: bars, labels, axes; no pixels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib import dates as mdates
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


def timed(job_id: str, status: str, **minutes: float) -> JobRecord:
    """Return a job of which only the given times are known, in minutes after T0."""
    at = {name: T0 + timedelta(minutes=minute) for name, minute in minutes.items()}
    metrics = JobMetrics(
        total_time=TimeSpan(ended_at=at.get("ended")),
        profile_segmentation_time=TimeSpan(started_at=at.get("started")),
    )
    return JobRecord(
        id=job_id,
        status=JobStatus(status),
        metrics=metrics,
        created_at=at.get("created"),
        updated_at=at.get("updated"),
    )


def minutes_of(bar):
    """Return begin and end of *bar* in minutes after T0."""
    begin = (bar.get_x() - mdates.date2num(T0)) * 24 * 60
    return round(begin, 3), round(begin + bar.get_width() * 24 * 60, 3)


DRAWN = {
    "namespace_counts": result(gold={"ECID": 3}),
    "status_timeline": frames.jobs_frame([job("SUCCEEDED")]),
}


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

    texts = [drawn.title, drawn.xaxis.label, *drawn.texts, *drawn.get_yticklabels()]
    assert {to_hex(text.get_color()) for text in texts} == {"#ffffff"}


def test_a_share_that_is_unknown_says_so_and_zero_stays_a_number(ax):
    frame = result(gold={"Email": 20}).assign(share=pd.array([None], dtype="Float64"))
    assert words(plots.namespace_counts(frame, share=True, ax=ax)) == ["unknown"]

    zero = plots.namespace_counts(result(gold={"Email": 0}), ax=Figure().subplots())
    assert (words(zero), zero.get_xlim()) == (["0"], (0, 1))


def test_a_namespace_that_one_segment_lacks_is_unknown_there(ax):
    plots.namespace_counts(result(gold={"ECID": 3, "Email": 1}, new={"ECID": 2}), ax=ax)

    assert words(ax) == ["3", "1", "2", "unknown"]


def test_a_single_namespace_beyond_the_top_keeps_its_name(ax):
    plots.namespace_counts(result(gold={"a": 3, "b": 2, "c": 1}), top=2, ax=ax)

    assert rows(ax) == ["a", "b", "c"]


@pytest.mark.parametrize("top", [0, -1])
def test_a_top_below_one_is_refused(top, ax):
    with pytest.raises(ValueError, match=f"top must be at least 1, not {top}"):
        plots.namespace_counts(result(), top=top, ax=ax)


def test_of_very_many_segments_the_largest_are_drawn_and_the_rest_is_mentioned(ax):
    plots.namespace_counts(result(**{f"s{n}": {"ECID": n} for n in range(1, 9)}), ax=ax)

    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == ["s8", "s7", "s6", "s5", "s4", "s3"]
    assert len({to_hex(bar.get_facecolor()) for bar in ax.patches}) == len(named)
    assert "2 smaller segments not shown" in ax.get_xlabel()


def test_large_numbers_fit_a_narrow_axis():
    half, _ = Figure(figsize=(8, 3), layout="constrained").subplots(1, 2)
    plots.namespace_counts(result(gold={"ECID": 13_146_432}), ax=half)
    half.figure.canvas.draw()

    low, high = half.get_xlim()
    shown = [
        label for label in half.get_xticklabels() if low <= label.get_position()[0] <= high
    ]
    boxes = [label.get_window_extent() for label in shown]
    assert "10,000,000" in [label.get_text() for label in shown]
    assert all(one.x1 < other.x0 for one, other in pairwise(boxes))


@pytest.mark.parametrize(
    ("status", "minutes", "queued", "rest", "said"),
    [
        ("PROCESSING", {"created": 0, "started": 10}, (0, 10), (10, 60), "not ended"),
        ("QUEUED", {"created": 0}, (0, 60), (60, 60), "not ended"),
        ("PROCESSING", {"created": 0}, (0, 0), (0, 60), "not ended"),
        ("PROCESSING", {"updated": 20}, (20, 20), (20, 60), "not ended"),
        ("FAILED", {"created": 0, "updated": 7}, (0, 0), (0, 7), "end unknown"),
        ("FAILED", {"created": 0}, (0, 0), (0, 0), "end unknown"),
        ("CANCELLED", {"created": 0, "ended": 5}, (0, 0), (0, 5), "5m 00s"),
        ("SUCCEEDED", {"started": 10, "ended": 12}, (10, 10), (10, 12), "2m 00s"),
        ("SUCCEEDED", {"created": 9, "started": 5, "ended": 7}, (5, 5), (5, 7), "2m 00s"),
    ],
    ids=[
        "running",
        "still queued",
        "running since unknown",
        "only updated",
        "end from the last update",
        "only created",
        "ended in the queue",
        "creation unknown",
        "created after it started",
    ],
)
def test_missing_times_fall_back_on_known_ones(ax, status, minutes, queued, rest, said):
    latest = timed("z", "SUCCEEDED", created=50, started=55, ended=60)
    plots.status_timeline(frames.jobs_frame([timed("a", status, **minutes), latest]), ax=ax)

    queues, rests = ax.containers
    assert (minutes_of(queues[0]), minutes_of(rests[0])) == (queued, rest)
    assert words(ax)[0] == said


def test_long_ids_are_cut_unless_their_heads_are_the_same(ax):
    ids = ["468eeefd-95a2-45a1-8bfc-b806dafce7ee", "b31aed3d-b3b1-4613-98c6-7d3846e8d48f"]
    twin = "b31aed3d-0000-4613-98c6-7d3846e8d48f"
    plots.status_timeline(frames.jobs_frame(job("NEW", id_=i) for i in [*ids, twin]), ax=ax)

    assert rows(ax) == ["468eeefd  NEW", f"{ids[1]}  NEW", f"{twin}  NEW"]


def test_without_any_time_the_axis_has_no_ticks(ax):
    plots.status_timeline(frames.jobs_frame([timed("a", "SUCCEEDED")]), ax=ax)
    ax.figure.canvas.draw()

    assert list(ax.get_xticks()) == []


def test_many_rows_thin_their_texts_and_keep_their_bars(ax):
    plots.status_timeline(
        frames.jobs_frame(job("SUCCEEDED", id_=f"j{n}") for n in range(300)), ax=ax
    )

    assert rows(ax) == [f"j{n}  SUCCEEDED" for n in range(0, 300, 5)]
    assert len(words(ax)) == 60
    assert len(ax.containers[1]) == 300


def test_the_earliest_bar_stands_clear_of_the_frame(ax):
    jobs = [
        timed("flash", "SUCCEEDED", created=0, started=0, ended=1e-4),
        timed("long", "SUCCEEDED", created=100, started=100, ended=200),
    ]
    plots.status_timeline(frames.jobs_frame(jobs), ax=ax)

    low, high = ax.get_xlim()
    assert (ax.containers[1][0].get_x() - low) / (high - low) > 0.01


def test_the_axis_is_utc_where_the_style_says_another_zone(ax):
    with mpl.rc_context({"timezone": "America/New_York"}):
        plots.status_timeline(
            frames.jobs_frame([job("SUCCEEDED", start=10, end=30)]), ax=ax
        )
        ax.figure.canvas.draw()

    assert "12:20" in [label.get_text() for label in ax.get_xticklabels()]
