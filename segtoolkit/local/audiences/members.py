"""The profiles of an audience: row ids go in; a DataFrame, a relation or a Parquet file comes out."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection, DuckDBPyRelation
from pyroaring import BitMap

from segtoolkit import cards, frames
from segtoolkit.errors import ConfigError
from segtoolkit.local.audiences.fields import Field
from segtoolkit.local.audiences.reader import GoOn, Reader
from segtoolkit.local.evaluation import pulsing
from segtoolkit.local.profiles import identities_of
from segtoolkit.progress import NamedProgress, ProgressChoice, Step, steps_of

_ROWS = "member_rows"
_MEMBERS = identities_of(f"profiles SEMI JOIN {_ROWS} USING (rid)")
_IDENTITIES = f"SELECT rid AS profile, namespace, id FROM ({_MEMBERS}) ORDER BY ALL"


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """The profiles of an audience, read when they are asked for.

    A profile that is no longer in the store still has its identity, and no fields.
    """

    _rows: BitMap = field(repr=False)
    _fields: tuple[Field, ...] = field(repr=False)
    _reader: Reader = field(repr=False)
    _progress: ProgressChoice = field(default=None, repr=False)

    @property
    def count(self) -> int:
        """The number of profiles."""
        return len(self._rows)

    def df(self) -> pd.DataFrame:
        """Return one row per profile: its row id, its identity, its fields; see `frames.members_frame`."""

        def read(cursor: DuckDBPyConnection) -> pd.DataFrame:
            self._enter(cursor)
            columns = cursor.execute(self._query).fetchnumpy()
            texts = [field.name for field in self._fields if field.is_text]
            return frames.members_frame(columns, texts)

        return self._reader.read(read)

    def identities(self) -> pd.DataFrame:
        """Return one row per profile and identity; see `frames.identities_frame`."""

        def read(cursor: DuckDBPyConnection) -> pd.DataFrame:
            self._enter(cursor)
            return frames.identities_frame(cursor.execute(_IDENTITIES).fetchnumpy())

        return self._reader.read(read)

    def relation(self) -> DuckDBPyRelation:
        """Return what `df` has as a DuckDB relation of its own, good until the store is closed."""

        def read(cursor: DuckDBPyConnection) -> DuckDBPyRelation:
            self._enter(cursor)
            # A copy: a lazy query would see later loads, or hold back what they replace.
            cursor.execute(f"CREATE TEMP TABLE members AS {self._query}")
            cursor.unregister(_ROWS)
            return cursor.table("temp.members")

        return self._reader.read_on_own_cursor(read)

    def to_parquet(
        self, path: str | Path, *, progress: NamedProgress | Step | None = None
    ) -> Path:
        """Write what `df` has to *path*, complete or not at all, and return where that is.

        Args:
            path: of the file.
            progress: as for ``client.local.load_profiles``.

        Raises:
            ConfigError: there is no such folder.
        """
        target = Path(path).expanduser().resolve()
        if not target.parent.is_dir():
            raise ConfigError(f"there is no folder {target.parent}; make it")
        unfinished = target.with_name(f".{target.name}.{uuid.uuid4().hex}")

        def write(cursor: DuckDBPyConnection, _: GoOn) -> None:
            self._enter(cursor)
            cursor.sql(self._query).write_parquet(str(unfinished), compression="zstd")

        title = "members as Parquet"
        with steps_of(title, progress, self._progress) as steps, pulsing(steps.pulse):
            steps.tell("writing", self.count)
            try:
                self._reader.copy(write)
                unfinished.replace(target)
            finally:
                unfinished.unlink(missing_ok=True)
            steps.done(f"{self.count:,} profiles in {target}")
        return target

    @property
    def _query(self) -> str:
        fields = "".join(f", {field}" for field in self._fields)
        return f"""
            SELECT keys.rid AS profile, keys.namespace, keys.id{fields}
            FROM {_ROWS} JOIN keys USING (rid) LEFT JOIN profiles p USING (rid)
            ORDER BY keys.rid"""

    def _enter(self, cursor: DuckDBPyConnection) -> None:
        rows = np.asarray(self._rows.to_array(), dtype=np.int64)
        cursor.register(_ROWS, {"rid": rows})

    def __repr__(self) -> str:
        return f"<Members: {self.count:,} profiles>"

    def _repr_html_(self) -> str:
        fields = [field.name for field in self._fields]
        known = {"fields": ", ".join(fields)} if fields else {}
        note = cards.faint(".df(), .identities(), .relation() and .to_parquet() read them")
        return cards.thing_card("members", f"{self.count:,} profiles", known, note)
