"""The plot of membership statuses is tested by what it draws: bars, labels, axes; no pixels."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from segtoolkit import frames, plots
from segtoolkit.models import JobMetrics, JobRecord, JobStatus
from tests.plots.drawn import legend, rows, widths, words


def counted(**segments: dict[str, int]):
    metrics = JobMetrics(segmented_profile_by_status_counter=segments)
    return frames.by_status_frame(
        JobRecord(id="job", status=JobStatus.SUCCEEDED, metrics=metrics)
    )


def test_who_stayed_and_entered_goes_right_and_who_left_goes_left(ax):
    frame = counted(gold={"existing": 1_200, "realized": 34, "exited": 5})

    plots.status_counts(frame, ax=ax)

    assert widths(ax) == [1_200, 34, -5]
    assert [bar.get_x() for bar in ax.patches] == [0, 1_200, 0]
    assert words(ax) == ["1,200 + 34", "5"]
    assert legend(ax) == ["stayed", "entered", "left"]


def test_without_who_stayed_all_members_are_one_bar(ax):
    plots.status_counts(counted(gold={"realized": 70, "exited": 5}), ax=ax)

    assert widths(ax) == [70, -5]
    assert words(ax) == ["70", "5"]
    assert legend(ax) == ["in it, stayed or entered", "left"]


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"existing": 3}, ["3 + unknown", "unknown"]),
        ({"existing": 0, "realized": 0, "exited": 0}, ["0 + 0", "0"]),
        ({"exited": 4}, ["unknown + unknown", "4"]),
    ],
)
def test_unknown_is_said_and_zero_stays_a_number(ax, counts, said):
    plots.status_counts(counted(gold=counts), ax=ax)
    assert words(ax) == said


def test_the_axis_has_no_negative_numbers(ax):
    plots.status_counts(counted(gold={"realized": 1, "exited": 50_000}), ax=ax)
    ax.figure.canvas.draw()

    shown = [label.get_text() for label in ax.get_xticklabels()]
    assert "50,000" in shown
    assert not any("-" in text or "−" in text for text in shown)  # noqa: RUF001 - matplotlib's


def test_segments_stand_largest_first_and_small_ones_are_mentioned(ax):
    many = {f"s{n}": {"existing": n, "realized": 0} for n in range(1_000)}

    plots.status_counts(counted(**many), top=3, ax=ax)

    assert rows(ax) == ["s999", "s998", "s997"]
    assert "997 smaller segments not shown" in ax.get_xlabel()


def test_statuses_that_nobody_knows_are_mentioned(ax):
    plots.status_counts(counted(gold={"existing": 1, "$paused$": 2}), ax=ax)
    ax.figure.canvas.draw()

    assert "not drawn: $paused$" in ax.get_xlabel()


def test_states_differ_in_colour(ax):
    frame = counted(
        a={"existing": 3, "realized": 2, "exited": 1}, b={"realized": 2, "exited": 1}
    )

    plots.status_counts(frame, ax=ax)

    assert len({to_hex(bars[0].get_facecolor()) for bars in ax.containers}) == 4


def test_of_several_jobs_the_last_one_counts(ax):
    frames_ = [counted(gold={"existing": n, "realized": 0, "exited": 0}) for n in (1, 7)]

    plots.status_counts(pd.concat(frames_), ax=ax)

    assert words(ax) == ["7 + 0", "0"]
