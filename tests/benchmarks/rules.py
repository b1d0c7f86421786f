"""Rules drawn at random, each as PQL, as SQL of several engines, and as polars expressions."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

COUNTRIES = ("US", "CA", "DE", "FR", "GB", "IT", "ES", "JP")
TIERS = ("gold", "silver", "bronze", "none")

# A column of the flat tables that other engines get, and the field it is of.
PATHS = {
    "country": "homeAddress.country",
    "city": "homeAddress.city",
    "tier": "loyalty.tier",
    "points": "loyalty.points",
    "spend": "loyalty.spend",
    "birth": "person.birthDate",
    "tags": "tags",
}


@dataclass(frozen=True)
class Term:
    """A test of one column; *kind* is one of `PQL`."""

    kind: str
    column: str
    value: Any
    negated: bool = False


@dataclass(frozen=True)
class Rule:
    """Terms joined by ``and`` or ``or``."""

    terms: tuple[Term, ...]
    join: str = "and"

    @property
    def pql(self) -> str:
        return self._written(lambda t: PQL[t.kind](PATHS[t.column], t.value), "not ({})")

    @property
    def sql(self) -> str:
        """The rule over the nested profiles of a store, as ``p.xdm``."""
        return self._in(DUCKDB, lambda column: f"p.xdm.{PATHS[column]}")

    def flat(self, dialect: Mapping[str, Callable[[str, Any], str]]) -> str:
        """The rule over a flat table."""
        return self._in(dialect, lambda column: column)

    def polars(self) -> Any:
        from functools import reduce
        from operator import and_, or_

        parts = [POLARS[t.kind](t.column, t.value) for t in self.terms]
        parts = [~p if t.negated else p for p, t in zip(parts, self.terms, strict=True)]
        return reduce(and_ if self.join == "and" else or_, parts)

    def _in(
        self,
        dialect: Mapping[str, Callable[[str, Any], str]],
        column_of: Callable[[str], str],
    ) -> str:
        # No column has nulls, so that NOT means the same everywhere.
        return self._written(
            lambda t: dialect[t.kind](column_of(t.column), t.value), "NOT ({})"
        )

    def _written(self, write: Callable[[Term], str], negation: str) -> str:
        written = ((term, write(term)) for term in self.terms)
        return f" {self.join} ".join(
            negation.format(text) if term.negated else f"({text})" for term, text in written
        )


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_SQL: dict[str, Callable[[str, Any], str]] = {
    "equal": lambda c, v: f"{c} = '{v}'",
    "above": lambda c, v: f"{c} > {v}",
    "among": lambda c, v: f"{c} IN ({_listed(v)})",
    "before": lambda c, v: f"{c} < DATE '{v}-01-01'",
    "has": lambda c, v: f"list_contains({c}, '{v}')",
    "starts": lambda c, v: f"starts_with({c}, '{v}')",
}
DUCKDB = _SQL
DATAFUSION = _SQL | {"has": lambda c, v: f"array_has({c}, '{v}')"}
CLICKHOUSE = _SQL | {
    "before": lambda c, v: f"{c} < toDate32('{v}-01-01')",
    "has": lambda c, v: f"has({c}, '{v}')",
    "starts": lambda c, v: f"startsWith({c}, '{v}')",
}
PQL: dict[str, Callable[[str, Any], str]] = {
    "equal": lambda c, v: f'{c} = "{v}"',
    "above": lambda c, v: f"{c} > {v}",
    "among": lambda c, v: c + " in [" + ", ".join(f'"{one}"' for one in v) + "]",
    "before": lambda c, v: f"{c} occurs before date({v}, 1, 1)",
    "has": lambda c, v: f'{c}.includes("{v}")',
    "starts": lambda c, v: f'{c}.startsWith("{v}")',
}


def _polars() -> dict[str, Callable[[str, Any], Any]]:
    try:
        import polars as pl
    except ImportError:
        return {}
    from datetime import date

    return {
        "equal": lambda c, v: pl.col(c) == v,
        "above": lambda c, v: pl.col(c) > v,
        "among": lambda c, v: pl.col(c).is_in(list(v)),
        "before": lambda c, v: pl.col(c) < date(v, 1, 1),
        "has": lambda c, v: pl.col(c).list.contains(v),
        "starts": lambda c, v: pl.col(c).str.starts_with(v),
    }


POLARS = _polars()


def draw_job(drawn: random.Random, segments: int) -> dict[str, Rule]:
    return {f"s{number}": draw_rule(drawn) for number in range(segments)}


def draw_rule(drawn: random.Random) -> Rule:
    join = drawn.choice(("and", "and", "or"))
    return Rule(
        tuple(draw_term(drawn) for _ in range(drawn.choice((1, 2, 2, 3)))), join=join
    )


def draw_term(drawn: random.Random) -> Term:
    kind, column, value_of = drawn.choice(_TERMS)
    return Term(kind, column, value_of(drawn), negated=drawn.random() < 0.2)


_TERMS: tuple[tuple[str, str, Callable[[random.Random], Any]], ...] = (
    ("equal", "country", lambda drawn: drawn.choice(COUNTRIES)),
    ("equal", "tier", lambda drawn: drawn.choice(TIERS)),
    ("above", "points", lambda drawn: drawn.randrange(0, 10_000, 50)),
    ("above", "spend", lambda drawn: drawn.randrange(0, 10_000, 50)),
    ("among", "country", lambda drawn: tuple(drawn.sample(COUNTRIES, 2))),
    ("before", "birth", lambda drawn: drawn.randrange(1955, 2004)),
    ("has", "tags", lambda drawn: drawn.choice("abcdef")),
    ("starts", "city", lambda drawn: f"c{drawn.randrange(1, 300)}"),
)
