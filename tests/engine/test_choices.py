"""Every choice that `pql.explain("choices")` tells of, shown by what expressions find or are told."""

from __future__ import annotations

import json

import duckdb
import pytest

from segtoolkit import pql
from segtoolkit.engine import DuckDBEngine
from segtoolkit.errors import PQLError, PQLSyntaxError, PQLTypeError, PQLUnsupportedError
from segtoolkit.local import profiles
from segtoolkit.pql.choices import CHOICES
from tests.engine.people import AS_OF, EVERYONE, STRANGER
from tests.engine.test_cases import DEFINITIONS, NOBODY, find
from tests.pql.documents import chain as chain_document
from tests.pql.documents import element, function, literal, path, variable

BUY = 'eventType = "commerce.purchases"'
BUYERS = {"ann", "bob", "cleo", STRANGER}


def chain(*elements: str) -> str:
    """Write a chain; an element is what is in WHAT( ), as ``true``, ``!true``, ``true) COUNT(2``."""
    named = (
        f"{'!' * spec.startswith('!')}C{n}: WHAT({spec.removeprefix('!')})"
        for n, spec in enumerate(elements)
    )
    return f"chain(xEvent, timestamp, [{', '.join(named)}])"


def counted(**clauses) -> str:
    """Write a chain of one element in ``pql/json``: purchases, with *clauses*."""
    bought = function(path(variable("e"), "commerce"), "e")
    return json.dumps(chain_document(element(what=bought, **clauses)))


TWICE = {
    "nodeType": "countQualification",
    "comparison": literal("Comparison", ">="),
    "count": literal("Integer", 2),
}

