"""Arrays that are kept for later: so many bytes of them in memory, the rest in a temporary file.

What was not asked for the longest goes to the file, and comes back when it is asked for: reading it is a
thousandth of the work of finding it again. The file has no name, so that it is gone with the process.
"""

from __future__ import annotations

import logging
import tempfile
import weakref
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable
from pathlib import Path
from threading import RLock
from typing import IO, Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Key = tuple[Hashable, ...]

MEMORY_BYTES = 768 * 2**20
FILE_BYTES = 8 * 2**30

_log = logging.getLogger("segtoolkit")


class Shelf:
    """Keeps arrays by key, all read-only; threads may share it.

    Args:
        memory: bytes of arrays in memory; the array put or taken last stays even if it is larger.
        folder: of the temporary file; the system's if None.
        file: bytes of arrays in the file; what does not fit is forgotten.
    """

    def __init__(
        self,
        memory: int = MEMORY_BYTES,
        *,
        folder: Path | None = None,
        file: int = FILE_BYTES,
    ) -> None:
        self.memory = memory
        self._in_memory: OrderedDict[Key, Array] = OrderedDict()
        self._bytes = 0
        self._away = _File(folder, file)
        self._lock = RLock()

    def put(self, key: Key, array: Array) -> None:
        """Keep *array*, which must not change from now on, in place of the one of that key."""
        array.flags.writeable = False
        with self._lock:
            self.forget(key)
            self._take_in(key, array)

    def has(self, key: Key) -> bool:
        """Return whether there is an array of *key*."""
        with self._lock:
            return key in self._in_memory or key in self._away

    def take(self, key: Key) -> Array | None:
        """Return the array of *key*; None if there is none, or it was forgotten."""
        with self._lock:
            if (array := self._in_memory.get(key)) is not None:
                self._in_memory.move_to_end(key)
            elif (array := self._away.read(key)) is not None:
                self._take_in(key, array)
            return array

    def drop(self, is_unwanted: Callable[[Key], bool]) -> None:
        """Forget the arrays of all such keys."""
        with self._lock:
            for key in [*self._in_memory, *self._away.keys()]:
                if is_unwanted(key):
                    self.forget(key)

    def forget(self, key: Key) -> None:
        """Forget the array of *key*, if there is one."""
        with self._lock:
            if (known := self._in_memory.pop(key, None)) is not None:
                self._bytes -= known.nbytes
            self._away.forget(key)

    def _take_in(self, key: Key, array: Array) -> None:
        self._in_memory[key] = array
        self._bytes += array.nbytes
        while self._bytes > self.memory and len(self._in_memory) > 1:
            oldest, moved = self._in_memory.popitem(last=False)
            self._bytes -= moved.nbytes
            self._away.write(oldest, moved)


class _File:
    """A file without a name, made when it is needed; the place of an array is used again."""

    def __init__(self, folder: Path | None, most: int) -> None:
        self._folder = folder
        self._most = most
        self._end = 0
        self._file: IO[bytes] | None = None
        self._places: dict[Key, tuple[int, int, np.dtype[Any]]] = {}
        self._free: defaultdict[int, list[int]] = defaultdict(list)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def keys(self) -> list[Key]:
        return list(self._places)

    def write(self, key: Key, array: Array) -> None:
        if key in self._places:
            return  # it came from here, and arrays do not change
        place = self._place(array.nbytes)
        if place is None:
            return
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115
                weakref.finalize(self, self._file.close)
            self._file.seek(place)
            array.tofile(self._file)
        except OSError as error:  # a full disk: what is not kept can be found again
            _log.warning("cannot keep found profiles in a temporary file: %s", error)
            return
        self._places[key] = (place, len(array), array.dtype)

    def read(self, key: Key) -> Array | None:
        if key not in self._places or self._file is None:
            return None
        place, length, dtype = self._places[key]
        self._file.seek(place)
        array = np.fromfile(self._file, dtype, length)
        array.flags.writeable = False
        return array

    def forget(self, key: Key) -> None:
        if (known := self._places.pop(key, None)) is not None:
            place, length, dtype = known
            self._free[length * dtype.itemsize].append(place)
        if not self._places:
            self._free.clear()
            self._end = 0
            if self._file is not None:
                self._file.truncate(0)

    def _place(self, size: int) -> int | None:
        if self._free[size]:
            return self._free[size].pop()
        if self._end + size > self._most:
            return None
        place, self._end = self._end, self._end + size
        return place
