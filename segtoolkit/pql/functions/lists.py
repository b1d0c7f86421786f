"""Rows of what asks or makes lists; `xEvent`, the profile's events, is one of them."""

from __future__ import annotations

from segtoolkit.pql.functions.row import COMPARISON, called, infix
from segtoolkit.pql.rules import collections

LISTS = (
    infix(
        "value in list",
        COMPARISON,
        "Whether the value is one of the items; text is case sensitive, null items are skipped. Null, "
        "which counts as false, when the value or the list is null.",
        'loyalty.tier in ["gold", "platinum"]',
        collections.in_,
    ),
    infix(
        "value notIn list",
        COMPARISON,
        "Whether the value is there and none of the items; text is case sensitive, null items are "
        "skipped. Null, which counts as false, when the value or the list is null.",
        'loyalty.tier notIn ["gold", "platinum"]',
        collections.not_in,
    ),
    called(
        "list.includes(value)",
        "Whether the value is one of the items: `value in list`, read from the other end.",
        'tags.includes("vip")',
        collections.includes,
    ),
    called(
        "list.intersects(other)",
        "Whether both lists share an item. Null, which counts as false, when either is null.",
        'tags.intersects(["vip", "b2b"])',
        collections.lists("intersects"),
    ),
    called(
        "list.intersection(other)",
        "The items that are in the other list too, each one once, in the order of the first. Null, not "
        "an empty list, when there are none.",
        'tags.intersection(["vip", "b2b", "app"]).count() >= 2',
        collections.lists("intersection"),
    ),
    called(
        "list.subsetOf(other)",
        "Whether every item is in the other list, as for an empty list. Null, which counts as false, "
        "when either is null.",
        'tags.subsetOf(["app", "newsletter"])',
        collections.lists("subset_of"),
    ),
    called(
        "list.supersetOf(other)",
        "Whether every item of the other list is in this one. Null, which counts as false, when either "
        "is null.",
        'tags.supersetOf(["app", "newsletter"])',
        collections.lists("superset_of"),
    ),
    called(
        "list.distinct()",
        "The items without repetition, in the order they first appear; nulls are dropped. Null when the "
        "list is null.",
        "xEvent.device.type.distinct().count() > 1",
        collections.distinct,
    ),
    called(
        "list.head()",
        "The first item; of events the earliest. Null when the list is empty or null.",
        'tags.head() = "newsletter"',
        collections.head,
    ),
    called(
        "list.filter(condition)",
        "The items for which the condition holds; bare names in it are fields of the item. The same as "
        "`list[condition]`. Null when the list is null.",
        'xEvent.filter(eventType = "commerce.purchases").count() >= 3',
        implicit=True,
    ),
    called(
        "list.exists(condition)",
        "Whether the condition holds for some item; bare names in it are fields of the item. False when "
        "the list is empty or null.",
        'xEvent.exists(productListItems.exists(name = "Lamp"))',
        implicit=True,
    ),
    called(
        "list.map(value)",
        "A value for every item, nulls included; bare names in it are fields of the item. Of a map, a "
        "value for every entry, as `(key, value) => …`; a value made by `mapEntry` gives a map again. "
        "Null when the list or map is null.",
        "xEvent.map(commerce.order.priceTotal).max() > 100",
        implicit=True,
    ),
    called(
        "list.groupBy(key)",
        "A map from each key to the list of the items that have it, in their order; items without key "
        "are dropped. Bare names in the key are fields of the item. Null when the list is null.",
        "xEvent.groupBy(eventType).count() >= 3",
        implicit=True,
    ),
    called(
        "list.topN(key, n)",
        "The n items with the highest keys, highest first; equal keys keep their order, items without "
        "key are dropped. Keys are numbers, times or texts. Empty when n is 0 or less, null when the "
        "list or n is null.",
        "xEvent.topN(commerce.order.priceTotal, 3).sum(commerce.order.priceTotal) > 500",
        implicit=True,
    ),
    called(
        "list.bottomN(key, n)",
        "The n items with the lowest keys, lowest first; equal keys keep their order, items without key "
        "are dropped. Keys are numbers, times or texts. Empty when n is 0 or less, null when the list "
        "or n is null.",
        'xEvent.bottomN(timestamp, 1).exists(device.type = "mobile")',
        implicit=True,
    ),
)
