"""Choices about times."""

from __future__ import annotations

from segtoolkit.pql.choices.row import Choice

TIMES = (
    Choice(
        "direction-of-from",
        "What does `occurs … from` mean?",
        "The same as `after`.",
        "It is listed without example, and English says so: from now on.",
    ),
    Choice(
        "exact-distance",
        "What is `occurs = 3 days before now`, to the day or to the microsecond?",
        "The calendar unit that contains the mark: that day; for `= 3 hours`, that hour. `!=` is any "
        "other unit on the same side. A note says so.",
        "To the microsecond it would find nobody.",
    ),
    Choice(
        "distances-of-days",
        "Does a distance count from the start of a day, or from its end?",
        "From its start, before and after it.",
        "The builder writes the next seven days as `>= 1 days after today and <= 8 days after today`.",
    ),
    Choice(
        "distances-end-at-the-reference",
        "Does `occurs <= 30 days before now` find events of the future?",
        "It does not: the distance is on the side that is named. Now itself is before now, any other "
        "instant is not before itself.",
        "An event loaded with a date to come has not happened in the last 30 days.",
    ),
    Choice(
        "after-a-day",
        "Does `occurs after` a day find that day?",
        "It does not: it begins with the day after. `before` ends with the day before.",
        "A day is an interval, and what lies in it `occurs on` it.",
    ),
    Choice(
        "comparisons-with-days",
        "What do `=`, `<` and the like ask of a time and a whole day?",
        "`=` whether it lies in the day, `<` whether before it, `<=` whether not after it.",
        "A day is no instant, so nothing but midnight would equal it.",
    ),
    Choice(
        "leap-days",
        "When is the birthday of 29 February, if the year is ignored?",
        "On 29 February, so in leap years only.",
        "Day and month are compared as they are written.",
    ),
)
