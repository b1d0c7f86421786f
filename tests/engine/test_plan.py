from __future__ import annotations

from datetime import UTC, datetime

import pytest

from segtoolkit.engine.plan import (
    TERMS_WORTH_SHARING,
    AllOf,
    AnyOf,
    Leaf,
    Others,
    Segment,
    plan,
)
from segtoolkit.engine.sql import query
from segtoolkit.errors import PQLTypeError
from segtoolkit.pql import parse
from segtoolkit.pql.resolve import World, resolve
from segtoolkit.pql.types import DOUBLE, INTEGER, STRING, TIME, Schema, Struct

SCHEMA = Schema(
    Struct({"country": STRING, "tier": STRING, "points": INTEGER, 'a "b"': STRING}),
    Struct({"timestamp": TIME, "eventType": STRING, "price": DOUBLE}),
)


def planned(**segments: str):
    world = World(
        SCHEMA, datetime(2024, 1, 1, tzinfo=UTC), knows_segment=segments.__contains__
    )
    return plan({id_: resolve(parse(text), world, text) for id_, text in segments.items()})


def sql_of(text: str):
    (atom,) = planned(one=text).atoms
    return query(atom)


def test_equal_tests_of_different_segments_are_one_atom():
    done = planned(
        a='country = "US" and points > 5', b='not (country  =  "US")', c="points>5"
    )

    assert len(done.atoms) == 2
    assert done.rules == {
        "a": AllOf((Leaf(0), Leaf(1))),
        "b": Others(Leaf(0)),
        "c": Leaf(1),
    }


@pytest.mark.parametrize(
    ("test", "opposite"),
    [("= 0", "!= 0"), ("< 3", ">= 3"), ("<= 3", "> 3"), ("!= 2", "= 2"), (">= 0", "< 0")],
)
def test_count_that_holds_without_events_becomes_the_rest_of_its_opposite(test, opposite):
    done = planned(few=f"xEvent.count() {test}", many=f"xEvent.count() {opposite}")

    assert len(done.atoms) == 1
    assert done.rules == {"few": Others(Leaf(0)), "many": Leaf(0)}


def test_segments_come_after_those_they_refer_to():
    done = planned(a='inSegment("b") or points > 1', b='not inSegment("c")', c="points > 2")

    assert list(done.rules) == ["c", "b", "a"]
    assert done.rules["b"] == Others(Segment("c"))


def test_circle_of_segments_is_refused_by_name():
    with pytest.raises(PQLTypeError, match=r"circle: (a → b → a|b → a → b)"):
        planned(a='inSegment("b")', b='inSegment("a")')


def test_long_or_of_profile_tests_is_one_atom_and_event_tests_stay_apart():
    terms = [f'country.contains("{i}")' for i in range(TERMS_WORTH_SHARING + 1)]

    done = planned(long=" or ".join([*terms, "xEvent.count() > 1"]))

    assert len(done.atoms) == 2
    assert isinstance(done.rules["long"], AnyOf)


def test_values_are_bound_and_names_quoted():
    asked = sql_of('`a "b"` = "x\'; DROP TABLE profiles; --"')

    assert asked.sql == 'SELECT p.rid FROM profiles p WHERE (p.xdm."a ""b""" = $v0)'
    assert asked.values == {"v0": "x'; DROP TABLE profiles; --"}


SQL = {
    'country = "US"': 'SELECT p.rid FROM profiles p WHERE (p.xdm."country" = $v0)',
    'country.equals("us", false)': 'SELECT p.rid FROM profiles p WHERE (lower(p.xdm."country") = lower($v0))',
    'xEvent[eventType = "buy"].count() >= 2': (
        "SELECT e.rid FROM events e WHERE (e.type = $v0) GROUP BY e.rid HAVING (count(*) >= $v1)"
    ),
    "xEvent.sum(price) > points": (
        'SELECT p.rid FROM profiles p LEFT JOIN (SELECT e.rid, coalesce(CASE WHEN isfinite(sum(e.xdm."price")) THEN fsum(e.xdm."price") ELSE sum(e.xdm."price") END, 0) AS v'
        " FROM events e GROUP BY e.rid) f0 ON f0.rid = p.rid"
        ' WHERE (coalesce(f0.v, 0) > p.xdm."points")'
    ),
    "xEvent[timestamp occurs before date(2024, 1, 1)]": (
        "SELECT e.rid FROM events e WHERE (e.ts < $v0) GROUP BY e.rid HAVING (count(*) > $v1)"
    ),
}


@pytest.mark.parametrize(("text", "sql"), SQL.items())
def test_sql_is_the_one_that_duckdb_can_push_down(text, sql):
    assert sql_of(text).sql == sql
