"""Who there is: a cursor goes in; all profiles of one version of the data come out, as sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import duckdb
import numpy as np

from segtoolkit.engine import bits
from segtoolkit.engine.atoms import Atoms
from segtoolkit.engine.bits import Bits
from segtoolkit.engine.codes import Codes, NoCodes
from segtoolkit.engine.rows import columns
from segtoolkit.engine.schema import is_strict, read_schema
from segtoolkit.engine.shelf import Shelf
from segtoolkit.engine.sql import Query
from segtoolkit.pql.types import Schema

_OF_SCHEMA = " in "
CodesOf: TypeAlias = Callable[[str, int, Shelf], Codes | NoCodes]


@dataclass(frozen=True, slots=True)
class Population:
    """All profiles of one version of the data, in a universe of *size* row ids.

    Attributes:
        version: of the data, and where in the store it is looked at.
        size: one more than the highest row id.
        everyone: the profiles.
        namespaces: for each, the profiles with at least one identity of it.
        tests: finds the profiles that pass a test.
    """

    version: str
    schema: Schema
    is_strict: bool
    size: int
    everyone: Bits
    namespaces: Mapping[str, Bits]
    tests: Atoms

    @property
    def data_version(self) -> str:
        return self.version.partition(_OF_SCHEMA)[0]

    def by_namespace(self, members: Bits) -> dict[str, int]:
        """Count, by namespace, those of *members* with at least one identity of it."""
        counts = {n: bits.count(members & held) for n, held in self.namespaces.items()}
        return {name: count for name, count in counts.items() if count}


class Populations:
    """The populations that cursors see: one for each way of merging profiles, the latest.

    *codes_of* a version of the data, over so many row ids and on the shelf, answer what they can.
    """

    def __init__(self, shelf: Shelf, codes_of: CodesOf) -> None:
        self.shelf = shelf
        self._codes_of = codes_of
        self._latest: dict[str, Population] = {}  # by the schema that is looked through

    def seen_by(self, cursor: duckdb.DuckDBPyConnection) -> Population:
        """Return who there is in the data that *cursor* sees; threads may see different versions."""
        ((data_version, schema),) = cursor.execute(
            "SELECT value, current_schema() FROM meta WHERE key = 'data_version'"
        ).fetchall()
        version, latest = f"{data_version}{_OF_SCHEMA}{schema}", self._latest.get(schema)
        if latest is None or latest.version != version:
            latest = self._read(cursor, version)
            self._forget_all_but(data_version)
            self._latest = {**self._latest, schema: latest}
        return latest

    def _read(self, cursor: duckdb.DuckDBPyConnection, version: str) -> Population:
        (highest,) = cursor.execute("SELECT max(rid) FROM keys").fetchall()[0]
        size = 0 if highest is None else highest + 1
        everyone, namespaces = _sets(cursor, size)
        rows = len(everyone) * 64
        codes = self._codes_of(version, rows, self.shelf)
        return Population(
            version,
            read_schema(cursor),
            is_strict(cursor),
            size,
            everyone,
            namespaces,
            Atoms(version, rows, self.shelf, codes),
        )

    def _forget_all_but(self, data_version: str) -> None:
        """Let go of what was found in other data; it is of no use to anybody any more."""
        known = self._latest
        self._latest = {s: p for s, p in known.items() if p.data_version == data_version}
        gone = {p.version for p in known.values()} - {
            p.version for p in self._latest.values()
        }
        if gone:
            self.shelf.drop(lambda key: key[0] in gone)


def _sets(cursor: duckdb.DuckDBPyConnection, size: int) -> tuple[Bits, dict[str, Bits]]:
    """Return everyone, and by namespace those who can be reached on it."""
    sets = dict(cursor.execute("SELECT id, namespaces FROM namespace_sets").fetchall())
    # The code of nobody is one beyond all sets.
    nobody = max(sets, default=-1) + 1
    held = np.full(-(-size // 64) * 64, nobody, dtype=np.min_scalar_type(nobody))
    for rows, codes in columns(
        cursor, Query("SELECT rid, namespace_set FROM profiles", {})
    ):
        held[rows] = codes
    names = sorted({name for names in sets.values() for name in names})
    holding = {name: np.zeros(nobody + 1, dtype=bool) for name in names}
    for code, own in sets.items():
        for name in own:
            holding[name][code] = True
    found = {name: bits.from_flags(flags.take(held)) for name, flags in holding.items()}
    return bits.from_flags(held != nobody), found
