"""What holds for every tree, and for every text."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from segtoolkit.errors import PQLError
from segtoolkit.pql.parser import parse
from segtoolkit.pql.printer import to_text
from tests.pql.strategies import SOUPS, TREES

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))


def is_read_or_refused_in_place(text):
    """Tell whether *text* makes a round trip, or an error that points into it."""
    try:
        tree = parse(text)
    except PQLError as error:
        return error.text == text and 0 <= error.offset <= len(text) and error.reason
    return parse(to_text(tree)) == tree


@SLOW
@given(TREES)
def test_canonical_text_parses_to_the_same_tree(tree):
    assert parse(to_text(tree)) == tree


@SLOW
@given(st.text())
@example("“curly”")
@example("$0")
@example("9" * 5000)
@example(f"COUNT({'9' * 5000})")
@example(f"chain(a, b, [C: COUNT({'9' * 5000})])")
@example("1e" + "9" * 400)
@example("@{{{")
@example("a.xdm:")
def test_any_text_is_read_or_refused_at_a_place_inside_it(text):
    assert is_read_or_refused_in_place(text)


@SLOW
@given(SOUPS)
def test_any_words_are_read_or_refused_at_a_place_inside_them(text):
    assert is_read_or_refused_in_place(text)


@SLOW
@given(TREES, st.data())
def test_a_text_with_a_hole_is_read_or_refused_at_a_place_inside_it(tree, data):
    text = to_text(tree)
    hole = data.draw(st.integers(0, len(text) - 1))

    assert is_read_or_refused_in_place(text[:hole] + text[hole + 1 :])
