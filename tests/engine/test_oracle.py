"""The engine against the oracle: the same people, however an expression is built."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import timedelta

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from segtoolkit.engine import DuckDBEngine
from segtoolkit.errors import PQLTypeError, PQLUnsupportedError
from segtoolkit.local import profiles
from segtoolkit.pql import parse, to_text
from tests.engine.people import AS_OF, EVENTS, PROFILES, STRANGER
from tests.engine.population import AS_OFS, population
from tests.engine.strategies import expressions
from tests.engine.test_cases import CASES
from tests.engine.test_collections import CASES as COLLECTIONS
from tests.engine.test_paths import CASES as PATHS
from tests.engine.test_sequences import CASES as SEQUENCES
from tests.engine.test_sequences import START, STORIES, chain, events_of
from tests.pql.oracle import holds, knows, read

HAND_WRITTEN = {
    text: found
    for text, found in (CASES | COLLECTIONS | PATHS).items()
    # A function that is new here may come without a second opinion.
    if "inSegment" not in text and knows(parse(text))
}
PEOPLE = [*PROFILES, {"identityMap": EVENTS[-1]["identityMap"]}]

# The usual run asks the same questions every time; with this set (20000 by night) it asks new
# ones, and so many of them.
WANTED = os.environ.get("SEGTOOLKIT_ORACLE_CASES")
AT_ONCE = 25
RUN = settings(
    max_examples=max(1, int(WANTED or 500) // AT_ONCE),
    derandomize=WANTED is None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # The text that fails says enough, and a batch of others around it shrinks slowly.
    phases=set(Phase) - {Phase.shrink, Phase.explain},
)
BATCHES = st.lists(expressions(), min_size=AT_ONCE, max_size=AT_ONCE, unique_by=to_text)


def identities(record):
    return {
        (namespace, entry["id"])
        for namespace, entries in record.get("identityMap", {}).items()
        for entry in entries
    }


def test_oracle_has_an_opinion_on_nearly_every_case():
    assert len(HAND_WRITTEN) > 0.9 * len(CASES | COLLECTIONS | PATHS)


@pytest.mark.parametrize(("text", "expected"), HAND_WRITTEN.items(), ids=HAND_WRITTEN)
def test_oracle_agrees_with_the_case_written_by_hand(text, expected):
    tree = parse(text)
    found = {
        person.get("_id", STRANGER)
        for person in PEOPLE
        if holds(
            tree,
            read(person),
            [read(e) for e in EVENTS if identities(e) & identities(person)],
            AS_OF,
        )
    }

    assert found == expected


@pytest.mark.parametrize(("elements", "expected"), SEQUENCES.items(), ids=" then ".join)
def test_oracle_agrees_with_the_sequence_written_by_hand(elements, expected):
    tree = parse(chain(*elements))

    def happened(story):
        return [
            {"eventType": letter, "timestamp": START + timedelta(hours=hour)}
            for hour, letter in events_of(story)
        ]

    as_of = START + timedelta(hours=10)
    assert [s for s in STORIES if holds(tree, {}, happened(s), as_of)] == expected


@pytest.fixture(scope="module")
def crowd():
    """The people of the population as the oracle reads them, by name."""
    return {
        person.name: (read(person.profile), [read(event) for event in person.events])
        for person in population()
    }


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store file that holds the population."""
    people = population()
    database = duckdb.connect(str(tmp_path_factory.mktemp("crowd") / "crowd.duckdb"))
    database.execute("SET GLOBAL TimeZone = 'UTC'")
    profiles.create_tables(database)
    known = [person.profile for person in people if "_id" in person.profile]
    profiles.load(database, known, kind="profiles")
    events = [event for person in people for event in person.events]
    profiles.load(database, events, kind="events")
    yield database
    database.close()


# A failure shows its whole batch, which is large; it must not hide behind a warning about that.
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
def test_engine_finds_the_people_that_the_oracle_finds(store, crowd):
    asked, refused = [], []

    @RUN
    @given(BATCHES, st.sampled_from(AS_OFS))
    def compare(trees, as_of):
        with store.cursor() as cursor:
            texts = {to_text(tree): tree for tree in trees}
            asked.extend(texts)
            too_much = [text for text in texts if is_refused(cursor, text, as_of)]
            refused.extend(too_much)
            found = find_all(cursor, texts.keys() - set(too_much), as_of)
        for text, members in found.items():
            tree = texts[text]
            expected = {name for name, one in crowd.items() if holds(tree, *one, as_of)}
            assert members == expected, text

    compare()

    assert len(refused) < len(asked) / 3


def is_refused(cursor, text, as_of):
    try:
        DuckDBEngine().check(cursor, text, as_of=as_of, expression_of=lambda _: None)
    except (PQLTypeError, PQLUnsupportedError):
        return True
    return False


def find_all(cursor, texts, as_of):
    """Return by text the names of the people the engine finds; a failure tells its text."""
    try:
        return find(cursor, texts, as_of)
    except duckdb.Error:
        for text in sorted(texts):
            with failure_noted(text):
                find(cursor, [text], as_of)
        raise


@contextmanager
def failure_noted(text):
    try:
        yield
    except duckdb.Error as error:
        error.add_note(text)
        raise


def find(cursor, texts, as_of):
    members = {}
    DuckDBEngine().evaluate(
        cursor,
        {text: text for text in sorted(texts)},
        as_of=as_of,
        expression_of=lambda _: None,
        previous=lambda _: None,
        step=lambda *_: None,
        keep=members.__setitem__,
    )
    names = dict(cursor.execute("SELECT rid, id FROM keys").fetchall())
    return {
        text: {names[rid] for rid in BitMap.deserialize(blob)}
        for text, blob in members.items()
    }
