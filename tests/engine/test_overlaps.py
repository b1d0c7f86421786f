from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from segtoolkit.engine import bits, overlaps


def random_sets(number: int, size: int, seed: int = 0):
    draw = np.random.default_rng(seed)
    flags = draw.random((number, size)) < draw.random((number, 1))
    return flags, [bits.from_flags(one) for one in flags]


@pytest.mark.parametrize("number", [1, 2, 8, 9, 20, 64, 65, 130])
def test_every_profile_counts_once_under_exactly_the_sets_it_is_in(number):
    flags, sets = random_sets(number, 3001)
    expected = Counter(tuple(np.flatnonzero(row).tolist()) for row in flags.T)
    del expected[()]

    assert overlaps.combinations(sets) == expected


@pytest.mark.parametrize("number", [1, 2, 20])
def test_two_sets_share_what_their_combinations_add_up_to(number):
    flags, sets = random_sets(number, 3001)
    shared = flags.astype(int) @ flags.T.astype(int)

    found = overlaps.pairs(overlaps.combinations(sets), number)

    assert found.tolist() == shared.tolist()


def test_a_universe_larger_than_one_step_is_counted_whole(monkeypatch):
    _, sets = random_sets(3, 5000)
    whole = overlaps.combinations(sets)
    monkeypatch.setattr(overlaps, "_MOST_FLAGS", 3 * 64 * 7)

    assert overlaps.combinations(sets) == whole


@pytest.mark.parametrize("sets", [[], [bits.from_rows(np.array([], dtype=int), 100)] * 2])
def test_sets_without_profiles_have_no_combination(sets):
    assert overlaps.combinations(sets) == {}
