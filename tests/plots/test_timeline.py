"""The plot of jobs along time is tested by what it draws: bars, labels, axes; no pixels."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib.colors import to_hex

from segtoolkit import frames, plots
from segtoolkit.models import JobRecord, JobStatus
from tests.plots.drawn import job, minutes_of, rows, timed, words


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


def test_many_rows_thin_their_texts_and_keep_their_bars(ax):
    plots.status_timeline(
        frames.jobs_frame(job("SUCCEEDED", id_=f"j{n}") for n in range(300)),
        top=300,
        ax=ax,
    )

    assert rows(ax) == [f"j{n}  SUCCEEDED" for n in range(0, 300, 5)]
    assert len(words(ax)) == 60
    assert len(ax.containers[1]) == 300


def test_of_thousands_of_jobs_the_newest_are_drawn_and_the_others_counted():
    states = ["FAILED" if n % 5 == 0 else "SUCCEEDED" for n in range(5_000)]
    jobs = [
        timed(f"j{n}", state, created=-n, ended=-n + 5) for n, state in enumerate(states)
    ]

    drawn = plots.status_timeline(frames.jobs_frame(jobs))

    assert [row.split()[0] for row in rows(drawn)] == [f"j{n}" for n in range(30)]
    assert "newest 30 of 5,000 jobs; the others: 3,976 SUCCEEDED, 994 FAILED" in (
        drawn.get_xlabel()
    )
    assert drawn.figure.get_figheight() <= 12


def test_the_newest_jobs_keep_the_order_of_the_frame(ax):
    jobs = [timed(f"j{n}", "SUCCEEDED", created=m) for n, m in enumerate([5, 1, 9, 3])]

    plots.status_timeline(frames.jobs_frame(jobs), top=2, ax=ax)

    assert [row.split()[0] for row in rows(ax)] == ["j0", "j2"]


def test_segments_of_a_group_without_a_job_keep_a_row(ax):
    entries = [(["gold"], job("SUCCEEDED"), None), (["us"], None, "no such segment")]

    plots.status_timeline(frames.group_frame(entries), ax=ax)

    assert rows(ax) == ["job-1  SUCCEEDED", "us  no job"]
    assert words(ax)[1] == "no times known"
