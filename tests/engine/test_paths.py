"""What paths through lists, names further out, times in fields and nulls mean: the people they find."""

from __future__ import annotations

import pytest

from tests.engine.people import EVERYONE, STRANGER
from tests.engine.test_cases import NOBODY, find

BUY = 'eventType = "commerce.purchases"'
BUYS_TWICE = f"chain(xEvent, timestamp, [A: WHAT({BUY}), B: WHAT({BUY})])"

PATHS = {
    "addresses.floor.isNull()": EVERYONE - {"ann"},
    "addresses.kind.isNull()": EVERYONE - {"ann", "cleo"},
    "xEvent.items.sku.isNull()": EVERYONE - {"ann", "bob"},
    "if(addresses.floor, 1, 2) = 1": {"ann"},
    'if(addresses.kind = "work", "w", "h") = "w"': {"ann"},
    f'addresses.kind.contains(if({BUYS_TWICE}, "h", "w"))': {"ann"},
    "xEvent.eventType.count() = 4": {"ann"},
    "xEvent.eventType.distinct().count() = 2": {"ann", "bob"},
    "xEvent.items.n.sum() = 4": {"ann"},
    # a missing list has no items
    "xEvent.items.sku.count() = 2": {"ann"},
    'forall s from xEvent.items.sku where s = "a"': EVERYONE - {"ann"},
    "xEvent.items[n > 1]": {"ann", "bob"},
    "xEvent.items[n > 9].isNull()": NOBODY,
    "xEvent.items[n > 9].count() = 0": EVERYONE,
    'xEvent.items[n > 1].sku = "b"': {"ann"},
    "orders.price.average() = 30": {"bob"},
    "orders.placed occurs before xEvent.timestamp": {"ann", "bob"},
    "joined occurs <= 3 months after orders.placed": {"ann", "bob"},
    "xEvent[xEvent.count() = 2].isNull()": EVERYONE - {"bob"},
    "(select E from xEvent where xEvent.count() = 2).isNotNull()": {"bob"},
}
OUTWARDS = {
    'xEvent[items[sku = "a" and n < ^commerce.order.priceTotal]]': {"ann", "bob"},
    "xEvent[items[n > 1 and ^^loyalty.points > 500]]": {"ann"},
    'xEvent[items[sku = "b" or ^^.optedIn = false]]': {"ann", "bob"},
    "orders[price > 25 and ^addresses[floor > ^price / 10]]": {"ann"},
    "xEvent[xEvent.count() = 2]": {"bob"},
    "xEvent[profile.loyalty.points > 600]": {"ann"},
    f"xEvent[{BUY} and timestamp = xEvent.max(timestamp)]": {"ann", "cleo", STRANGER},
    "xEvent[commerce.order.priceTotal < xEvent.average(commerce.order.priceTotal)]": {
        "ann"
    },
    "addresses[xEvent[commerce.order.priceTotal > ^floor * 4].count() = 1]": {"ann"},
    f'chain(xEvent, timestamp, [A: WHAT({BUY} and xEvent.eventType.contains("Add"))])': {
        "bob"
    },
    "let o = orders.topN(price, 1).head() in o.price > 20 and o.placed occurs this month": {
        "ann",
        "bob",
    },
    'let G = xEvent.groupBy(eventType) in G.count() = 2 and G.get("commerce.productListAdds")': {
        "bob"
    },
}
TIMES = {
    "person.birthDate occurs = 39 years before joined": {"bob"},
    "person.birthDate occurs != 39 years before joined": {"ann"},
    "joined occurs != loyalty.points days before now": {"ann", "bob", "cleo"},
    "joined != date(joined.getYear(), joined.getMonth(), 31)": {"ann", "bob", "dan"},
    "select o from orders where o.placed occurs = 1 month before joined": {"ann"},
    "orders[placed occurs = 2 weeks before ^joined]": {"ann", "bob"},
    f"chain(xEvent, timestamp, [A: WHAT({BUY}) GAP(>= 1 month), B: WHAT({BUY})])": {"ann"},
    f"chain(xEvent, timestamp, [A: WHAT({BUY}) GAP(<= 3 months), B: WHAT(true)])": {
        "ann",
        "bob",
    },
    f"chain(xEvent, timestamp, [A: WHAT({BUY}), B: WHAT(true) GAP(>= 3 months)])": {"ann"},
    "chain(xEvent, timestamp, [A: WHAT(commerce.order.priceTotal = 20) GAP(< 1 year), "
    "B: WHAT(commerce.order.priceTotal = 40.5)])": {"ann"},
    "chain(xEvent, timestamp, [A: WHAT(commerce.order.priceTotal = 20) GAP(< 12 months), "
    "B: WHAT(timestamp occurs = 0 days before now)])": {"ann"},
}
NULLS = {
    "null": NOBODY,
    "not null": EVERYONE,
    'null.contains("x")': NOBODY,
    'not null.contains("x")': EVERYONE,
    "null in tags": NOBODY,
    "loyalty.points + null > 0": NOBODY,
    "(loyalty.points + null).isNull()": EVERYONE,
    "null.filter(this = 1).isNull()": EVERYONE,
    "null.exists(true)": NOBODY,
    "null.map(this).isNull()": EVERYONE,
    "tags.map(null).subsetOf([null])": {"ann", "bob", "dan"},
    "null.groupBy(this).isNull()": EVERYONE,
}
CASES = PATHS | OUTWARDS | TIMES | NULLS


@pytest.mark.parametrize(("text", "expected"), CASES.items(), ids=CASES)
def test_expression_finds_the_people_it_means(cursor, text, expected):
    assert find(cursor, text) == expected
