from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segtoolkit.engine import bits

SIZES = st.integers(1, 300)


def sets(size: int):
    return st.sets(st.integers(0, size - 1))


def packed(rows: set[int], size: int):
    return bits.from_rows(np.array(sorted(rows), dtype=np.int64), size)


@given(st.data(), SIZES)
def test_algebra_of_bits_is_algebra_of_sets(data, size):
    left, right = data.draw(sets(size)), data.draw(sets(size))
    a, b = packed(left, size), packed(right, size)
    everyone = packed(set(range(size)), size)

    assert set(bits.rows_of(a & b)) == left & right
    assert set(bits.rows_of(a | b)) == left | right
    assert set(bits.rows_of(everyone & ~a)) == set(range(size)) - left
    assert bits.count(a) == len(left)


def test_rows_outside_the_universe_are_ignored():
    assert bits.rows_of(packed({1, 5, 900}, 6)).tolist() == [1, 5]


def test_empty_universe_holds_nobody():
    assert bits.count(packed(set(), 0)) == 0
