"""Text or JSON: what an expression is, not what it is called, decides how it is read."""

from __future__ import annotations

import json

import pytest

from segtoolkit import pql
from segtoolkit.errors import PQLSyntaxError
from segtoolkit.pql.forms import with_text

TEXT = 'workAddress.country = "US" and xEvent[eventType = "buy"].count() > 2'
DOCUMENT = pql.to_json(pql.parse(TEXT))


@pytest.mark.parametrize(
    "expression",
    [
        TEXT,
        DOCUMENT,
        json.dumps(DOCUMENT),
        json.dumps(json.dumps(DOCUMENT)),
        f" {json.dumps(DOCUMENT)} ",
    ],
    ids=["text", "object", "string", "string in a string", "spaces around"],
)
def test_expression_is_read_in_either_form(expression):
    assert pql.parse(expression) == pql.parse(TEXT)


@pytest.mark.parametrize("text", ['"{" = name', '{"count": xEvent.count()}', '"{}"'])
def test_text_that_begins_like_json_is_text(text):
    assert pql.to_text(pql.parse(text)) == text


def test_positions_of_a_document_refer_to_its_text():
    tree, text = with_text(json.dumps(DOCUMENT))

    assert text == TEXT
    assert tree == pql.parse(TEXT)


@pytest.mark.parametrize(
    "nonsense", ['{"nodeType":' * 50_000, '{"nodeType": 1}', '{"nodeType": NaN}', "{"]
)
def test_neither_form_is_a_syntax_error(nonsense):
    with pytest.raises(PQLSyntaxError):
        pql.parse(nonsense)
