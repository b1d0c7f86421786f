"""What is written like no function, in the shape of the table: the other half of the reference."""

from __future__ import annotations

from dataclasses import dataclass

from segtoolkit import cards


@dataclass(frozen=True, slots=True, repr=False)
class Construct:
    """One row: the words or signs it is found under, and what `Function` says as well."""

    names: tuple[str, ...]
    usage: str
    meaning: str
    example: str

    def __repr__(self) -> str:
        return f"<Construct {self.usage}>"

    def _repr_html_(self) -> str:
        return cards.function_card(self.names[0], self)


NAMES = (
    Construct(
        (".", "path"),
        "object.field",
        "The field of an object; null when the object is. A bare name is a field of the profile, and in "
        "a rule about items a field of the item. Through a list it gives the values of all items, and a "
        "comparison asks whether some item fits.",
        'homeAddress.country = "US"',
    ),
    Construct(
        ("xEvent",),
        "xEvent",
        "All events of the profile in the order of their timestamps, wherever it stands. An empty list "
        "when there are none, of which `.isNull()` is true.",
        'xEvent[eventType = "commerce.purchases"].count() = 0',
    ),
    Construct(
        ("this",),
        "this",
        "The item itself in a rule about the items of a list; in `.map(…)` of a map the value.",
        'tags.exists(this.startsWith("news"))',
    ),
    Construct(
        ("^",),
        "^field, ^^field",
        "A field of what is one `[ ]` or `.exists(…)` further out, two with `^^`, and so on up to the "
        "profile.",
        "xEvent[timestamp occurs <= 30 days after ^loyalty.joinDate].count() > 2",
    ),
    Construct(
        ("$1",),
        "$1",
        "The profile, where a bare name would mean something else.",
        '$1.homeAddress.country = "US"',
    ),
    Construct(
        ("`",),
        "`name`",
        "A name as it is, in back-ticks: for signs that names cannot have, and for words of the "
        "language.",
        "xEvent[`timestamp` occurs today]",
    ),
    Construct(
        ("let",),
        "let name = value in body",
        "The body, where the name stands for the value. `in` inside the value needs parentheses.",
        "let limit = 500 in loyalty.points > limit",
    ),
    Construct(
        ("=>", "lambda"),
        "item => body, (key, value) => body",
        "A name for the item in the body of `.filter .exists .map .groupBy .topN` and the like, instead "
        "of bare names; two names for an entry of a map.",
        "xEvent.exists(e => e.commerce.order.priceTotal > 100)",
    ),
    Construct(
        ("@{ }", "@{"),
        "@{reference}",
        "A record outside the profile, as decisions use it. It can be read, printed and converted, but "
        "not evaluated.",
        "@{_xdm.context.additionalParameters;version=1}.cart.total > 100",
    ),
)

LITERALS = (
    Construct(
        ('"', "true", "false", "null"),
        '"text", 12, 4.5, true, false, null',
        'A value. In text `\\"` is a quote and `\\\\` a backslash. Nothing equals `null`: ask '
        "`.isNull()`.",
        'loyalty.status = "active" and loyalty.points > 4.5',
    ),
    Construct(
        ("[ ]", "[]", "["),
        "[a, b]",
        "A list; its items are of one type.",
        'loyalty.tier in ["gold", "platinum"]',
    ),
    Construct(
        ("{ }", "{}", "{"),
        '{"name": value}',
        "An object, whose fields are read with a dot. It is null when all of its values are.",
        'xEvent.map({"price": commerce.order.priceTotal}).exists(price > 100)',
    ),
)

BINDERS = (
    Construct(
        ("[ ]", "[]", "["),
        "list[condition]",
        "The items for which the condition holds, in their order; bare names in it are fields of the "
        "item. As a condition: whether there are any. Null when the list is null.",
        'xEvent[eventType = "commerce.purchases" and commerce.order.priceTotal > 100]',
    ),
    Construct(
        ("select", "from", "where"),
        "select V from list where condition, W from list where condition",
        "The items for which the condition holds, as V; with more variables every combination that "
        "passes, as an object of them. Later parts see earlier variables, and two may be the same item. "
        "As a condition: whether there are any. Null when the list is null.",
        'select E from xEvent where E.eventType = "commerce.purchases"',
    ),
    Construct(
        ("exists", "some"),
        "exists V from list where condition",
        "Whether the condition holds for some item, or for some combination with more variables. False "
        "when there are no items.",
        'exists E from xEvent where E.device.type = "mobile"',
    ),
    Construct(
        ("forall", "all"),
        "forall V from list where condition",
        "Whether the condition holds for every item, so also when there are none; null counts as false. "
        "With more variables: whether the last condition holds for all that the earlier ones allow.",
        'forall E from xEvent where E.device.type = "mobile"',
    ),
    Construct(
        ("none",),
        "none V from list where condition",
        "Whether the condition holds for no item, so also when there are none.",
        'none E from xEvent where E.device.type = "mobile"',
    ),
    Construct(
        ("one",),
        "one V from list where condition",
        "Whether the condition holds for exactly one item, or one combination with more variables.",
        'one E from xEvent where E.eventType = "commerce.purchases"',
    ),
    Construct(
        ("sum", "average", "min", "max", "over"),
        "sum value over V from list where condition",
        "One number of the values of all items, or combinations, that pass; also `average`, `min`, "
        "`max`. Nulls are skipped. Of nothing, `sum` is 0 and the others are null. Short: "
        "`sum V from list`.",
        "(sum I.quantity over E from xEvent, I from E.productListItems) >= 10",
    ),
)

