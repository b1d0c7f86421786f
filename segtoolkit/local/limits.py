"""How much memory and disk the engine may take: a caller's wishes in, DuckDB's settings out."""

from __future__ import annotations

import math
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import duckdb

from segtoolkit.engine.shelf import MEMORY_BYTES, Shelf
from segtoolkit.errors import ConfigError, StoreError

Settings: TypeAlias = dict[str, str | bool | int | float | list[str]]

_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*((?:[KMGT]i?)?B)\s*", re.IGNORECASE)
# What is kept of answers. DuckDB takes up to a quarter more than it is told when it writes, and does
# not count what Python and its libraries take before anything is read.
_SHARE_OF_CACHE = 0.1
_SHARE_OF_ENGINE, _OF_PYTHON, _LEAST_SHARE = 0.8, 250 * 10**6, 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What DuckDB may take; None leaves it to choose.

    Attributes:
        memory_limit: such as ``1GB``; what is needed beyond goes to disk. At first 80 % of the memory.
        temp_directory: where that is. At first a folder beside the store.
        max_temp_directory_size: how much of it. At first half of what is free there.
    """

    memory_limit: str | None = None
    temp_directory: str | Path | None = None
    max_temp_directory_size: str | None = None

    def __post_init__(self) -> None:
        for name in ("memory_limit", "max_temp_directory_size"):
            given = getattr(self, name)
            if given is not None and not _SIZE.fullmatch(str(given)):
                raise ConfigError(
                    f'{name} is a size such as "1GB" or "500MB", not {given!r}'
                )

        if self.temp_directory is not None and not Path(self.temp_directory).is_dir():
            raise ConfigError(f"there is no folder {self.temp_directory}; make it")

    def cache_bytes(self) -> int:
        """Return what may be kept in memory of what was found before."""
        if self.memory_limit is None:
            return MEMORY_BYTES
        return min(MEMORY_BYTES, int(_bytes(self.memory_limit) * _SHARE_OF_CACHE))

    def shelf(self, path: Path | None) -> Shelf:
        """Return where the engine of the store at *path* keeps what it found."""
        beside = self.temp_directory or (path and path.parent)
        return Shelf(self.cache_bytes(), folder=None if beside is None else Path(beside))

    def settings(self, spill: Path) -> Settings:
        """Return DuckDB's settings for a connect; what goes to disk goes to *spill*."""
        if self.memory_limit is None:
            return {"temp_directory": str(spill)}
        given = _bytes(self.memory_limit)
        of_engine = max((given - _OF_PYTHON) * _SHARE_OF_ENGINE, given * _LEAST_SHARE)
        return {"temp_directory": str(spill), "memory_limit": f"{int(of_engine)}B"}

    def bound(self, connection: duckdb.DuckDBPyConnection, spill: Path) -> None:
        """Bound what goes to *spill*; as a setting of the connect, DuckDB 2.0 shows it and ignores it."""
        # Its default lets a runaway query fill 90 % of the disk.
        half = f"{shutil.disk_usage(spill.parent).free // 2**21}MiB"
        most = self.max_temp_directory_size or half
        connection.execute(f"SET GLOBAL max_temp_directory_size = '{most}'")

    def differing(self, present: Limits) -> str:
        """Say which of these wishes the *present* limits of an open store are not."""
        names = ("memory_limit", "temp_directory", "max_temp_directory_size")
        return ", ".join(
            f"{name}={getattr(present, name)!s}"
            for name in names
            if getattr(self, name) not in (None, getattr(present, name))
        )


def _bytes(size: str) -> float:
    found = _SIZE.fullmatch(size)
    assert found is not None
    base = 1024.0 if "i" in found[2] else 1000.0
    power = "BKMGT".index(found[2][0].upper())
    return float(found[1]) * math.pow(base, power)


class Shortage(StoreError):
    """Raised where memory or disk did not suffice; what was done is undone."""


def shortage(error: BaseException) -> Shortage | None:
    """Return what did not suffice, if that is what *error* says, in words people use."""
    said = str(error).partition("\n")[0]
    match error:
        case duckdb.OutOfMemoryException() if "max_temp_directory_size" in str(error):
            return Shortage(
                "this needs more temporary disk space than it may take; raise "
                f"max_temp_directory_size, or do less at once ({said})"
            )
        case duckdb.OutOfMemoryException() | MemoryError():
            return Shortage(
                "this needs more memory than it may take; raise memory_limit, close other "
                f"programs, or do less at once ({said})"
            )
        case duckdb.TransactionException() if "Could not write file" in said:
            return Shortage(f"the disk is full or cannot be written ({said})")
        case duckdb.IOException():
            return Shortage(f"the disk cannot be read or written ({said})")
        case _:
            return None
