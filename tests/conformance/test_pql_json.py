"""Every published or captured pql/json document is read, as the text that goes with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from segtoolkit.pql.json import from_json, to_json
from segtoolkit.pql.parser import parse
from segtoolkit.pql.printer import to_text
from tests.pql.settled import settled

EXAMPLES = Path(__file__).parents[2] / ".." / "shared" / "data" / "pql" / "examples.jsonl"

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(
        not EXAMPLES.is_file(), reason="the file of PQL examples is not beside the checkout"
    ),
]

# Of 2018, given without a text.
TEXTS_OF_2018 = {
    "pql-0535": '"Andres" = person.firstName and "Monroy" = person.lastName'
    " and 6 = person.birthDay",
    "pql-0536": '"Andres" = person.firstName'
    ' and ("Monroy" = person.lastName or 6 = person.birthDay)',
    "pql-0537": '"Andres" = person.firstName and (select _ from'
    ' xEvent["1" = device.model], _ from _.productListItems["1" = name])',
}


def rows(form):
    if not EXAMPLES.is_file():
        return {}
    lines = EXAMPLES.read_text("utf-8").splitlines()
    return {row["id"]: row for row in map(json.loads, lines) if row["format"] == form}


DOCUMENTS = rows("pql/json")
TEXTS = {
    name: row["expression"]
    for name, row in rows("pql/text").items()
    if row["status"] in ("valid", "old-syntax")
}
# Written as today's builder and API users do; the others as in 2018 and 2019.
CURRENT = [name for name, row in DOCUMENTS.items() if row["status"] != "old-syntax"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_read_as_its_text(name):
    text = TEXTS_OF_2018.get(name) or DOCUMENTS[name]["text"]

    read = from_json(DOCUMENTS[name]["expression"])

    assert to_text(read) == to_text(parse(text))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_read_as_something_that_text_can_say(name):
    read = from_json(DOCUMENTS[name]["expression"])

    assert parse(to_text(read)) == read


@pytest.mark.parametrize("name", CURRENT)
def test_a_document_becomes_text_and_the_same_document(name):
    document = json.loads(DOCUMENTS[name]["expression"])

    text = to_text(from_json(document))

    assert settled(to_json(parse(text))) == settled(document)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_written_for_a_document_is_read_as_the_same(name):
    read = from_json(DOCUMENTS[name]["expression"])

    assert from_json(json.dumps(to_json(read))) == read


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_survives_json(name):
    document = to_json(parse(TEXTS[name]))

    text = to_text(from_json(json.dumps(document)))

    assert settled(to_json(parse(text))) == settled(document)


def test_the_examples_are_there():
    assert len(DOCUMENTS) == 82
    assert len(TEXTS) > 250
