"""Overlaps of sets of profiles: packed bits in, the combinations that occur and their sizes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from segtoolkit.engine.bits import Bits

_WORD = 64
# Flags unpacked at a time, one byte each.
_MOST_FLAGS = 2**26


def combinations(sets: Sequence[Bits]) -> dict[tuple[int, ...], int]:
    """Count the profiles that are in exactly the same of *sets*, which are of one universe.

    Takes the time of one look at every profile and set, however many combinations there could be.

    Returns:
        sizes by the indices of the sets; profiles in none of them are left out.

    >>> from segtoolkit.engine.bits import from_rows
    >>> combinations([from_rows(np.array([1, 2]), 9), from_rows(np.array([2, 3, 4]), 9)])
    {(0,): 1, (0, 1): 1, (1,): 2}
    """
    counts = Counter[bytes]()
    for codes in _codes(sets):
        found, sizes = np.unique(codes, return_counts=True, axis=0)
        for code, size in zip(found, sizes.tolist(), strict=True):
            counts[code.tobytes()] += size
    named = {_indices(code): size for code, size in counts.items()}
    return {indices: named[indices] for indices in sorted(named)}


def pairs(sizes: Mapping[tuple[int, ...], int], number: int) -> npt.NDArray[np.int64]:
    """Return how many profiles each two of *number* sets share, from what `combinations` found.

    >>> pairs({(0,): 1, (0, 1): 1, (1,): 2}, 2).tolist()
    [[2, 1], [1, 3]]
    """
    shared = np.zeros((number, number), dtype=np.int64)
    for indices, size in sizes.items():
        shared[np.ix_(indices, indices)] += size
    return shared


def _codes(sets: Sequence[Bits]) -> Iterator[npt.NDArray[np.uint64]]:
    """Yield, for some profiles after others, the sets that each is in, as words of one bit a set."""
    if not sets:
        return
    step = max(_MOST_FLAGS // (_WORD * len(sets)), 1)
    for start in range(0, len(sets[0]), step):
        flags = np.stack([_flags(one[start : start + step]) for one in sets])
        packed = np.packbits(flags, axis=0, bitorder="little")
        padded = np.pad(packed, ((0, -len(packed) % 8), (0, 0)))
        codes = np.ascontiguousarray(padded.T).view(np.uint64)
        codes = codes[codes.any(axis=1)]
        yield codes[:, 0] if codes.shape[1] == 1 else codes


def _flags(bits: Bits) -> npt.NDArray[np.uint8]:
    return np.unpackbits(bits.view(np.uint8), bitorder="little")


def _indices(code: bytes) -> tuple[int, ...]:
    flags = np.unpackbits(np.frombuffer(code, dtype=np.uint8), bitorder="little")
    return tuple(np.flatnonzero(flags).tolist())
