"""Hypothesis strategies: every tree that the parser can produce, and texts that it may refuse."""

from __future__ import annotations

from hypothesis import strategies as st

from segtoolkit.pql import nodes as n
from segtoolkit.pql.functions import FUNCTIONS, Form
from segtoolkit.pql.words import AGGREGATIONS, COMPARISONS, RESERVED, TIME_WORDS, UNITS

UNIT_NAMES = sorted(set(UNITS.values()))
NAMES = st.one_of(
    st.sampled_from(["a", "_id", "xEvent", "personalEmail", "E3", "X1"]),
    st.sampled_from(sorted({*RESERVED, *UNITS, *FUNCTIONS, "chain", "WHAT", "over"})),
    st.sampled_from(
        ["order-total", "1697", "xdm:tags", "repo:createDate", "@id", "a b", "ß"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="`"), min_size=1, max_size=4),
)
LITERALS = st.builds(
    n.Literal,
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=6),
        st.sampled_from(['say "hi"', "\\w+\\", "it's", "two\nlines", "// no comment"]),
    ),
)
MODELS = st.sampled_from(["_xdm.context;version=1", "{ID}", "https://x/{A}/{B}", " "])
TIMES = st.one_of(
    st.builds(n.TimeWord, st.sampled_from(sorted(TIME_WORDS))),
    st.builds(
        n.CalendarUnit,
        st.sampled_from(["this", "last", "next"]),
        st.sampled_from(UNIT_NAMES),
    ),
)
LEAVES = st.one_of(
    LITERALS,
    TIMES,
    st.builds(n.Name, NAMES),
    st.builds(n.Parameter, st.integers(1, 12)),
    st.builds(n.Model, MODELS),
    st.builds(n.This),
    st.builds(n.Up, st.integers(1, 3), NAMES),
)


def tuples(of, least=0, most=3):
    return st.lists(of, min_size=least, max_size=most).map(tuple)


def calls(operands, *forms):
    def call(row):
        most = row.least + 2 if row.most is None else row.most
        return st.builds(n.Call, st.just(row.name), tuples(operands, row.least, most))

    rows = [row for row in FUNCTIONS.values() if row.form in forms]
    return st.sampled_from(rows).flatmap(call)


def declarations(operands):
    where = st.none() | operands
    return tuples(st.builds(n.Declaration, NAMES, operands, where), 1)


def binders(operands):
    some = declarations(operands)
    return st.one_of(
        st.builds(n.Lambda, tuples(NAMES, 1), operands),
        st.builds(n.Let, NAMES, operands, operands),
        st.builds(n.Select, some),
        st.builds(n.Quantifier, st.sampled_from(["exists", "forall", "none", "one"]), some),
        st.builds(n.Aggregation, st.sampled_from(AGGREGATIONS), st.none() | operands, some),
    )


def distances(operands):
    duration = st.builds(n.Duration, operands, st.sampled_from(UNIT_NAMES))
    return st.builds(n.Distance, st.sampled_from(COMPARISONS), duration)


def occurs(timestamps, operands):
    times = TIMES | operands
    between = st.builds(n.TimeRange, times, times)
    direction = st.sampled_from(["before", "after"])
    return st.one_of(
        st.builds(n.Occurs, timestamps, direction, times, st.none() | distances(operands)),
        st.builds(n.Occurs, timestamps, st.just("on"), times),
        st.builds(n.Occurs, timestamps, st.just("between"), between),
    )


def whens(operands):
    def combine(inner):
        joined = st.builds(n.Call, st.sampled_from(["and", "or"]), tuples(inner, 2))
        return joined | st.builds(n.Call, st.just("not"), tuples(inner, 1, 1))

    return st.recursive(occurs(st.none(), operands), combine, max_leaves=3)


def chains(operands):
    element = st.builds(
        n.Element,
        NAMES,
        st.booleans(),
        st.none() | operands,
        st.none() | whens(operands),
        st.none() | st.tuples(st.sampled_from(COMPARISONS), st.integers(0, 99)),
        tuples(distances(operands), most=2),
    )
    return st.builds(n.Chain, operands, operands, tuples(element, 1, 2))


def combinations(operands):
    entries = tuples(st.tuples(st.text(max_size=3), operands), 1)
    return (
        calls(operands, Form.INFIX),
        calls(operands, Form.INFIX, Form.PREFIX),
        calls(operands, Form.METHOD, Form.FUNCTION),
        binders(operands),
        occurs(operands, operands),
        chains(operands),
        st.builds(n.ListLiteral, tuples(operands)),
        st.builds(n.ObjectLiteral, entries),
        st.builds(n.Field, operands, NAMES),
        st.builds(n.Filter, operands, operands),
    )


def trees(levels):
    """Combine level by level: what `st.recursive` makes of this is too large to describe."""
    if levels == 0:
        return LEAVES
    kinds = (LEAVES, LEAVES, *combinations(trees(levels - 1)))

    @st.composite
    def tree(draw):
        return draw(kinds[draw(st.integers(0, len(kinds) - 1))])

    return tree()


TREES = trees(2) | trees(3)

VOCABULARY = sorted(
    {
        *(set(RESERVED) | set(FUNCTIONS) | set(UNITS)),
        *("=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "!", "=>", "^", "^^"),
        *(".", ",", ":", "(", ")", "[", "]", "{", "}", "==", "'", "“", "//", "&&"),
        *("a", "X", "xEvent", "C0", "WHAT", "WHEN", "COUNT", "GAP", "chain", "xdm:c"),
        *("$1", "@{m}", "`b`", '"s"', "1", "2.5", ".5"),
    }
)
SOUPS = st.lists(st.sampled_from(VOCABULARY), max_size=20).flatmap(
    lambda words: st.sampled_from([" ".join(words), "".join(words)])
)
