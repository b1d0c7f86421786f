"""Packed bits to portable roaring bitmaps, and back.

The published format (github.com/RoaringBitmap/RoaringFormatSpec) keeps each run of 65,536 row ids as a
container: a list of up to 4,096 ids, or plain bits, which are ours already. To make lists of bits is a
library's work, but handing it every id takes ten times as long as all the rest. So the set is mixed with
noise, of which every container is plain bits that can be copied, and the library takes the noise out
again; and the other way round.
"""

from __future__ import annotations

import struct
from functools import lru_cache

import numpy as np
from pyroaring import BitMap

from segtoolkit.engine.bits import Bits, from_rows, rows_of

_NO_RUNS = 12346  # the first word of a bitmap without run-length containers
_WORDS = 2**10  # words of 64 bits in a container
_MOST_LISTED = 4096
_EACH = 8  # bytes of a container in the header: key, cardinality - 1, and where it begins


def to_blob(bits: Bits) -> bytes:
    """Return the set as a portable roaring bitmap, the same for the same set.

    >>> len(to_blob(from_rows(np.array([7, 70]), 80)))
    20
    """
    padded = np.pad(bits, (0, -len(bits) % _WORDS))
    plain = _plain_blob(padded)
    if plain is not None:
        return plain
    mixed = _plain_blob(padded ^ _noise(len(padded)))
    if mixed is None:  # somebody made this set of our noise
        return bytes(BitMap(rows_of(bits)).serialize())
    return bytes((BitMap.deserialize(mixed) ^ _noise_bitmap(len(padded))).serialize())


def from_blob(blob: bytes, size: int) -> Bits:
    """Return the set in *blob*, as far as it lies in a universe of *size* row ids.

    >>> from_blob(to_blob(from_rows(np.array([7, 70]), 80)), 80).tolist()
    [128, 64]
    """
    words = -(-size // 64)
    found = BitMap.deserialize(blob)
    noise = _noise(-(-words // _WORDS) * _WORDS)
    mixed = _plain_words((found ^ _noise_bitmap(len(noise))).serialize(), len(noise))
    if mixed is None:
        return from_rows(np.asarray(found.to_array(), dtype=np.uint32), size)
    return _without_rest((mixed ^ noise)[:words], size)


def _plain_blob(words: Bits) -> bytes | None:
    """Return the blob of a set that has enough in every container for it to be plain bits."""
    containers = words.reshape(-1, _WORDS)
    counts = np.bitwise_count(containers).sum(axis=1)
    if len(counts) and counts.min() <= _MOST_LISTED:
        return None
    return _header(counts) + words.astype("<u8", copy=False).tobytes()


def _header(counts: np.ndarray[tuple[int], np.dtype[np.integer]]) -> bytes:
    number = len(counts)
    keys = np.arange(number)
    described = np.column_stack((keys, counts - 1)).astype("<u2").tobytes()
    begins = (_EACH + _EACH * number + 8 * _WORDS * keys).astype("<u4").tobytes()
    return struct.pack("<II", _NO_RUNS, number) + described + begins


def _plain_words(blob: bytes, words: int) -> Bits | None:
    """Return the first *words* of a blob, if the containers they are in are plain bits."""
    cookie, number = struct.unpack_from("<II", blob)
    wanted = words // _WORDS
    described = np.frombuffer(blob, "<u2", 2 * number, _EACH).reshape(-1, 2)[:wanted]
    if cookie != _NO_RUNS or not _are_plain(described, wanted):
        return None
    begin = _EACH + _EACH * number
    return np.frombuffer(blob, "<u8", words, begin).astype(np.uint64, copy=False)


def _are_plain(
    described: np.ndarray[tuple[int, int], np.dtype[np.uint16]], wanted: int
) -> bool:
    keys, mosts = described[:, 0], described[:, 1]
    return np.array_equal(keys, np.arange(wanted)) and bool((mosts >= _MOST_LISTED).all())


@lru_cache(maxsize=4)
def _noise(words: int) -> Bits:
    """Return a set of about half of all, the same for the same number of words."""
    return np.random.default_rng(words).integers(2**64, size=words, dtype=np.uint64)


@lru_cache(maxsize=4)
def _noise_bitmap(words: int) -> BitMap:
    blob = _plain_blob(_noise(words))
    assert blob is not None
    return BitMap.deserialize(blob)


def _without_rest(found: Bits, size: int) -> Bits:
    """Drop the ids from *size* on, in the last word."""
    if size % 64 and len(found):
        found[-1] &= np.uint64((1 << size % 64) - 1)
    return found
