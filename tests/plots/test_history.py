"""The plot of sizes over jobs is tested by what it draws: lines, labels, axes; no pixels."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from segtoolkit import frames, plots
from segtoolkit.models import JobMetrics, JobRecord, JobSegment, JobStatus, TimeSpan
from tests.plots.drawn import T0, legend


def run(day: int, total: int | None = 1_000, **sizes: int | None) -> JobRecord:
    """Return a job that ended *day* days after T0; None is a size it did not count."""
    known = {name: size for name, size in sizes.items() if size is not None}
    metrics = JobMetrics(
        total_time=TimeSpan(ended_at=T0 + timedelta(days=day)),
        total_profiles=total,
        segmented_profile_counter=known,
    )
    return JobRecord(
        id=f"job-{day}",
        status=JobStatus.SUCCEEDED if known else JobStatus.FAILED,
        segments=tuple(JobSegment(segment_id=name) for name in sizes),
        metrics=metrics,
    )


def history(*jobs: JobRecord):
    return frames.history_frame(jobs)


def lines(ax):
    """Return the sizes of every line, without the crosses."""
    drawn = [list(line.get_ydata()) for line in ax.lines if line.get_marker() != "x"]
    return dict(zip(legend(ax), drawn, strict=True))


def crosses(ax):
    return [len(line.get_xdata()) for line in ax.lines if line.get_marker() == "x"]


def about(day: int, job: JobRecord) -> JobRecord:
    instant = (T0 - timedelta(days=day)).isoformat()
    return replace(job, properties={"asOf": instant})


def test_jobs_stand_at_the_instant_that_they_are_about(ax):
    """Run one after the other, about the last two days: the later one about the earlier day."""
    plots.size_history(history(about(1, run(0, gold=7)), about(2, run(1, gold=5))), ax=ax)

    assert list(lines(ax).values()) == [[5, 7]]
    assert ax.get_xlabel() == "as of (UTC)"


def test_the_caption_says_so_if_some_jobs_do_not_tell_what_they_are_about(ax):
    plots.size_history(history(about(1, run(0, gold=7)), run(1, gold=5)), ax=ax)

    assert ax.get_xlabel() == "as of or end of the job (UTC)"


def test_an_audience_is_a_line_in_the_order_of_time_whatever_that_of_the_jobs(ax):
    plots.size_history(history(run(2, gold=110), run(0, gold=100)), ax=ax)

    assert lines(ax) == {"gold 110 (+10.0%)": [100, 110]}


def test_segments_differ_in_colour_and_shape_and_are_named(ax):
    plots.size_history(history(run(0, gold=1_000, us=5), run(1, gold=1_500, us=5)), ax=ax)

    assert legend(ax) == ["gold 1,500 (+50.0%)", "us 5 (+0.0%)"]
    assert len({line.get_color() for line in ax.lines}) == 2
    assert len({line.get_marker() for line in ax.lines}) == 2


def test_a_job_without_a_count_is_a_gap_and_a_cross_and_no_zero(ax):
    plots.size_history(history(run(0, gold=9), run(1, gold=None), run(2, gold=8)), ax=ax)

    ((first, gap, last),) = lines(ax).values()
    assert (first, last) == (9, 8)
    assert np.isnan(gap)
    assert crosses(ax) == [1]
    assert "crosses: jobs without a count" in ax.get_xlabel()


def test_an_audience_that_no_job_counted_is_unknown(ax):
    plots.size_history(history(run(0, gold=None)), ax=ax)
    ax.figure.canvas.draw()

    assert legend(ax) == ["gold unknown"]


def test_shares_are_of_all_profiles_of_their_job(ax):
    plots.size_history(
        history(run(0, gold=100), run(1, total=200, gold=100)), share=True, ax=ax
    )

    assert list(lines(ax).values()) == [[0.1, 0.5]]
    assert ax.get_ylabel() == "share of all profiles"


def test_of_many_segments_the_largest_are_drawn_and_the_rest_is_mentioned(ax):
    sizes = {f"s{n}": n for n in range(1_000)}

    plots.size_history(history(run(0, **sizes)), ax=ax)

    assert {text.split()[0] for text in legend(ax)} == {f"s{n}" for n in range(994, 1_000)}
    assert "994 smaller segments not shown" in ax.get_xlabel()


def test_strange_names_are_drawn_as_they_are(ax):
    plots.size_history(history(run(0, **{"$x_1$ <b>": 1})), ax=ax)
    ax.figure.canvas.draw()

    assert legend(ax) == ["$x_1$ <b> 1"]


def test_a_name_that_begins_with_an_underscore_is_in_the_legend(ax):
    plots.size_history(history(run(0, _hidden=1)), ax=ax)

    assert legend(ax) == ["_hidden 1"]


@pytest.mark.parametrize("days", [0, 1, 30, 3_000])
def test_every_span_has_a_few_ticks_in_utc(ax, days):
    plots.size_history(history(run(0, gold=1), run(days, gold=2)), ax=ax)
    ax.figure.canvas.draw()

    assert 1 <= len(ax.get_xticks()) <= 12
    assert "UTC" in ax.get_xlabel()


def test_sizes_have_separators_and_no_offset(ax):
    plots.size_history(history(run(0, gold=13_146_430), run(1, gold=13_146_432)), ax=ax)
    ax.figure.canvas.draw()

    assert all(label.get_text().startswith("13,146,4") for label in ax.get_yticklabels())