SPELLING = {
    "lists-in-parentheses": {
        'homeAddress.country in ("US", "CA")': {"ann", "bob", "cleo"},
    },
    "case-of-words": {
        'homeAddress.country NOTIN ["US"] AND Not (loyalty.tier = "gold")': {"dan"},
        'SELECT t FROM tags Where t In ["vip"]': {"ann"},
    },
    "profile-as-root": {
        "profile.loyalty.points = 0": {"cleo"},
        "addresses[profile.loyalty.points = 0]": {"cleo"},
    },
    "json-of-count-and-gap": {counted(count=TWICE): {"ann"}},
}
VALUES = {
    "comparison-with-null": {
        "loyalty.tier = null": NOBODY,
        "loyalty.tier != null": NOBODY,
        "not (loyalty.tier = null)": EVERYONE,
        "loyalty.tier.isNotNull()": {"ann", "bob", "cleo"},
    },
    "null-in-functions": {
        'null.contains("x")': NOBODY,
        'not null.contains("x")': EVERYONE,
        "null.count().isNull()": EVERYONE,
        "null.filter(this = 1).isNull()": EVERYONE,
        "null.exists(true).isNull()": NOBODY,
        "null.sum() = 0": EVERYONE,
    },
    "empty-values": {
        "loyalty.points": {"ann", "bob", "cleo"},
        '""': EVERYONE,
        'homeAddress.city != ""': {"ann", "bob"},
    },
    "empty-objects": {
        "homeAddress.isNull()": {"eve", STRANGER},
        "person.isNull()": {"dan", "eve", STRANGER},
        '{"a": {"b": loyalty.tier}}': {"ann", "bob", "cleo"},
    },
    "equality-of-objects": {
        "xEvent.head() = xEvent.topN(timestamp, 1).head()": {"cleo", STRANGER},
        "orders.head() = orders.topN(price, 1).head()": {"bob"},
        "homeAddress = homeAddress": {"ann", "bob", "cleo", "dan"},
    },
    "type-of-literals": {
        'loyalty.points >= "500"': {"ann", "bob"},
        '"500" <= loyalty.points': {"ann", "bob"},
        'optedIn = "true"': {"ann", "cleo"},
    },
    "division": {
        "7 / 2 = 3.5": EVERYONE,
        "-7 % 3 = -1": EVERYONE,
        "7 % -3 = 1": EVERYONE,
        "(loyalty.points / 0).isNull() and (loyalty.points % 0).isNull()": EVERYONE,
    },
    "order-of-texts": {
        'person.name.firstName < "C"': {"ann"},
        'person.name.firstName >= "a"': {"bob"},
    },
    "like-without-escape": {
        r'"100%" like "100\%"': NOBODY,
        r'"100\x" like "100\%"': EVERYONE,
        '"100%".contains("0%")': EVERYONE,
    },
    "where-patterns-match": {
        'person.name.firstName.matches("nn")': {"ann"},
        'person.name.firstName.matches("^nn$")': NOBODY,
    },
    "dialect-of-patterns": {'person.name.firstName.matches("(?i)^[a-b]")': {"ann", "bob"}},
    "tests-of-string-compare": {
        'stringCompare("equals", "new", tags)': {"ann", "bob"},
        'stringCompare("notEqualTo", homeAddress.city, ["boston", "x"], false)': {"bob"},
    },
    "audiences-in-audiences": {
        'inSegment("gold")': {"ann", "cleo"},
        'inSegment("old")': {"ann"},
    },
    "stored-membership": {
        'inSegment("old")': {"ann"},
        'segmentMembership.get("ups").get("old").status = "exited"': {"bob"},
    },
}
LISTS = {
    "count-of-what-is-missing": {
        "orders.count() = 0": {"dan"},
        "orders.count() < 3": {"bob", "cleo", "dan"},
        "xEvent.count() = 0": {"dan", "eve"},
        "xEvent[items.count() < 3].count() = 1": {"bob"},
    },
    "rules-about-a-missing-list": {
        "orders[price > 9].count() = 0": {"cleo", "dan"},
        "orders[price > 9].isNull()": {"eve", STRANGER},
        "orders.map(price).isNull()": {"eve", STRANGER},
        "(select o from orders).isNull()": {"eve", STRANGER},
        "(select t from tags, a from addresses).count() = 0": {"bob", "dan"},
    },
    "aggregates-of-nothing": {
        "orders.sum(price) = 0": {"cleo", "dan", "eve", STRANGER},
        "orders.max(price).isNull()": {"cleo", "dan", "eve", STRANGER},
        "[].sum() = 0 and [].average().isNull() and [].min().isNull()": EVERYONE,
    },
    "test-along-a-path": {
        "orders.price = 30": {"ann", "bob"},
        "orders.price != 30": {"ann"},
        "not (orders.price = 30)": {"cleo", "dan", "eve", STRANGER},
        "orders.price.isNull()": {"cleo", "dan", "eve", STRANGER},
    },
    "if-along-a-path": {'if(addresses.kind = "work", "w", "h") = "w"': {"ann"}},
    "null-in-lists": {
        "loyalty.tier notIn [null]": {"ann", "bob", "cleo"},
        'loyalty.tier in [person.gender, null, "gold"]': {"ann", "cleo"},
        "loyalty.tier notIn []": {"ann", "bob", "cleo"},
    },
    "items-of-lists": {
        "[loyalty.points, loyalty.spend].max() = 750": {"ann"},
        '"gold" in [loyalty.tier, homeAddress.city]': {"ann", "cleo"},
    },
    "equality-of-lists": {
        'tags = ["vip", "new"]': {"ann"},
        'tags = ["new", "vip"]': NOBODY,
        'tags.subsetOf(["new", "vip"])': {"ann", "bob", "dan"},
    },
    "distinct-and-intersection": {
        "[null, 2, 1, 2].distinct() = [2, 1]": EVERYONE,
        'tags.intersection(["new", "vip"]) = ["vip", "new"]': {"ann"},
        'tags.intersection(["x"]).isNull()': EVERYONE,
    },
    "head-of-a-list": {
        "[null, 1].head().isNull()": EVERYONE,
        "[].head().isNull()": EVERYONE,
    },
    "map-keeps-null": {
        "orders.map(price).count() = 4": {"ann"},
        "orders.map(store).map(this).count() = 1": {"cleo"},
    },
    "direction-of-top": {
        "orders.topN(price, 1).head().price = 30": {"ann", "bob"},
        "orders.bottomN(price, 1).head().price = 5": {"ann"},
    },
    "number-of-top": {
        "orders.topN(price, 0).count() = 0": {"ann", "bob", "cleo", "dan"},
        "orders.bottomN(price, -1).count() = 0": {"ann", "bob", "cleo", "dan"},
        "orders.topN(price, null).isNull()": EVERYONE,
    },
    "keys-that-are-missing": {
        "orders.topN(price, 9).count() = 0": {"cleo", "dan"},
        "orders.topN(store, 9).count() = 3": {"ann"},
        "orders.groupBy(store).count() = 2": {"ann"},
        "orders.map(mapEntry(store, price)).count() = 2": {"ann"},
    },
    "keys-that-are-equal": {
        "orders.topN(price, 1).head().placed = date(2024, 5, 1)": {"bob"},
        "orders.bottomN(price, 1).head().placed = date(2024, 5, 1)": {"bob"},
        'orders.groupBy(store).keys().head() = "n"': {"ann", "cleo"},
        'orders.map(mapEntry(store, price)).get("n") = 20': {"ann"},
    },
    "types-of-keys": {
        "orders.groupBy(price > 15).count() = 2": {"ann"},
        "orders.groupBy([store, store]).count() = 1": {"bob", "cleo"},
        "orders.topN(placed, 1).head().price = 30": {"ann", "bob"},
    },
    "this-in-maps": {
        "identityMap.map(this.count()).max() = 2": {"ann"},
        "orders.groupBy(store).map(this.sum(price)).max() = 60": {"bob"},
        'segmentMembership.get("ups").map(status).head() = "exited"': {"bob"},
    },
    "place-of-map-entry": {"orders.map(o => mapEntry(o.store, 1)).count() = 2": {"ann"}},
    "case-of-keys": {
        'identityMap.get("Email")': {"ann", "dan"},
        'identityMap.get("email")': NOBODY,
    },
}
TIMES = {
    "direction-of-from": {
        "joined occurs from date(2024, 5, 1)": {"ann", "bob"},
        "joined occurs <= 1 day from date(2024, 5, 18)": {"bob"},
    },
    "exact-distance": {
        "joined occurs = 2 days before now": {"bob"},
        "joined occurs != 2 days before now": {"ann", "cleo", "dan"},
        "person.birthDate occurs = 39 years before joined": {"bob"},
    },
    "distances-of-days": {
        "xEvent[timestamp occurs >= 1 day after today]": {"cleo"},
        "xEvent[timestamp occurs >= 2 days after today]": NOBODY,
        "xEvent[timestamp occurs <= 1 day before today]": {"bob"},
    },
    "distances-end-at-the-reference": {
        "xEvent[timestamp occurs <= 30 days before now]": {"ann", "bob", STRANGER},
        "now occurs <= 1 day before now": EVERYONE,
        "joined occurs <= 1 day before joined": NOBODY,
    },
    "after-a-day": {
        "joined occurs after date(2024, 4, 30)": {"ann", "bob"},
        "joined occurs before date(2024, 4, 30)": {"dan"},
        "joined occurs on date(2024, 4, 30)": {"cleo"},
    },
    "comparisons-with-days": {
        "joined = date(2024, 4, 30)": {"cleo"},
        "joined < date(2024, 4, 30)": {"dan"},
        "joined <= date(2024, 4, 30)": {"cleo", "dan"},
        "joined > date(2024, 4, 30)": {"ann", "bob"},
    },
    "leap-days": {
        "date(2000, 2, 29).getDayOfMonth() = date(2023, 2, 28).getDayOfMonth()": NOBODY,
        "date(2000, 2, 29).getDayOfMonth() = date(2024, 2, 29).getDayOfMonth()": EVERYONE,
    },
}
EVENTS = {
    "order-of-events": {
        "xEvent.head().commerce.order.priceTotal = 20": {"ann"},
        'xEvent.map(eventType).head() = "commerce.purchases"': BUYERS,
    },
    "null-of-events": {
        "xEvent.isNull()": {"dan", "eve"},
        "xEvent[timestamp occurs today].isNull()": EVERYONE - {"ann"},
        "xEvent.map(eventType).isNull()": NOBODY,
    },
    "events-in-rules-about-events": {
        "xEvent[xEvent.count() = 2]": {"bob"},
        f"xEvent[{BUY} and timestamp = xEvent.max(timestamp)]": {"ann", "cleo", STRANGER},
    },
    "several-variables": {
        "(select E from xEvent, I from E.items).map(E.commerce.order.priceTotal * I.n)"
        ".max() = 1000": {"bob"},
        '(select E from xEvent, I from E.items)[I.sku = "b"].count() = 1': {"ann"},
        'tags.map(this) = (select t from tags) and "vip" in (select t from tags)': {"ann"},
    },
    "same-item-twice": {
        "select A from xEvent where A.commerce.order.priceTotal > 30, B from xEvent where "
        "B.commerce.order.priceTotal > 30": {"ann", "bob", STRANGER},
        "select A from xEvent where A.commerce.order.priceTotal > 30, B from xEvent where "
        "B.commerce.order.priceTotal > 30 and A != B": {"ann"},
    },
    "none-and-one": {
        "none o from orders where o.price > 9": {"cleo", "dan", "eve", STRANGER},
        "one o from orders where o.price > 25": {"ann"},
        "one a from addresses, b from addresses where a.floor < b.floor": {"ann"},
    },
    "forall-of-several": {
        "forall o from orders where o.price > 5": {"bob", "dan", "eve", STRANGER},
        "forall a from orders where a.price > 5, b from orders where "
        "a.price >= b.price or a.price < b.price": EVERYONE,
        "forall a from orders where a.price > 20, b from orders where a.price > b.price": {
            "cleo",
            "dan",
            "eve",
            STRANGER,
        },
    },
    "variables-over-events": {
        "select A from xEvent, B from xEvent, C from xEvent where A != B and B != C and C != A": {
            "ann"
        },
        "select A from xEvent, B from xEvent where B.timestamp occurs after A.timestamp, "
        "C from xEvent where C.timestamp occurs after B.timestamp, D from xEvent where "
        "D.timestamp occurs after C.timestamp": {"ann"},
    },
    "ties-in-sequences": {
        chain("commerce.order.priceTotal > 100", "commerce.order.priceTotal > 100"): NOBODY,
    },
    "side-of-gap": {
        chain(f"{BUY}) GAP(<= 20 days", BUY): {"ann"},
        chain(f"{BUY}) GAP(<= 1 day", "true", "true"): NOBODY,
        chain("true", "true", f"{BUY}) GAP(<= 1 day"): {"ann"},
    },
    "gap-in-months": {
        chain(f"{BUY}) GAP(<= 2 months", "true"): {"ann"},
        chain(f"{BUY}) GAP(<= 3 months", "true"): {"ann", "bob"},
    },
    "gap-before-an-absence": {
        chain(f"{BUY}) GAP(<= 30 days", "!true"): BUYERS,
        chain("commerce.order.priceTotal = 60) GAP(<= 18 days", "!true"): {"ann"},
        chain("commerce.order.priceTotal = 60) GAP(<= 19 days", "!true"): NOBODY,
        chain("commerce.order.priceTotal = 60) GAP(>= 20 days", "!true"): {"ann"},
    },
    "absence-in-sequences": {
        chain("commerce.order.priceTotal = 20", f"!{BUY}", BUY): {"ann"},
        chain("commerce.order.priceTotal = 20", f"!{BUY}", f"not ({BUY})"): NOBODY,
        chain(BUY, "!true"): {"ann", "cleo", STRANGER},
        chain(f"!{BUY}", f"not ({BUY})"): NOBODY,
    },
    "comparison-in-count": {
        chain(f"{BUY}) COUNT(2"): {"ann"},
        chain(f"{BUY}) COUNT(> 2"): {"ann"},
        chain(f"{BUY}) COUNT(= 1"): {"bob", "cleo", STRANGER},
        chain(f"!{BUY}) COUNT(2"): EVERYONE - {"ann"},
    },
    "count-in-sequences": {
        chain(f"{BUY}) COUNT(2", f"not ({BUY})"): {"ann"},
        chain(f"{BUY}) COUNT(3", f"not ({BUY})"): NOBODY,
    },
    "where-in-chain": {
        chain(f"{BUY}) WHERE(commerce.order.priceTotal > 60"): {"bob", STRANGER},
        "chain(xEvent, timestamp, [A: WHERE(commerce.order.priceTotal > 60)])": {
            "bob",
            STRANGER,
        },
    },
    "chain-is-a-condition": {f"if({chain(BUY, 'true')}, 1, 2) = 1": {"ann", "bob"}},
    "chain-within-rules": {
        f'addresses[kind = "work" and {chain(BUY, "true")}]': {"ann"},
        f"addresses[{chain('commerce.order.priceTotal > ^floor')}]": {"ann"},
    },
}
CASES = SPELLING | VALUES | LISTS | TIMES | EVENTS
REFUSED = {
    "quotes-and-equals": {
        "homeAddress.country = 'US'": (
            PQLSyntaxError,
            'straight double quotes, as in "US"',
        ),
        'homeAddress.country == "US"': (PQLSyntaxError, "a single `=`"),
    },
    "case-of-words": {
        'homeAddress.city.Contains("x")': (PQLTypeError, "did you mean `contains`"),
        'homeAddress.Country = "US"': (PQLTypeError, "did you mean `country`"),
    },
    "comments": {
        "true // all": (PQLSyntaxError, "no comments"),
        "/* all */ true": (PQLSyntaxError, "no comments"),
        "true # all": (PQLSyntaxError, "no comments"),
    },
    "chained-comparisons": {
        "0 < loyalty.points < 9": (PQLSyntaxError, "join them with `and`"),
    },
    "json-of-count-and-gap": {
        counted(minCount=2): (PQLSyntaxError, "`minCount` is unknown")
    },
    "records-outside-profiles": {
        "@{_xdm.context;version=1}.cart > 1": (PQLUnsupportedError, "no profile holds"),
        'exists o from modelInstances("offers") where o.price > 1': (
            PQLUnsupportedError,
            "other records than profiles",
        ),
    },
    "unknown-fields": {
        'homeAddress.contry = "US"': (PQLTypeError, "did you mean `country`"),
    },
    "type-of-literals": {
        'loyalty.points > "many"': (PQLTypeError, "'many' cannot be read as an integer"),
        "loyalty.tier = loyalty.points": (PQLTypeError, "cannot be compared"),
    },
    "dialect-of-patterns": {
        'homeAddress.city.matches("(?=.*x)")': (PQLUnsupportedError, "look-ahead"),
        'homeAddress.city.matches("(a)\\\\1")': (PQLUnsupportedError, "refers back"),
    },
    "tests-of-string-compare": {
        'stringCompare("like", homeAddress.city, "x")': (
            PQLTypeError,
            "the name of a test",
        ),
    },
    "circular-audiences": {'inSegment("left")': (PQLTypeError, "in a circle: ")},
    "items-of-lists": {'["a", 1].count() = 2': (PQLTypeError, "different types")},
    "types-of-keys": {
        "orders.topN(price > 9, 1)": (PQLTypeError, "a key cannot be a boolean"),
        'orders.groupBy({"s": store})': (PQLTypeError, "a key cannot be an object"),
    },
    "place-of-map-entry": {'mapEntry("a", 1)': (PQLTypeError, "belongs into")},
    "variables-over-events": {
        "select A from xEvent, B from xEvent, C from xEvent, D from xEvent where A != D": (
            PQLUnsupportedError,
            "too many",
        ),
    },
    "count-in-sequences": {
        chain(f"{BUY}) COUNT(= 2", "true"): (PQLUnsupportedError, "this COUNT"),
        chain("true", f"!{BUY}) COUNT(2"): (PQLUnsupportedError, "this COUNT"),
    },
    "chain-is-a-condition": {
        f"{chain(BUY, 'true')}.count() = 1": (PQLTypeError, "a boolean")
    },
    "chain-within-rules": {
        f"addresses[{chain('commerce.order.priceTotal > ^floor', 'true')}]": (
            PQLUnsupportedError,
            "the item around it",
        ),
    },
}
# What is taken, and remarked on: the code of what lint says.
REMARKED = {
    "comparison-with-null": ("loyalty.tier != null", "null-comparison"),
    "order-of-texts": ('loyalty.tier < "s"', "text-order"),
    "test-along-a-path": ("xEvent.commerce.order.priceTotal != 1", "negation-through-list"),
    "exact-distance": ("joined occurs = 3 days before now", "exact-distance"),
}
# The events of one person at one instant, in the order of loading.
AT_ONCE = (("e1", "view"), ("e3", "buy"), ("e2", "buy"))
SIMULTANEOUS = {
    "order-of-events": {
        'xEvent.map(_id).head() = "e3"': True,
        'xEvent.map(eventType) = ["buy", "buy", "view"]': True,
    },
    "ties-in-sequences": {
        chain('eventType = "buy"', 'eventType = "view"'): False,
        chain('eventType = "view"', 'eventType = "buy"'): False,
        chain('eventType = "buy"', 'eventType = "buy"'): False,
    },
}


