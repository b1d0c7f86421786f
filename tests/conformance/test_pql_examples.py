"""Every published or captured PQL text is read, and makes a round trip; what is no PQL is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from segtoolkit.errors import PQLError, PQLSyntaxError, PQLTypeError
from segtoolkit.pql.parser import parse
from segtoolkit.pql.printer import to_text

EXAMPLES = Path(__file__).parents[2] / ".." / "shared" / "data" / "pql" / "examples.jsonl"

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(
        not EXAMPLES.is_file(), reason="the file of PQL examples is not beside the checkout"
    ),
]

# Not marked invalid, and refused all the same.
REFUSED = {
    "pql-0138": (
        PQLSyntaxError,
        "straight double quotes",
    ),  # 'single' quotes in a sloppy page
    "pql-0139": (PQLSyntaxError, "straight double quotes"),  # the same
    "pql-0409": (PQLTypeError, "`exists` takes 1 argument"),  # a third party's invention
}

# Invalid → offset of what is wrong, as a piece of the text that begins there; "" is the end.
INVALID = {
    "pql-0181": "select e from",  # two selections without a comma
    "pql-0396": "xEvent",  # { … } of 2018 was a set, since then it is an object
    "pql-0397": "A1 as",
    "pql-0398": "Order as",
    "pql-0400": "touchpoint",
    "pql-0405": "",
    "pql-0406": "WHAT",
    "pql-0407": "from",
    "pql-0408": "3 days",
}


def rows():
    if not EXAMPLES.is_file():
        return []
    return [json.loads(line) for line in EXAMPLES.read_text("utf-8").splitlines()]


def texts(*statuses):
    """Return the texts by id: of text rows, and those given beside JSON ones."""
    shown = {
        row["id"]: row["expression"] if row["format"] == "pql/text" else row.get("text")
        for row in rows()
        if row["status"] in statuses
    }
    return {name: text for name, text in shown.items() if text and name not in REFUSED}


READ = texts(
    "valid", "old-syntax", "doc-sloppy", "third-party", "template", "reconstructed"
)
ALL = {row["id"]: row["expression"] for row in rows()}


@pytest.mark.parametrize("name", READ)
def test_an_example_makes_a_round_trip(name):
    tree = parse(READ[name])

    assert parse(to_text(tree)) == tree


@pytest.mark.parametrize("name", READ)
def test_canonical_text_of_an_example_is_stable(name):
    canonical = to_text(parse(READ[name]))

    assert to_text(parse(canonical)) == canonical


@pytest.mark.parametrize("name", texts("invalid"))
def test_an_invalid_example_is_refused_where_it_is_wrong(name):
    with pytest.raises(PQLError) as refused:
        parse(ALL[name])

    rest = ALL[name][refused.value.offset :]
    assert rest.startswith(INVALID[name])
    assert bool(rest) == bool(INVALID[name])


@pytest.mark.parametrize("name", REFUSED)
def test_what_pql_does_not_have_is_refused_with_the_reason(name):
    kind, reason = REFUSED[name]

    with pytest.raises(kind, match=reason):
        parse(ALL[name])


def test_the_examples_are_there():
    assert len(READ) > 300
