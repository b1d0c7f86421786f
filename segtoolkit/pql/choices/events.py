"""Choices about events: variables over them, their order, sequences."""

from __future__ import annotations

from segtoolkit.pql.choices.row import Choice

EVENTS = (
    Choice(
        "order-of-events",
        "In which order do events stand, when they are a list?",
        "In that of their timestamps; of one instant by `eventType`, then as loaded. `.head()` is the "
        "earliest.",
        "A timeline has that order, and every run has the same answer.",
    ),
    Choice(
        "null-of-events",
        "What does `.isNull()` ask of `xEvent` and its filters, which are never missing?",
        "Whether there are no such events.",
        "A missing list is null elsewhere, and a test that never holds would be of no use.",
    ),
    Choice(
        "events-in-rules-about-events",
        "What is `xEvent` inside `xEvent[…]`?",
        "All events of the profile, there as well.",
        "It is documented as resolved from the profile, always.",
    ),
    Choice(
        "several-variables",
        "What are the items of a `select` of several variables?",
        "Objects with the variables as their fields, one for each combination; of a single variable the "
        "items themselves.",
        "Then `.map(V.field)` and `[V.field > 1]` read as they do elsewhere.",
    ),
    Choice(
        "same-item-twice",
        "May two variables be the same item?",
        "They may; `A != B` rules it out.",
        "A documented query relies on `<` to keep them apart, which nothing else would.",
    ),
    Choice(
        "none-and-one",
        "What do the quantifiers `none` and `one` mean?",
        "`none` is not some; `one` is exactly one, of several variables one combination.",
        "They are only known by name, from the schema of `pql/json`.",
    ),
    Choice(
        "forall-of-several",
        "What does `forall` with several variables ask?",
        "Whether the last condition holds of every combination that the earlier ones allow; null is no.",
        "The earlier conditions say what it is about; of nothing it is true.",
    ),
    Choice(
        "variables-over-events",
        "How many variables over `xEvent` may there be?",
        "Three, or any number when each `occurs after` the one before.",
        "Each further one multiplies the combinations; a sequence takes one pass.",
    ),
    Choice(
        "ties-in-sequences",
        "Does an event follow one of the same instant?",
        "It does not: later is strictly later, so no event is two elements of a sequence either.",
        "The text that the builder wrote before there was `chain` says `occurs after`.",
    ),
    Choice(
        "side-of-gap",
        "Between which two elements does GAP lie?",
        "Between its element and the next one; for the last element, between it and the one before.",
        "The one documented example stands on the earlier element.",
    ),
    Choice(
        "gap-in-months",
        "From which of two events are months counted?",
        "Back from the later one; a day that the month does not have is its last.",
        "`occurs <= 1 month before` counts back as well.",
    ),
    Choice(
        "gap-before-an-absence",
        "What does a GAP between an event and one that must be missing mean?",
        "`<=` how long it must be missing; `>=` from when on.",
        'So the documents read it: "then after 3 days do not have any".',
    ),
    Choice(
        "absence-in-sequences",
        "Where must the events of a negated element be missing?",
        "Strictly between the two events chosen for its neighbours; after the last, or before the first.",
        "Any choice of events that passes will do, as in A B A C for A, not B, C.",
    ),
    Choice(
        "comparison-in-count",
        "What does COUNT compare by?",
        "`COUNT(2)` and `COUNT(>= 2)` are at least two, `COUNT(= 2)` exactly two, and so on.",
        "The first is documented; the builder has the others, but its text for them is not known.",
    ),
    Choice(
        "count-in-sequences",
        "When is an element with COUNT reached?",
        "With the last of its events, all after the element before. Only at least so many can be asked "
        "for, and one of a negated element.",
        "What follows is to follow them all.",
    ),
    Choice(
        "where-in-chain",
        "What is the clause WHERE of an element?",
        "The same as WHAT; with both, both must hold.",
        "It was seen once, where WHAT was meant.",
    ),
    Choice(
        "chain-is-a-condition",
        "What is a `chain`, as a value?",
        "True or false: it has no items, and methods of lists on it are refused.",
        "The documents only ever ask whether it is there.",
    ),
    Choice(
        "chain-within-rules",
        "May a `chain` stand in a rule about an item or an event?",
        "It may, as long as a sequence does not ask for that item.",
        "It is about all events of the profile, so it is found once, not for each item.",
    ),
)
