"""Packed bits to portable roaring bitmaps.

The published format (github.com/RoaringBitmap/RoaringFormatSpec) keeps each run of 65,536 row ids as a
container: a list of up to 4,096 ids, or plain bits, which are ours already. To make lists of bits is a
library's work, but handing it every id takes ten times as long as all the rest. So the set is mixed with
noise, of which every container is plain bits that can be copied, and the library takes the noise out.
"""

from __future__ import annotations

import struct
from functools import lru_cache

import numpy as np
from pyroaring import BitMap

from segtoolkit.engine.bits import Bits, rows_of

_NO_RUNS = 12346  # the first word of a bitmap without run-length containers
_WORDS = 2**10  # words of 64 bits in a container
_MOST_LISTED = 4096
_EACH = 8  # bytes of a container in the header: key, cardinality - 1, and where it begins


def bitmap_of(bits: Bits) -> BitMap:
    """Return the set as a roaring bitmap.

    >>> from segtoolkit.engine.bits import from_rows
    >>> bitmap_of(from_rows(np.array([7, 70]), 80))
    BitMap([7, 70])
    """
    words = np.pad(bits, (0, -len(bits) % _WORDS))
    plain = _plain_blob(words)
    if plain is not None:
        return BitMap.deserialize(plain)
    mixed = _plain_blob(words ^ _noise(len(words)))
    if mixed is None:  # somebody made this set of our noise
        return BitMap(rows_of(bits))
    found: BitMap = BitMap.deserialize(mixed) ^ _noise_bitmap(len(words))
    return found


def _plain_blob(words: Bits) -> bytes | None:
    """Return the blob of a set that has enough in every container for it to be plain bits."""
    counts = np.bitwise_count(words.reshape(-1, _WORDS)).sum(axis=1)
    if len(counts) and counts.min() <= _MOST_LISTED:
        return None
    number = len(counts)
    keys = np.arange(number)
    described = np.column_stack((keys, counts - 1)).astype("<u2").tobytes()
    begins = (_EACH + _EACH * number + 8 * _WORDS * keys).astype("<u4").tobytes()
    header = struct.pack("<II", _NO_RUNS, number)
    return b"".join((header, described, begins, words.astype("<u8", copy=False).tobytes()))


@lru_cache(maxsize=4)
def _noise(words: int) -> Bits:
    """Return a set of about half of all, the same for the same number of words."""
    return np.random.default_rng(words).integers(2**64, size=words, dtype=np.uint64)


@lru_cache(maxsize=4)
def _noise_bitmap(words: int) -> BitMap:
    blob = _plain_blob(_noise(words))
    assert blob is not None
    return BitMap.deserialize(blob)
