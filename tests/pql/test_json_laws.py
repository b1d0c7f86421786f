"""What holds for every tree, and for every JSON."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segtoolkit.errors import PQLError, PQLUnsupportedError
from segtoolkit.pql import nodes as n
from segtoolkit.pql.json import from_json, to_json
from segtoolkit.pql.json.shapes import SHAPES
from segtoolkit.pql.parser import parse
from segtoolkit.pql.printer import to_text
from tests.pql.documents import CITY, IN_ROME, NOW, ROME, V0
from tests.pql.settled import settled
from tests.pql.strategies import NAMES, TREES

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))


def plain(tree):
    """Replace what has more than one spelling, here by something else; no regard to scopes."""
    match tree:
        case n.This() | n.Up() | n.Parameter():
            return n.Name("city")
        case n.Lambda(_, body):
            return plain(body)
        case n.Call("filter", (base, where)):
            return n.Filter(plain(base), plain(where))
        case n.Call("and" | "or" as name, args):
            return n.Call(name, tuple(n.Call("not", (plain(arg),)) for arg in args))
        case n.Name(name) | n.Field(_, name) if name.startswith("xdm:"):
            return n.Name("city")
        case n.Element():
            return _rebuilt(tree, when=tree.when and _plain_when(tree.when))
        case n.Node():
            return _rebuilt(tree)
        case tuple():
            return tuple(map(plain, tree))
        case _:
            return tree


def _plain_when(when):
    return when if isinstance(when, n.Occurs) else _plain_when(when.args[0])


def _rebuilt(tree, **given):
    slots = {name: getattr(tree, name) for name in tree.__match_args__}
    return type(tree)(**{name: plain(value) for name, value in (slots | given).items()})


@SLOW
@given(TREES)
def test_a_tree_in_its_normal_spelling_comes_back_equal(tree):
    normal = plain(tree)

    assert from_json(json.dumps(to_json(normal))) == normal


def in_filters(tree):
    """Put *tree* where ``^^^`` does not climb out, not even of a lambda without an item."""
    for name in "abcd":
        tree = n.Filter(n.Name(name), tree)
    return tree


@SLOW
@given(TREES)
def test_a_document_comes_back_through_text_with_every_name_where_it_was(tree):
    document = to_json(in_filters(tree))

    text = to_text(from_json(json.dumps(document)))

    assert settled(to_json(parse(text))) == settled(document)


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), NAMES
)
KEYS = sorted(
    {key for shape in SHAPES.values() for key in (*shape.needed, *shape.optional)}
)
WORDS = st.sampled_from(["and", "=", "exists", "String", "List", "v0", "before", "profile"])
JSON = st.recursive(
    SCALARS | WORDS | st.sampled_from([CITY, V0, ROME, NOW, IN_ROME]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=3),
        st.sampled_from(list(SHAPES.items())).flatmap(lambda kind: nodes(*kind, inner)),
    ),
    max_leaves=12,
)


def nodes(kind, shape, inner):
    fields = {"nodeType": st.just(kind), **dict.fromkeys(shape.needed, inner)}
    return st.fixed_dictionaries(fields, optional=dict.fromkeys(shape.optional, inner))


def is_read_for_good_or_refused(document):
    """Tell whether *document* is refused, or says the same after a way through text."""
    try:
        read = from_json(document)
    except PQLError as error:
        return bool(error.reason)
    written = to_json(read)
    try:
        text = to_text(read)
    except PQLUnsupportedError:  # a back-tick in a name
        return "`" in json.dumps(document)
    return settled(to_json(parse(text))) == settled(written)


@SLOW
@given(JSON)
def test_any_json_is_read_or_refused(document):
    assert is_read_for_good_or_refused(document)
    assert is_read_for_good_or_refused(json.dumps(document))


@SLOW
@given(st.text())
def test_any_text_is_read_or_refused(text):
    assert is_read_for_good_or_refused(text)


@SLOW
@given(TREES, st.data())
def test_a_document_with_something_else_in_it_is_read_or_refused(tree, data):
    document = to_json(in_filters(tree))
    spots = list(_spots(document))
    owner, key = spots[data.draw(st.integers(0, len(spots) - 1))]
    if data.draw(st.booleans()):
        owner[key] = data.draw(JSON)
    else:
        del owner[key]

    assert is_read_for_good_or_refused(document)


def _spots(document):
    keys = range(len(document)) if isinstance(document, list) else list(document)
    for key in keys:
        yield document, key
        if isinstance(document[key], dict | list):
            yield from _spots(document[key])
