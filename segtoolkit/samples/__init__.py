"""Made-up XDM profiles and events, always the same for a size and seed: numbers in, Parquet files out.

Nobody here exists; e-mail addresses end in ``example.com``. Random numbers are drawn by numpy, whose
generators give the same stream everywhere, and put into shape by DuckDB.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import duckdb
import numpy as np
import pandas as pd

from segtoolkit import interrupted
from segtoolkit.cards import Thing
from segtoolkit.samples import drawing, shapes

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
"""The instant right after the last event."""

SEGMENTS: Mapping[str, str] = MappingProxyType(
    {
        "us-gold": 'homeAddress.country = "US" and loyalty.tier in ["gold", "platinum"]'
        " and loyalty.points > 500",
        "repeat-buyers": 'xEvent[eventType = "commerce.purchases"'
        " and timestamp occurs <= 90 days before now].count() >= 2",
        "big-spenders": 'xEvent[eventType = "commerce.purchases"]'
        ".sum(commerce.order.priceTotal) > 500",
        "left-a-cart": 'chain(xEvent, timestamp, [C0: WHAT(eventType = "commerce.productListAdds")'
        ' WHEN(<= 30 days before now)]) and not (xEvent[eventType = "commerce.purchases"'
        " and timestamp occurs <= 30 days before now])",
        "reachable-lapsed": 'consents.marketing.email.val = "y" and xEvent'
        " and not (xEvent[timestamp occurs <= 180 days before now])",
        "birthday-this-month": "person.birthDate.getMonth() = today.getMonth()"
        ' and not inSegment("reachable-lapsed")',
    }
)
"""Six audiences for these people, in PQL, by name."""

_CHUNK = 100_000


@dataclass(frozen=True, slots=True, repr=False)
class SampleFiles(Thing):
    """Where the profiles and the events were written."""

    profiles: Path
    events: Path

    def _line(self) -> str:
        return f"{self.profiles.name} and {self.events.name} in {self.profiles.parent}"

    def _known(self) -> Mapping[str, object]:
        return {"profiles": self.profiles, "events": self.events}


def write(folder: str | Path, *, profiles: int = 200_000, seed: int = 0) -> SampleFiles:
    """Write ``profiles.parquet`` and ``events.parquet`` into *folder*, about four events a profile.

    A year of events ends at `AS_OF`, denser lately; a few are of visitors whom no profile knows. Memory
    does not grow with *profiles*.

    Raises:
        ValueError: *profiles* is not positive.
    """
    if profiles < 1:
        raise ValueError(f"there must be at least one profile, not {profiles}")
    into = Path(folder)
    into.mkdir(parents=True, exist_ok=True)
    files = SampleFiles(into / "profiles.parquet", into / "events.parquet")
    with (
        interrupted.as_interrupt(),
        tempfile.TemporaryDirectory(dir=into) as scratch,
        duckdb.connect(Path(scratch) / "samples.duckdb") as connection,
    ):
        # In notebooks it would show a bar of its own.
        connection.execute("SET enable_progress_bar = false")
        for first in range(0, profiles, _CHUNK):
            draw = np.random.default_rng([seed, first])
            people = drawing.people(draw, first, min(_CHUNK, profiles - first))
            _append(connection, "people", people)
            _append(connection, "events", drawing.events(draw, people))
        for shape, file in ((shapes.PROFILE, files.profiles), (shapes.EVENT, files.events)):
            unfinished = Path(scratch) / file.name
            connection.execute(
                f"COPY ({shape}) TO {shapes.literal(str(unfinished))} (FORMAT parquet)"
            )
            unfinished.replace(file)
    return files


def _append(connection: duckdb.DuckDBPyConnection, table: str, drawn: pd.DataFrame) -> None:
    connection.register("drawn", drawn)
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table} AS FROM drawn LIMIT 0")
    connection.execute(f"INSERT INTO {table} FROM drawn")
    connection.unregister("drawn")
