"""Settings as a value: what applies, and where each of it came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from segtoolkit import cards
from segtoolkit.settings.table import SETTINGS


@dataclass(frozen=True, slots=True, repr=False)
class Sourced(cards.Thing):
    """A value and where it came from."""

    value: Any
    source: str

    def _line(self) -> str:
        return f"{_shown(self.value)} from {self.source}"


class Explanation(str):
    """A text that a notebook shows as it is, or as a card.

    Attributes:
        rows: settings, their values, and where they came from.
    """

    __slots__ = ("rows",)
    rows: tuple[tuple[str, str, str], ...]

    def __new__(cls, text: str, rows: Iterable[tuple[str, str, str]] = ()) -> Self:
        self = super().__new__(cls, text)
        self.rows = tuple(rows)
        return self

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        columns = ["setting", "value", "from"]
        table = cards.table(columns, self.rows, most=len(self.rows))
        return cards.thing_card("where they came from", "settings", {}, table)


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """What a connection is made of; secrets are never shown, nor pickled."""

    found: Mapping[str, Sourced]

    def __getitem__(self, name: str) -> Any:
        """Return the value called *name*, None if there is none."""
        return self.found[name].value if name in self.found else None

    def source(self, name: str) -> str | None:
        """Return where the value called *name* came from, None if there is none."""
        return self.found[name].source if name in self.found else None

    def explain(self) -> Explanation:
        """Return a table of every setting that applies, its value and its source."""
        rows = self._rows()
        widths = [max(len(row[column]) for row in rows) for column in range(2)]
        text = "\n".join(
            f"{name:<{widths[0]}}  {value:<{widths[1]}}  {source}"
            for name, value, source in rows
        )
        return Explanation(text, rows)

    def _rows(self) -> list[tuple[str, str, str]]:
        return [
            (name, _shown(self[name]), self.source(name) or "not given")
            for name, setting in SETTINGS.items()
            if setting.road in {None, self["kind"]}
        ]

    def given_table(self) -> cards.Html:
        """Return HTML of the settings that are no defaults, without secrets."""
        rows = [row for row in self._rows() if row[2] not in {"default", "not given"}]
        return cards.table(["setting", "value", "from"], rows, ".explain()")

    def _repr_html_(self) -> str:
        return cards.thing_card("settings", str(self["kind"]), {}, self.given_table())

    def __repr__(self) -> str:
        given = [name for name, each in self.found.items() if each.source != "default"]
        return (
            f"<Settings {self['kind']}: {', '.join(given) or 'defaults'}; see .explain()>"
        )


def given(**arguments: Any) -> Settings:
    """Return settings that are arguments only; those that are None are not given."""
    found = {n: Sourced(v, "argument") for n, v in arguments.items() if v is not None}
    return Settings(found)


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, str | int | float) else _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={_plain(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return str(value)
