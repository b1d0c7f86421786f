"""Cutting text into tokens."""

from __future__ import annotations

import pytest

from segtoolkit.errors import PQLSyntaxError
from segtoolkit.pql.tokens import Kind, tokenize

KINDS = {
    "person _id xEvent9": [Kind.NAME] * 3,
    "person.xdm:name": [Kind.NAME, Kind.SYMBOL, Kind.PREFIXED],
    "person.xdm:@id": [Kind.NAME, Kind.SYMBOL, Kind.PREFIXED],
    "C0:WHAT": [Kind.NAME, Kind.SYMBOL, Kind.NAME],
    "`order-total` `1697`": [Kind.QUOTED, Kind.QUOTED],
    '"US" "say \\"hi\\"" ""': [Kind.STRING] * 3,
    "0 007 123": [Kind.INTEGER] * 3,
    "4.5 .45 2.02E12 2.02E-12 1e5": [Kind.DOUBLE] * 5,
    "5.count": [Kind.INTEGER, Kind.SYMBOL, Kind.NAME],
    "3days": [Kind.INTEGER, Kind.NAME],
    "$1 $12": [Kind.PARAMETER] * 2,
    "@{_xdm.context;version=1} @{{ID}}": [Kind.MODEL] * 2,
    "^^.name": [Kind.CARETS, Kind.SYMBOL, Kind.NAME],
    "=>= =": [Kind.SYMBOL] * 3,
    "": [],
    " \t\n\u00a0": [],
}


@pytest.mark.parametrize("text", KINDS)
def test_kinds(text):
    *tokens, end = tokenize(text)

    assert [token.kind for token in tokens] == KINDS[text]
    assert (end.kind, end.pos) == (Kind.END, len(text))


def test_a_token_knows_its_text_and_place():
    name, operator, string, _ = tokenize(' a\n>="ü" ')

    assert (name.text, name.pos) == ("a", 1)
    assert (operator.text, operator.pos) == (">=", 3)
    assert (string.text, string.pos) == ('"ü"', 5)


REFUSED = {
    "a == 1": ("PQL compares with a single `=`", 2),
    "a <> 1": ("PQL writes `!=`", 2),
    "a =< 1": ("PQL writes `<=`", 2),
    "a ≥ 1": ("PQL writes `>=`", 2),
    "a && b": ("PQL writes `and`", 2),
    "a || b": ("PQL writes `or`", 2),
    "a = 1 // one": ("no comments", 6),
    "a /* b */": ("no comments", 2),
    "# a": ("no comments", 0),
    "a = 'US'": ('straight double quotes, as in "US", not single quotes', 4),
    "a = “US”": ("not curly ones", 4),
    "a = \u2018US\u2019": ("not single quotes", 4),
    'a = "US': ("The string that begins here is not closed", 4),
    'a = "US\\"': ("The string that begins here is not closed", 4),
    "a.`b": ("The name that begins here is not closed", 2),
    "a.``": ("The name that begins here is not closed", 2),
    "@{a": ("this one is not closed", 0),
    "$0": ("a parameter such as $1", 0),
    "naïve": ("`ï` cannot be part of a plain name; put the name in back-ticks", 2),
    "a ; b": ("The character `;` has no place in PQL", 2),
    "a \x07": ("The character U+0007 has no place in PQL", 2),
    "a := 1": ("PQL compares with `=`, and cannot assign", 2),
    "a\u200b": ("An invisible character, U+200B, stands here; delete it", 1),
    "\ufeffa = 1": ("An invisible character, U+FEFF, stands here; delete it", 0),
    "a \uff1d 1": ("`\uff1d` is a full-width character; write `=`", 2),
    "a = \uff11": ("`\uff11` is a full-width character; write `1`", 4),
    "\uff21 = 1": ("`\uff21` is a full-width character; write `A`", 0),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_has_no_place_is_refused_with_a_remedy(text):
    reason, offset = REFUSED[text]

    with pytest.raises(PQLSyntaxError) as refused:
        tokenize(text)

    assert reason in refused.value.reason
    assert refused.value.offset == offset


@pytest.mark.parametrize("quote", ["'", "“", "==", "//", "#", ";"])
def test_a_string_may_hold_anything(quote):
    assert tokenize(f'"{quote}"')[0].kind is Kind.STRING


@pytest.mark.parametrize("filler", [" ", "a", "1", '"', "`", "(", "a.", "@{", "\\"])
def test_a_long_text_takes_no_longer_per_character(filler):
    """A pattern that tried again from every character would never end here."""
    text = '"' + "x" * 200_000 + '" ' + filler * 200_000

    try:
        found = len(tokenize(text))
    except PQLSyntaxError as refused:
        found = refused.offset

    assert found > 1


@pytest.mark.parametrize("text", ['a = "\ud800"', "`\udfff` = 1"])
def test_half_a_character_is_refused_where_it_stands(text):
    with pytest.raises(PQLSyntaxError, match="one half of a character") as refused:
        tokenize(text)

    assert "\ud800" <= text[refused.value.offset] <= "\udfff"
