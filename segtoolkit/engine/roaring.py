"""Packed bits to portable roaring bitmaps, and back.

The published format (github.com/RoaringBitmap/RoaringFormatSpec) keeps each run of 65,536 row ids as a
container: a list of up to 4,096 ids, or plain bits, which are ours already. Copying them takes a
twentieth of the time of handing a library every id. Bitmaps with run-length containers, which only
others write, are read by pyroaring.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from segtoolkit.engine.bits import Bits, from_rows

_NO_RUNS = 12346  # the first word of a bitmap without run-length containers
_IDS, _WORDS = 2**16, 2**10  # row ids, and words of 64 bits, in a container
_MOST_LISTED = 4096
_EACH = 8  # bytes of a container in the header: key, cardinality - 1, and where it begins


def to_blob(bits: Bits) -> bytes:
    """Return the set as a portable roaring bitmap."""
    padded = np.pad(bits, (0, -len(bits) % _WORDS)).reshape(-1, _WORDS)
    counts = np.bitwise_count(padded).sum(axis=1)
    keys = np.flatnonzero(counts)
    bodies = [_body(padded[key], int(counts[key])) for key in keys]
    described = np.column_stack((keys, counts[keys] - 1)).astype("<u2").tobytes()
    sizes = np.array([len(body) for body in bodies], dtype=np.int64)
    first = _EACH + _EACH * len(keys)
    begins = (first + np.cumsum(sizes) - sizes).astype("<u4").tobytes()
    return b"".join((struct.pack("<II", _NO_RUNS, len(keys)), described, begins, *bodies))


def _body(words: Bits, count: int) -> bytes:
    if count > _MOST_LISTED:
        return words.astype("<u8", copy=False).tobytes()
    flags = np.unpackbits(words.view(np.uint8), bitorder="little")
    return np.flatnonzero(flags).astype("<u2").tobytes()


def from_blob(blob: bytes, size: int) -> Bits:
    """Return the set in *blob*, as far as it lies in a universe of *size* row ids.

    >>> from_blob(to_blob(from_rows(np.array([7, 70]), 80)), 80).tolist()
    [128, 64]
    """
    words = -(-size // 64)
    if struct.unpack_from("<I", blob) != (_NO_RUNS,):
        rows = np.frombuffer(BitMap.deserialize(blob).to_array(), dtype=np.uint32)
        return from_rows(rows, size)
    found = np.zeros(-(-words // _WORDS) * _WORDS, dtype=np.uint64)
    for key, container in _containers(blob):
        if key * _WORDS < len(found):
            found[key * _WORDS : (key + 1) * _WORDS] = container
    return _without_rest(found[:words], size)


def _containers(blob: bytes) -> Iterator[tuple[int, Bits]]:
    (count,) = struct.unpack_from("<I", blob, 4)
    described = np.frombuffer(blob, "<u2", 2 * count, _EACH).reshape(-1, 2)
    begins = np.frombuffer(blob, "<u4", count, _EACH + 4 * count)
    for (key, most), begin in zip(described.tolist(), begins.tolist(), strict=True):
        if most + 1 > _MOST_LISTED:
            yield key, np.frombuffer(blob, "<u8", _WORDS, begin).astype(np.uint64)
        else:
            ids: npt.NDArray[np.integer] = np.frombuffer(blob, "<u2", most + 1, begin)
            yield key, from_rows(ids, _IDS)


def _without_rest(found: Bits, size: int) -> Bits:
    """Drop the ids from *size* on, in the last word."""
    if size % 64 and len(found):
        found[-1] &= np.uint64((1 << size % 64) - 1)
    return found