MOMENTS = (
    Construct(
        ("occurs", "on", "within"),
        "time occurs on reference",
        "Whether the time lies in the reference: a day, a calendar unit, or exactly that instant. `on` "
        "may be left out, `within` says the same. Null, which counts as false, when either is null.",
        "loyalty.joinDate occurs within last year",
    ),
    Construct(
        ("occurs", "before", "after", "from"),
        "time occurs before reference, time occurs after reference",
        "Whether the time is earlier than the start of the reference, or later than its end; `from` is "
        "`after`. Null, which counts as false, when either is null.",
        "loyalty.joinDate occurs before date(2024, 1, 1)",
    ),
    Construct(
        ("occurs", "before", "after", "from"),
        "time occurs <= 3 days before reference, time occurs >= 3 days after reference",
        "Whether the time is so far from the start of the reference, and on that side of it: `<= 3 days` "
        "is at most, `>= 3 days` at least. `= 3 days` means that very calendar day, and likewise for "
        "other units. Null, which counts as false, when either time is null.",
        "xEvent[timestamp occurs <= 30 days before now]",
    ),
    Construct(
        ("occurs", "between"),
        "time occurs between start and end",
        "Whether the time lies from the start of the first to the end of the second, both included. "
        "Null, which counts as false, when one is null.",
        "loyalty.joinDate occurs between date(2024, 1, 1) and date(2024, 12, 31)",
    ),
    Construct(
        ("now", "today", "yesterday", "tomorrow"),
        "now, today, yesterday, tomorrow",
        "The instant for which the job evaluates, and the whole UTC days around it.",
        "xEvent[timestamp occurs yesterday]",
    ),
    Construct(
        ("this", "last", "next", "week", "month", "year"),
        "this month, last week, next year",
        "The calendar unit in UTC that contains now, the one before, the one after; weeks begin on "
        "Sunday. Any unit will do, from millisecond to millennium.",
        "xEvent[timestamp occurs last month].count() > 0",
    ),
)

SEQUENCES = (
    Construct(
        ("chain",),
        "chain(xEvent, timestamp, [C0: WHAT(…), C1: WHAT(…), !C2: WHAT(…)])",
        "Whether the profile has events that fit the elements one after the other, each strictly later "
        "than the one before. An element with `!` rules such events out: between its neighbours, after "
        "the last, or before the first. Each may have WHEN, COUNT and GAP.",
        'chain(xEvent, timestamp, [C0: WHAT(eventType = "commerce.productListAdds"), '
        '!C1: WHAT(eventType = "commerce.purchases")])',
    ),
    Construct(
        ("WHAT", "chain"),
        "C0: WHAT(condition)",
        "Which events fit this element of a chain; bare names are fields of the event.",
        'chain(xEvent, timestamp, [C0: WHAT(web.webPageDetails.name = "Cart")])',
    ),
    Construct(
        ("WHEN", "chain"),
        "C0: WHAT(…) WHEN(<= 30 days before now)",
        "When the events of this element of a chain are to be: what could follow `occurs`, joined by "
        "`and`, `or`, `not`. It is about the event's own time, not its distance to another element.",
        'chain(xEvent, timestamp, [C0: WHAT(eventType = "commerce.purchases") '
        "WHEN(<= 30 days before now)])",
    ),
    Construct(
        ("COUNT", "chain"),
        "C0: WHAT(…) COUNT(>= 3)",
        "How many events fit this element of a chain: `COUNT(3)` is at least three. In a sequence the "
        "element is reached with the last of them.",
        'chain(xEvent, timestamp, [C0: WHAT(eventType = "commerce.purchases") COUNT(3)])',
    ),
    Construct(
        ("GAP", "chain"),
        "C0: WHAT(…) GAP(>= 1 hour and <= 3 days), C1: WHAT(…)",
        "How far the next element of a chain may be, or for the last element, the one before: `>=` is at "
        "least, `<=` at most. Months and years are counted back from the later event.",
        'chain(xEvent, timestamp, [C0: WHAT(eventType = "commerce.productListAdds") GAP(<= 3 days), '
        'C1: WHAT(eventType = "commerce.purchases")])',
    ),
)

CONSTRUCTS = (*NAMES, *LITERALS, *BINDERS, *MOMENTS, *SEQUENCES)
