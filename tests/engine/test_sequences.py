"""Sequences: one profile a row of letters, one letter an event an hour after the one before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from pyroaring import BitMap

from segtoolkit.engine import DuckDBEngine
from segtoolkit.errors import PQLError
from segtoolkit.local import profiles

START = datetime(2024, 1, 1, tzinfo=UTC)

# A dot is an hour without event; letters in brackets happen at the same time.
STORIES = [
    "",
    "A",
    "B",
    "AB",
    "BA",
    "(AB)",
    "ACB",
    "ABACB",
    "A..B",
    "A.....B",
    "AAB",
    "ABAB",
    "ABC",
    "AC.B",
    "CAB",
    "(AC)B",
    "A(CB)",
]


def events_of(story: str):
    hour, inside = 0, False
    for letter in story:
        if letter in "()":
            inside = letter == "("
        elif letter != ".":
            yield hour, letter
        hour += not inside


@pytest.fixture(scope="module")
def cursor(tmp_path_factory):
    database = duckdb.connect(str(tmp_path_factory.mktemp("stories") / "s.duckdb"))
    database.execute("SET GLOBAL TimeZone = 'UTC'")
    profiles.create_tables(database)
    people = [
        {"_id": story, "identityMap": {"S": [{"id": f"s{n}"}]}}
        for n, story in enumerate(STORIES)
    ]
    happened = [
        {
            "_id": f"{n}-{hour}-{letter}",
            "timestamp": (START + timedelta(hours=hour)).isoformat(),
            "eventType": letter,
            "identityMap": {"S": [{"id": f"s{n}", "primary": True}]},
        }
        for n, story in enumerate(STORIES)
        for hour, letter in events_of(story)
    ]
    profiles.load(database, people, kind="profiles")
    profiles.load(database, happened, kind="events")
    yield database
    database.close()


def find(cursor, text: str) -> list[str]:
    members = {}
    DuckDBEngine().evaluate(
        cursor,
        {"s": text},
        as_of=START + timedelta(hours=10),
        expression_of=lambda _: None,
        previous=lambda _: None,
        step=lambda *_: None,
        keep=members.__setitem__,
    )
    rids = list(BitMap.deserialize(members["s"]))
    names = dict(cursor.execute("SELECT rid, xdm._id FROM profiles").fetchall())
    return [story for story in STORIES if story in {names[rid] for rid in rids}]


def element(spec: str) -> str:
    """Spell ``!C`` or ``A GAP(…)`` as an element of a chain."""
    negated, spec = spec.startswith("!"), spec.removeprefix("!")
    letter, _, clauses = spec.partition(" ")
    return f'{"!" * negated}E{letter}: WHAT(eventType = "{letter}") {clauses}'


def chain(*elements: str) -> str:
    named = (element(spec).replace("E", f"E{n}", 1) for n, spec in enumerate(elements))
    return f"chain(xEvent, timestamp, [{', '.join(named)}])"


CASES = {
    ("A", "B"): [
        "AB",
        "ACB",
        "ABACB",
        "A..B",
        "A.....B",
        "AAB",
        "ABAB",
        "ABC",
        "AC.B",
        "CAB",
        "(AC)B",
        "A(CB)",
    ],
    ("B", "A"): ["BA", "ABACB", "ABAB"],
    ("A", "B", "C"): ["ABACB", "ABC"],
    ("A", "B", "A", "B"): ["ABACB", "ABAB"],
    # the gap of an element that is not the last is the distance to the next
    ("A GAP(<= 1 hour)", "B"): [
        "AB",
        "ABACB",
        "AAB",
        "ABAB",
        "ABC",
        "CAB",
        "(AC)B",
        "A(CB)",
    ],
    ("A GAP(< 3 hours)", "B"): [
        "AB",
        "ACB",
        "ABACB",
        "AAB",
        "ABAB",
        "ABC",
        "CAB",
        "(AC)B",
        "A(CB)",
    ],
    ("A GAP(>= 3 hours)", "B"): ["ABACB", "A..B", "A.....B", "ABAB", "AC.B"],
    ("A GAP(> 3 hours)", "B"): ["ABACB", "A.....B"],
    ("A GAP(>= 2 hours and <= 3 hours)", "B"): [
        "ACB",
        "ABACB",
        "A..B",
        "AAB",
        "ABAB",
        "AC.B",
    ],
    # that of the last is the distance to the one before
    ("A", "B GAP(<= 1 hour)"): [
        "AB",
        "ABACB",
        "AAB",
        "ABAB",
        "ABC",
        "CAB",
        "(AC)B",
        "A(CB)",
    ],
    # the nearest A is not the one that allows C within the hour after B
    ("A", "B GAP(<= 1 hour)", "A"): ["ABACB", "ABAB"],
    # missing in between: strictly between the two that are chosen
    ("A", "!C", "B"): [
        "AB",
        "ABACB",
        "A..B",
        "A.....B",
        "AAB",
        "ABAB",
        "ABC",
        "CAB",
        "(AC)B",
        "A(CB)",
    ],
    ("A", "!B", "C"): ["ACB", "ABACB", "AC.B", "A(CB)"],
    ("A", "!C", "!A", "B"): [
        "AB",
        "ABACB",
        "A..B",
        "A.....B",
        "AAB",
        "ABAB",
        "ABC",
        "CAB",
        "(AC)B",
        "A(CB)",
    ],
    # missing at the end
    ("A", "!B"): ["A", "BA", "(AB)"],
    ("A GAP(<= 2 hours)", "!B"): ["A", "BA", "(AB)", "A..B", "A.....B", "AC.B"],
    ("A GAP(>= 2 hours)", "!B"): [
        "A",
        "AB",
        "BA",
        "(AB)",
        "AAB",
        "ABAB",
        "ABC",
        "CAB",
        "(AC)B",
        "A(CB)",
    ],
    ("A", "B", "!C"): [
        "AB",
        "ACB",
        "ABACB",
        "A..B",
        "A.....B",
        "AAB",
        "ABAB",
        "AC.B",
        "CAB",
        "(AC)B",
        "A(CB)",
    ],
    # missing before
    ("!C", "B"): [
        "B",
        "AB",
        "BA",
        "(AB)",
        "ABACB",
        "A..B",
        "A.....B",
        "AAB",
        "ABAB",
        "ABC",
        "A(CB)",
    ],
    ("!C", "A", "B"): [
        "AB",
        "ACB",
        "ABACB",
        "A..B",
        "A.....B",
        "AAB",
        "ABAB",
        "ABC",
        "AC.B",
        "(AC)B",
        "A(CB)",
    ],
    # counts
    ("A COUNT(2)", "B"): ["ABACB", "AAB", "ABAB"],
    ("A", "B COUNT(2)"): ["ABACB", "ABAB"],
    ("A COUNT(> 1)", "C"): ["ABACB"],
    # windows of the element itself
    ("A WHEN(>= 9 hours before now)", "B"): [
        "AB",
        "ACB",
        "ABACB",
        "A..B",
        "A.....B",
        "AAB",
        "ABAB",
        "ABC",
        "AC.B",
        "CAB",
        "(AC)B",
        "A(CB)",
    ],
    ("A", "B WHEN(<= 5 hours before now)"): ["A.....B"],
}


@pytest.mark.parametrize(("elements", "expected"), CASES.items(), ids=" then ".join)
def test_sequence_is_found_in_the_stories_that_have_it(cursor, elements, expected):
    assert find(cursor, chain(*elements)) == expected


def test_sequence_is_a_value_like_any_other(cursor):
    text = f"not {chain('A', 'B')} and if({chain('B', 'A')}, true, false)"

    assert find(cursor, text) == ["BA"]


REFUSED = {
    ("!A", "!B"): "not negated",
    ("A GAP(>= 1 month and >= 40 days)", "B"): "in months and in days at once",
    ("A GAP(= 1 hour)", "B"): "this comparison in a GAP",
    ("A GAP(>= 3 hours and < 3 hours)", "B"): "no distance at all",
    ("A GAP(<= 1 hour)", "!B", "C"): "this GAP beside a negated",
    ("A COUNT(= 2)", "B"): "this COUNT in a sequence",
}


@pytest.mark.parametrize(("elements", "reason"), REFUSED.items(), ids=str)
def test_what_a_sequence_cannot_say_is_refused(cursor, elements, reason):
    with pytest.raises(PQLError, match=reason):
        find(cursor, chain(*elements))
