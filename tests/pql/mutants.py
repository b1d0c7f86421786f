"""Expressions and documents that almost are PQL: valid ones, with a piece or two changed."""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy

from hypothesis import strategies as st

from segtoolkit.pql import parse, to_json
from segtoolkit.pql.tokens import Kind, tokenize
from segtoolkit.pql.words import COMPARISONS, RESERVED, UNITS
from tests.engine.test_cases import CASES
from tests.pql.strategies import VOCABULARY

# Beside the cases of the engine: what is written in several parts that can be exchanged.
SEEDS = [
    *CASES,
    'homeAddress.city.regexGroup("(N)(ew)", 2) = "ew"',
    'stringCompare("startsWith", homeAddress.city, ["New", "Bos"], false)',
    "loyalty.points * 2 - -3 / loyalty.spend % 7 + 1 > 10",
    "if(optedIn, loyalty.points, loyalty.spend) >= 1.5e2",
    "joined occurs >= 3 months before last year or joined occurs between yesterday and now",
    "joined.getYear() = 2024 and person.birthDate.getMonth() = currentMonth()",
    "date(2024, 2, 29) occurs = 2 weeks before joined",
    'identityMap.get("ECID").map(id).distinct().count() in [1, 2]',
    "identityMap.map((K, V) => mapEntry(K, V.count())).values().sum() > 2",
    'identityMap.keys().subsetOf(["CRMID", "ECID", "Email"])',
    'segmentMembership.get("ups").get("old").status in ["realized", "existing"]',
    "addresses.topN(floor, 2).map(kind).head() = addresses.bottomN(floor, 1).head().kind",
    'addresses.groupBy(kind).map((K, G) => mapEntry(K, G.count())).get("home") = 1',
    'addresses.map({"kind": kind, "high": floor > 2}).filter(high).exists(kind = "work")',
    'tags.intersection(["new", "old"]).includes("new") and tags.supersetOf(tags)',
    "select A from addresses where A.floor > 3, B from addresses where B.floor < A.floor",
    'forall A from addresses where A.floor > 1, B from tags where B != "x"',
    "(sum A.floor * B.floor over A from addresses, B from addresses where A != B) > 9",
    'exists V from xEvent where V.items[sku = "a" and n > V.commerce.order.priceTotal]',
    "select A from xEvent, B from xEvent where B.timestamp occurs < 2 weeks after A.timestamp",
    'chain(xEvent, timestamp, [A: WHAT(eventType = "x") WHEN(<= 9 days before now) COUNT(2), B:])',
    "chain(xEvent, timestamp, [A: WHAT(items), !B: WHAT(items.n > 1), C: GAP(> 3 hours and < 5 days)])",
    "xEvent[timestamp occurs within this month].groupBy(eventType).values().count() = 1",
    "xEvent.average(commerce.order.priceTotal) > max E.commerce.order.priceTotal over E from xEvent",
    "xEvent.items.n > 1 and xEvent.topN(timestamp, 1).head().eventType.isNull()",
    'let T = (select E from xEvent where E.eventType like "c%") in T.count() = $1.tags.count()',
]  # fmt: skip

# What may stand where such a piece stood, beside all that stands there in a seed.
NASTY = {
    "number": [
        *("0", "-1", "1001", "99999", "9" * 18, str(2**63 - 1), str(2**63), "9" * 5000, "0.0"),
        *("1e308", "1e309", "5e-324", "1e-400", "." + "3" * 400, "9" * 30 + ".5"),
    ],
    "string": [
        *('""', '"\x00"', '"\ud800"', '"a\U0001f600é"', '"%_\\"', "\"'; DROP TABLE profiles --\""),
        *('"$v0"', '"{0}"', '"2024-02-30"', '"99999-01-01"', '"-infinity"', '"nan"', '"1e999"'),
        *('"(?i)é"', '"(a*)*"', '"[[:alpha:]]"', '"(.)"', '"\\"', '"' + "x" * 5000 + '"', '"\x1b"'),
    ],
    "constant": ["null", "now", "true", "false", "today", "[]", "[null]", '{"a": null}', "xEvent"],
    "comparison": [*COMPARISONS, " in ", " notIn ", " like "],
    "arithmetic": ["+", "-", "*", "/", "%"],
    "join": ["and ", "or ", "and not ", "or not "],
    "unit": sorted(UNITS),
    "name": ["xEvent", "this", "p", "e", "v0", "rid", "xdm", "_id", '`"`', "`a b`", "`\x00`", "$1"],
    "member": ["xEvent", "_id", "timestamp", "rid", '`"`', "`\ud800`", "`" + "n" * 300 + "`"],
    "method": ["count", "map", "filter", "sum", "head", "values"],
    "function": ["if", "date", "not", "inSegment"],
    "other": VOCABULARY,
}  # fmt: skip
KINDS = {Kind.INTEGER: "number", Kind.DOUBLE: "number", Kind.STRING: "string"}
WORDS = {
    **dict.fromkeys(("true", "false", "null", "now", "today", "yesterday"), "constant"),
    **dict.fromkeys(("and", "or"), "join"),
    **dict.fromkeys(COMPARISONS, "comparison"),
    **dict.fromkeys("+*/%", "arithmetic"),
    **dict.fromkeys(UNITS, "unit"),
    **dict.fromkeys(RESERVED, "other"),
}


