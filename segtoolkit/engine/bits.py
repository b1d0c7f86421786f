"""Sets of profiles as packed bits: one bit per row id, in 64-bit words, least significant first.

And, or, not are ``&``, ``|``, ``~`` on the arrays; ``~`` also sets bits of rows that do not exist, so
an answer is always taken from the population with ``&``. In the store a set is a roaring bitmap, see
`roaring`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Bits: TypeAlias = npt.NDArray[np.uint64]
_WORD = 64


def from_rows(rows: npt.NDArray[np.integer], size: int) -> Bits:
    """Return the set of *rows*, in a universe of *size* row ids; others are ignored.

    >>> count(from_rows(np.array([0, 3, 3, 64]), 65))
    3
    """
    return from_parts([rows], size)


def from_parts(parts: Iterable[npt.NDArray[np.integer]], size: int) -> Bits:
    """Return the set of the rows in all of *parts*; they are let go of one by one."""
    flags = np.zeros(-(-size // _WORD) * _WORD, dtype=bool)
    for rows in parts:
        flags[rows[rows < size]] = True
    return from_flags(flags)


def from_flags(flags: npt.NDArray[np.bool_]) -> Bits:
    """Return the set of the positions that are true."""
    padded = np.pad(flags, (0, -len(flags) % _WORD)) if len(flags) % _WORD else flags
    return np.packbits(padded, bitorder="little").view(np.uint64)


def count(bits: Bits) -> int:
    """Return how many profiles are in the set."""
    return int(np.bitwise_count(bits).sum())


def rows_of(bits: Bits) -> npt.NDArray[np.uint32]:
    """Return the row ids in the set, ascending.

    >>> rows_of(from_rows(np.array([64, 1]), 65)).tolist()
    [1, 64]
    """
    flags = np.unpackbits(bits.view(np.uint8), bitorder="little")
    return np.flatnonzero(flags).astype(np.uint32)
