"""Intervals of sampled sizes: they hold the true size as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from segtoolkit.intervals import standard_error, wilson
from segtoolkit.models import Estimate


@pytest.mark.parametrize("part", [0.01, 0.1, 0.5])
def test_interval_holds_the_true_size_in_95_of_100_samples(part):
    total, samples, predicates = 1_000_000, 20, 100
    read = int(total * part)
    random = np.random.default_rng(7)
    sizes = (total * 10 ** random.uniform(-3.5, -0.1, predicates)).astype(int)
    drawn = random.hypergeometric(sizes, total - sizes, read, (samples, predicates))

    held = [
        low <= size <= high
        for matched in drawn.tolist()
        for size, (low, high) in zip(
            sizes.tolist(), [wilson(one, read, total) for one in matched], strict=True
        )
    ]

    assert 0.93 <= np.mean(held) <= 0.97


def test_standard_error_is_the_spread_of_sampled_sizes():
    total, read, size = 100_000, 5_000, 30_000
    drawn = np.random.default_rng(3).hypergeometric(size, total - size, read, 4000)

    assert standard_error(1500, read, total) == pytest.approx(np.std(drawn) * 20, rel=0.05)


@pytest.mark.parametrize(
    ("matched", "read"), [(0, 100), (100, 100), (1, 2), (1, 1), (99, 999)]
)
def test_bounds_lie_around_what_is_known_and_within_what_is_possible(matched, read):
    total = 1000
    low, high = wilson(matched, read, total)

    assert matched <= low <= matched / read * total <= high <= total - (read - matched)


@pytest.mark.parametrize(
    ("known", "interval"),
    [
        ({"rows_matched": 3, "rows_read": 10, "total": 10}, (3, 3)),
        ({"rows_matched": 0, "rows_read": 0, "total": 0}, None),
        ({"rows_matched": 3, "rows_read": 10}, None),
        ({"rows_matched": 30, "rows_read": 10, "total": 100}, None),
        ({"rows_matched": 3, "rows_read": 10, "total": 5}, None),
    ],
)
def test_estimate_has_an_interval_where_its_numbers_make_sense(known, interval):
    assert Estimate(size=3, **known).interval == interval


def test_estimate_of_a_sample_says_how_sure_it_is():
    estimate = Estimate(size=30, rows_matched=3, rows_read=10, total=100)

    assert str(estimate) == "30 of 100 profiles = 30.00%, between 11 and 60 at 95%"
    assert estimate.interval == (11, 60)
