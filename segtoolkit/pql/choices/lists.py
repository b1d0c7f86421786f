"""Choices about lists and maps."""

from __future__ import annotations

from segtoolkit.pql.choices.row import Choice

LISTS = (
    Choice(
        "count-of-what-is-missing",
        "What is `.count()` of a list that is missing?",
        "Null, so no comparison with it holds; of `xEvent`, which is never missing, 0.",
        "`productListItems.count() < 3` is documented as events that have items; a profile without "
        "events has bought nothing.",
    ),
    Choice(
        "rules-about-a-missing-list",
        "What do `[…]`, `select` and `.map(…)` make of a missing list?",
        "Null, not an empty list; a later variable over one gives no combination.",
        "So `.count()` of it stays null as well.",
    ),
    Choice(
        "aggregates-of-nothing",
        "What are `sum`, `average`, `min`, `max` of null and of `[]`?",
        "`sum` is 0, the others are null; items without value are skipped.",
        "So it is documented for selections without items.",
    ),
    Choice(
        "test-along-a-path",
        "What does a test of a path through a list ask, such as `orders.price != 30`?",
        "Whether some item passes, so here whether some item differs, with a warning; `.isNull()` asks "
        "whether no item has a value there.",
        "`=` along a path is documented as true for some item, and `!=` is no negation elsewhere either.",
    ),
    Choice(
        "if-along-a-path",
        "What does `if` ask of a path through a list?",
        "What every condition asks: whether some item passes.",
        "The first operand of `if` is a place for yes or no like any other.",
    ),
    Choice(
        "null-in-lists",
        "What do `in`, `notIn` and `includes` make of null items?",
        "They skip them; `x notIn []` holds when x is there.",
        "Null equals nothing, so it is not x either.",
    ),
    Choice(
        "items-of-lists",
        "What may stand in a list literal?",
        "Any values of one type, fields too; whole numbers and decimals go together.",
        "AEP's grammar does not say, and `field in [a, b]` has one meaning only.",
    ),
    Choice(
        "equality-of-lists",
        "When are two lists equal?",
        "When they have the same items in the same order.",
        "For sets there are `subsetOf` and `supersetOf`.",
    ),
    Choice(
        "distinct-and-intersection",
        "What of nulls and order in `distinct` and `intersection`?",
        "Nulls are dropped, the first of equal items stays, in the order of the list before the dot. "
        "`intersection` without items is null.",
        "The last is documented; the order makes `.head()` of them the same on every run.",
    ),
    Choice(
        "head-of-a-list",
        "What is `.head()` when the first item is null, or there is none?",
        "Null in both cases.",
        "It is the first item, not the first that is there.",
    ),
    Choice(
        "map-keeps-null",
        "What does `.map(…)` make of items without the value?",
        "Null: there is one value for each item.",
        "Then the third value is that of the third item.",
    ),
    Choice(
        "direction-of-top",
        "Is `topN` ascending, as one page says, or descending?",
        "Descending, and `bottomN` ascending.",
        "The examples take the most recent event with it.",
    ),
    Choice(
        "number-of-top",
        "What are `topN` and `bottomN` of no items, and of how many nobody knows?",
        "An empty list for 0 or less, null for null.",
        "As with every function, null in is null out.",
    ),
    Choice(
        "keys-that-are-missing",
        "What of items without key in `topN`, `bottomN`, `groupBy` and `mapEntry`?",
        "They are dropped.",
        "They have no place in an order, and no entry of a map.",
    ),
    Choice(
        "keys-that-are-equal",
        "What of equal keys?",
        "Such items keep their order, groups stand in the order of their first items, and of equal keys "
        "of `mapEntry` the last one counts.",
        "Every run has the same answer then, and maps are filled so elsewhere.",
    ),
    Choice(
        "types-of-keys",
        "What can be a key?",
        "Of `topN` and `bottomN` numbers, times and texts; of groups and entries booleans as well, and "
        "lists of these. No objects.",
        "Booleans have no order, and objects no equality that all engines share.",
    ),
    Choice(
        "this-in-maps",
        "What is the item when `.map(…)` of a map has no lambda?",
        "The value of the entry; its fields are bare names.",
        "Computed attributes write `.groupBy(…).map({…this…})`, and mean the groups.",
    ),
    Choice(
        "place-of-map-entry",
        "Where may `mapEntry` stand?",
        "As all that `.map(…)` gives for an item; refused elsewhere.",
        "An entry is no value.",
    ),
    Choice(
        "case-of-keys",
        "Does the case of keys matter, as in `identityMap.get(…)`?",
        "It does.",
        "AEP ignores it in namespaces only, and what profiles hold is as AEP writes it.",
    ),
)
