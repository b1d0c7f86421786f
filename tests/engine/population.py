"""Two hundred people full of edges and their events, always the same.

Numbers have few binary digits, so that sums do not depend on their order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from random import Random

from tests.pql.oracle_times import begin_of, shifted

# A Sunday at the end of a long month, a leap day at midnight, the last moment of a year.
AS_OFS = [
    datetime(2024, 3, 31, 12, 34, 56, 789_000, tzinfo=UTC),
    datetime(2024, 2, 29, tzinfo=UTC),
    datetime(2023, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]
TEXTS = [
    *("a", "A", "ab", "aB", "", "b", "10", " a", "null", "%", "_", "a%b", "a_b", "a\\b"),
    *('say "hi"', "it's", "two\nlines", "日本", "😀"),
    *("ß", "SS", "é", "É", "İ", "i", "Σ", "ς"),
]
# Half hours and quarters too, on either side.
ZONES = [UTC, UTC, *(timezone(timedelta(minutes=m)) for m in (330, -480, 765, -210))]
KINDS = ["home", "work", "Home"]
EVENT_TYPES = ["buy", "view", "Buy"]
WHOLES = [0, 1, 2, 3, -1, -2, 7, 100]
FRACTIONS = [0.0, 0.25, 1.0, 2.5, -1.5, 100.0, 0.75]
UNITS = [
    *("millisecond", "second", "minute", "hour", "day", "week"),
    *("month", "year", "decade", "century"),
]


def edges():
    """Yield moments at which windows may begin or end, and those next to them.

    Where many windows do, the moment comes many times.
    """
    for as_of in AS_OFS:
        for unit in UNITS:
            for count in (-2, -1, 0, 1):
                yield from around(shifted(begin_of(unit, as_of), count, unit))
                yield from around(shifted(as_of, count, unit))


def around(moment):
    step = timedelta(microseconds=1)
    return [moment - step, moment, moment, moment + step]


MOMENTS = list(edges())
DAYS = [moment.date() for moment in MOMENTS]


@dataclass(frozen=True, slots=True)
class Person:
    profile: dict
    events: list

    @property
    def name(self):
        return self.profile["identityMap"]["CRMID"][0]["id"]


def population(count=200, seed=2024):
    """Return *count* people; the last ten are known from events only."""
    random = Random(seed)
    people = [Person(_profile(random, i), _events(random, i)) for i in range(count)]
    return people[:-10] + [
        Person(
            {"identityMap": person.profile["identityMap"]},
            person.events or [_event(random, i, 99)],
        )
        for i, person in enumerate(people[-10:], count - 10)
    ]


def _profile(random, number):
    return {
        "_id": f"p{number}",
        "identityMap": _identity(number),
        **_some(
            random,
            person=_some(
                random,
                name=_some(random, first=random.choice(TEXTS), last=random.choice(TEXTS)),
                birthDate=_day(random),
            ),
            nick=random.choice(TEXTS),
            tier=random.choice(["gold", "Gold", "silver"]),
            score=random.choice(WHOLES),
            visits=random.randrange(5),
            spend=random.choice(FRACTIONS),
            optedIn=random.random() < 0.5,
            joined=_moment(random),
            seen=_moment(random),
            tags=_list(random, lambda: random.choice(TEXTS[:6])),
            marks=_list(random, lambda: random.choice(WHOLES)),
            addresses=_list(random, lambda: _address(random)),
            segmentMembership=_membership(random),
        ),
    }


def _membership(random):
    # What a map without a value means is open, so there is none.
    segments = random.choice([["s1"], ["s2"], ["s1", "s2"]])
    return {"ups": {s: {"status": random.choice(["realized", "exited"])} for s in segments}}


def _identity(number):
    return {"CRMID": [{"id": f"p{number}", "primary": True}]}


def _some(random, **fields):
    """Leave out some *fields*, and let others be null."""
    chances = {name: random.random() for name in fields}
    kept = {name: value for name, value in fields.items() if chances[name] > 0.15}
    return {name: value if chances[name] > 0.25 else None for name, value in kept.items()}


def _list(random, item):
    return [
        item() if random.random() < 0.9 else None
        for _ in range(random.choice([0, 1, 2, 3]))
    ]


def _day(random):
    return random.choice(DAYS).isoformat()


def _moment(random):
    return random.choice(MOMENTS).astimezone(random.choice(ZONES)).isoformat()


def _address(random):
    return _some(
        random,
        kind=random.choice(KINDS),
        floor=random.choice(WHOLES),
        since=_day(random),
        phones=_list(random, lambda: random.choice(TEXTS[:4])),
    )


def _events(random, number):
    found = [_event(random, number, i) for i in range(random.choice([0, 1, 2, 3, 4, 8]))]
    # Ties in time.
    return [
        {**event, "timestamp": found[0]["timestamp"]} if random.random() < 0.2 else event
        for event in found
    ]


def _event(random, number, i):
    order = _some(
        random, priceTotal=random.choice(FRACTIONS), quantity=random.choice(WHOLES)
    )
    return {
        "_id": f"e{number}-{i}",
        "identityMap": _identity(number),
        "timestamp": _moment(random),
        "eventType": random.choice(EVENT_TYPES),
        **_some(
            random,
            commerce={"order": order},
            page=random.choice(TEXTS),
            mobile=random.random() < 0.5,
            due=_moment(random),
            labels=_list(random, lambda: random.choice(TEXTS[:4])),
            items=_list(
                random,
                lambda: _some(random, sku=random.choice("abAB"), n=random.choice(WHOLES)),
            ),
        ),
    }
