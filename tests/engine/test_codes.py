"""Tests answered by codes find the same people as those that DuckDB answers."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest

from segtoolkit.engine import DuckDBEngine, atoms, bits, codes
from segtoolkit.engine.codes import Codes, only_column
from segtoolkit.engine.shelf import Shelf
from segtoolkit.local import profiles
from segtoolkit.pql import parse
from segtoolkit.pql.resolve import World, resolve
from tests.engine.people import AS_OF
from tests.engine.test_cases import CASES, find

ONE_COLUMN = {text: people for text, people in CASES.items() if "inSegment" not in text}


@pytest.mark.parametrize(("text", "expected"), ONE_COLUMN.items(), ids=ONE_COLUMN)
def test_expression_finds_the_same_people_by_codes(cursor, monkeypatch, text, expected):
    monkeypatch.setattr(codes, "WORTH_BUILDING", 0)

    assert find(cursor, text) == expected


def evaluate(engine, cursor, *texts):
    return engine.evaluate(
        cursor,
        dict(enumerate(texts)),
        as_of=AS_OF,
        expression_of=lambda _: None,
        previous=lambda _: None,
        step=lambda *_: None,
    ).counts


def test_a_column_asked_for_often_is_coded_and_then_not_read_again(cursor, monkeypatch):
    built = []
    build = Codes._build
    monkeypatch.setattr(
        Codes, "_build", lambda self, *args: built.append(args[1]) or build(self, *args)
    )
    engine = DuckDBEngine()
    texts = [f"loyalty.points > {number}" for number in range(codes.WORTH_BUILDING)]

    evaluate(engine, cursor, *texts[:-1])
    assert built == []

    evaluate(engine, cursor, *texts)
    evaluate(engine, cursor, "loyalty.points < 3")
    assert [column.name for column in built] == ["points"]


def test_a_column_of_too_many_values_is_left_to_scans(cursor, monkeypatch):
    monkeypatch.setattr(codes, "WORTH_BUILDING", 0)
    monkeypatch.setattr(codes, "MOST_VALUES", 2)
    monkeypatch.setattr(codes, "MOST_NUMBERS", 2)

    assert find(cursor, 'homeAddress.city = "Boston"') == {"ann"}
    assert find(cursor, "loyalty.points >= 500") == {"ann", "bob"}


def test_columns_beyond_the_budget_are_forgotten(cursor, monkeypatch):
    monkeypatch.setattr(codes, "WORTH_BUILDING", 0)
    engine = DuckDBEngine(Shelf(1, file=0))
    texts = ["loyalty.points > 1", 'homeAddress.country = "US"', "loyalty.points > 2"]

    assert [evaluate(engine, cursor, text)[0] for text in texts] == [2, 2, 2]


def test_an_answer_is_kept_for_the_next_job(cursor, monkeypatch):
    runs = []
    run = atoms._run
    monkeypatch.setattr(atoms, "_run", lambda *args: runs.append(args[1]) or run(*args))
    engine = DuckDBEngine()

    evaluate(engine, cursor, "xEvent.count() = 1")
    evaluate(engine, cursor, "xEvent.count() = 1 and optedIn", "xEvent.count() = 2")

    assert len(runs) == 3


def test_answers_beyond_the_budget_are_forgotten_and_found_again(cursor, monkeypatch):
    engine = DuckDBEngine(Shelf(24, file=0))

    for _ in range(2):
        found = evaluate(
            engine, cursor, "optedIn", "xEvent.count() = 1", "loyalty.points > 1"
        )
        assert found == {0: 2, 1: 2, 2: 2}


def test_nothing_is_kept_beyond_a_load():
    database = duckdb.connect()
    database.execute("SET GLOBAL TimeZone = 'UTC'")
    profiles.create_tables(database)
    engine = DuckDBEngine()

    for points in (1, 5):
        profiles.load(database, [{"_id": "ann", "points": points}], kind="profiles")
        found = evaluate(
            engine, database.cursor(), "points > 3", *[f"points = {n}" for n in range(9)]
        )
        assert found[0] == (points > 3)


ONE = {
    "loyalty.points > 1": "points",
    "loyalty.points > 1 and loyalty.points < 9": "points",
    "loyalty.points > loyalty.spend": None,
    'tags.includes("vip")': "tags",
    'addresses.exists(kind = "home" and floor > 1)': "addresses",
    "homeAddress.isNull()": None,
    'identityMap.get("ECID").count() = 1': "identityMap",
    "xEvent.count() = 1": None,
    "joined occurs today": "joined",
    "joined occurs today and optedIn": None,
    "joined occurs before today": "joined",
    "true": None,
}


@pytest.mark.parametrize(("text", "expected"), ONE.items(), ids=ONE)
def test_the_column_a_test_asks_for(cursor, text, expected):
    schema = DuckDBEngine()._populations.seen_by(cursor).schema
    column = only_column(resolve(parse(text), World(schema, AS_OF), text))

    assert (column.name if column else None) == expected


# Nobody, one, the first, the last, some between, several runs, more than are compared, all.
PASSING = [(), (4,), (1, 2), (7, 8), (3, 4, 5), (1, 4, 5, 8), (1, 3, 5, 7), range(1, 9)]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
@pytest.mark.parametrize("passing", PASSING)
def test_codes_that_pass_are_found_however_they_lie(passing, dtype):
    drawn = np.random.default_rng(0).integers(1, 9, 2**17 + 64, dtype=dtype)
    flags = np.zeros(9, dtype=bool)
    flags[list(passing)] = True

    found = codes._look_up(drawn, flags)

    assert bits.rows_of(found).tolist() == np.flatnonzero(flags[drawn]).tolist()
