from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from segtoolkit.engine import bits, roaring

CONTAINER = 65_536
# Up to and across the borders of words and containers, sparse and dense.
SETS = {
    "nobody": [],
    "one": [7],
    "around a word": [62, 63, 64, 65],
    "around a container": [CONTAINER - 1, CONTAINER, CONTAINER + 1],
    "a gap of containers": [3, 5 * CONTAINER + 3],
    "as many as are listed": range(0, 2 * 4096, 2),
    "one more than are listed": range(0, 2 * 4097, 2),
    "a full container": range(CONTAINER),
    "everybody": range(3 * CONTAINER + 100),
    "dense, then sparse": [*range(0, CONTAINER, 3), CONTAINER + 9],
}


# Sets that are made of what takes a list apart from plain bits.
NOISE = bits.rows_of(roaring._noise(6 * 2**10))
SETS |= {"our own noise": NOISE.tolist(), "half of it": NOISE[::2].tolist()}


def packed(rows, size):
    return bits.from_rows(np.array(list(rows), dtype=np.int64), size)


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_the_bitmap_that_its_rows_make(name):
    made = roaring.bitmap_of(packed(SETS[name], 6 * CONTAINER))

    assert made == BitMap(SETS[name])
    assert BitMap.deserialize(made.serialize()) == made


@given(st.sets(st.integers(0, 200_000)))
def test_a_set_of_any_shape_is_the_bitmap_that_its_rows_make(rows):
    made = roaring.bitmap_of(packed(sorted(rows), 200_001))

    assert made == BitMap(rows)