def cut(text):
    """Return the role and the text of each piece of *text*, with the space after it."""
    tokens = tokenize(text)
    found = []
    for at, token in enumerate(tokens[:-1]):
        before = tokens[at - 1].text if at else ""
        after = tokens[at + 1]
        role = role_of(token, before, after.text)
        found.append((role, text[token.pos : after.pos]))
    return found


def role_of(token, before, after):
    if token.kind in KINDS:
        return KINDS[token.kind]
    if token.kind in (Kind.NAME, Kind.QUOTED) and before == ".":
        return "method" if after == "(" else "member"
    if token.text in WORDS:
        return WORDS[token.text]
    if token.kind is Kind.NAME:
        return "function" if after == "(" else "name"
    return "other"


POOLS = defaultdict(list, {role: list(texts) for role, texts in NASTY.items()})
for seed in SEEDS:
    for role, piece in cut(seed):
        POOLS[role].append(piece)


def deleted(draw, pieces, at):
    return pieces[:at] + pieces[at + 1 :]


def doubled(draw, pieces, at):
    return pieces[: at + 1] + pieces[at:]


def swapped(draw, pieces, at):
    other = draw(st.integers(0, len(pieces) - 1))
    found = list(pieces)
    found[at], found[other] = pieces[other], pieces[at]
    return found


def damaged(draw, pieces, at):
    role, text = pieces[at]
    inside = draw(st.integers(0, len(text)))
    torn = text[:inside] + draw(st.characters()) + text[inside:]
    return [*pieces[:at], (role, torn), *pieces[at + 1 :]]


def exchanged(draw, pieces, at):
    role, _ = pieces[at]
    other = draw(st.sampled_from(POOLS[role]))
    return [*pieces[:at], (role, f"{other} "), *pieces[at + 1 :]]


def grafted(draw, pieces, at):
    role, _ = pieces[at]
    inner = draw(st.sampled_from(SEEDS))
    return [*pieces[:at], (role, f"({inner}) "), *pieces[at + 1 :]]


@st.composite
def mutants(draw):
    """Return an expression with one to three changes, more often than not no PQL any more."""
    pieces = cut(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 3))):
        if pieces:
            mutations = (deleted, doubled, swapped, damaged, exchanged, grafted)
            mutate = draw(st.sampled_from(mutations))
            pieces = mutate(draw, pieces, draw(st.integers(0, len(pieces) - 1)))
    return "".join(text for _, text in pieces)


@st.composite
def relatives(draw):
    """Return an expression some pieces of which are others of their kind: often PQL still."""
    pieces = cut(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 3))):
        places = [at for at, (role, _) in enumerate(pieces) if role != "other"]
        values = [
            at for at in places if pieces[at][0] in ("number", "string", "constant", "name")
        ]
        if values and draw(st.integers(0, 5)) == 0:
            pieces = grafted(draw, pieces, draw(st.sampled_from(values)))
        elif places:
            pieces = exchanged(draw, pieces, draw(st.sampled_from(places)))
    return "".join(text for _, text in pieces)


DOCUMENTS = [to_json(parse(seed)) for seed in SEEDS]

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(2**63), 2**63]),
    st.floats(),
    st.text(st.characters(), max_size=5),
    st.sampled_from(
        sorted({"literal", "fnApply", "lambda", "chain", "Integer", "now", "day"})
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["nodeType", "fnName", "params", "value", "object", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


def places(document):
    """Return every (container, key) of a document."""
    found, waiting = [], [document]
    while waiting:
        container = waiting.pop()
        if isinstance(container, dict | list):
            keys = container if isinstance(container, dict) else range(len(container))
            found += [(container, key) for key in keys]
            waiting += [container[key] for key in keys]
    return found


@st.composite
def documents(draw):
    """Return a document of which one to three places were deleted or hold something else."""
    document = deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 3))):
        if not (known := places(document)):
            break
        container, key = draw(st.sampled_from(known))
        match draw(st.sampled_from(["delete", "replace", "graft", "rename"])):
            case "delete":
                del container[key]
            case "replace":
                container[key] = draw(VALUES)
            case "graft":
                other, its_key = draw(st.sampled_from(known))
                container[key] = (
                    deepcopy(other[its_key]) if its_key in keys_of(other) else None
                )
            case "rename" if isinstance(container, dict):
                container[draw(st.sampled_from(["nodeType", "params", "body"]))] = (
                    container.pop(key)
                )
            case _:
                pass
    return document


def keys_of(container):
    return container if isinstance(container, dict) else range(len(container))