def rows(table):
    """Return the rows of a parametrized test, each under the name of its choice."""
    return [
        pytest.param(text, wanted, id=f"{name}: {text}")
        for name, cases in table.items()
        for text, wanted in cases.items()
    ]


def test_every_choice_has_a_case_and_every_case_a_choice():
    assert {choice.name for choice in CHOICES} == {*CASES, *REFUSED}
    assert {*REMARKED, *SIMULTANEOUS} <= {*CASES}


def test_no_name_is_given_twice():
    assert len({choice.name for choice in CHOICES}) == len(CHOICES)


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.name)
def test_choice_is_told_in_sentences(choice):
    told = " ".join(pql.explain("choices").split())

    assert choice.question.endswith("?")
    assert choice.choice.endswith(".")
    assert choice.because.endswith(".")
    assert {choice.name + ":", "Because:"} <= set(pql.explain(choice.name).split())
    assert all(part in told for part in (choice.question, choice.choice, choice.because))


@pytest.mark.parametrize(("text", "expected"), rows(CASES))
def test_expression_finds_the_people_of_the_choice(cursor, text, expected):
    assert find(cursor, text) == expected


@pytest.mark.parametrize(("text", "expected"), rows(REFUSED))
def test_refusal_is_the_choice(cursor, text, expected):
    kind, reason = expected

    with pytest.raises(PQLError) as refused:
        DuckDBEngine().check(cursor, text, as_of=AS_OF, expression_of=DEFINITIONS.get)

    assert type(refused.value) is kind
    assert reason in str(refused.value)


@pytest.mark.parametrize(("text", "code"), REMARKED.values(), ids=REMARKED)
def test_lint_remarks_on_it(text, code):
    assert code in [finding.code for finding in pql.lint(text)]


@pytest.fixture(scope="module")
def at_once():
    """A store of one person, to whom everything happened at once."""
    with duckdb.connect() as database:
        database.execute("SET GLOBAL TimeZone = 'UTC'")
        profiles.create_tables(database)
        identity = {"identityMap": {"CRMID": [{"id": "1", "primary": True}]}}
        happened = [
            {"_id": id_, "eventType": kind, "timestamp": "2024-05-01T00:00:00Z", **identity}
            for id_, kind in AT_ONCE
        ]
        profiles.load(database, [identity], kind="profiles")
        profiles.load(database, happened, kind="events")
        yield database


@pytest.mark.parametrize(("text", "expected"), rows(SIMULTANEOUS))
def test_events_of_one_instant(at_once, text, expected):
    done = DuckDBEngine().evaluate(
        at_once,
        {"case": text},
        as_of=AS_OF,
        expression_of=lambda _: None,
        previous=lambda _: None,
        step=lambda *_: None,
    )

    assert done.counts == {"case": int(expected)}


def test_a_list_in_parentheses_is_printed_with_brackets():
    assert pql.to_text(pql.parse('a IN ("US", "CA")')) == 'a in ["US", "CA"]'
