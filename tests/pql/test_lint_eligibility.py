"""Which expressions AEP evaluates on the edge, streaming, or in batch only; and why."""

from __future__ import annotations

import pytest

from segtoolkit.errors import PQLSyntaxError
from segtoolkit.pql import parse, to_json
from segtoolkit.pql.lint import eligibility, lint

OPEN = "How far back this event may lie is not limited"
LONG = "This event may lie more than 24 hours back"
ORDER = "This event is in no order of time with the one before"
ABSENT = "Only events that must not be there are asked for"
MANY = "It takes more than one event to tell"


def chain(*elements):
    return f"chain(xEvent, timestamp, [{', '.join(elements)}])"


TODAY = "C0: WHAT(a = 1) WHEN(today)"
TIME_TODAY = "timestamp occurs today"
THEN_TODAY = "C1: WHAT(a = 2) WHEN(today)"

EDGE = [
    'homeAddress.country.equals("US", false)',
    "person.birthDate occurs >= 18 years before today",
    'inSegment("s1") and not (inSegment("s2"))',
    'segmentMembership.get("ups").get("s1").status in ["realized", "existing"]',
    "orders.count() > 3",
    chain(TODAY),
    f'workAddress.country = "US" and {chain(TODAY)}',
    chain("C0: WHAT(a = 1) WHEN(<= 24 hours before now)"),
    chain("C0: WHAT(a = 1) WHEN(< 90 minutes before now and >= 1 minute before now)"),
    chain("C0: WHAT(a = 1) WHEN(<= 1 day before now)"),
    chain("C0: WHAT(timestamp occurs today and a = 1)"),
    chain("C0: WHAT(a = 1) WHEN(last hour or this hour)"),
    chain("C0: WHAT(a = 1) WHEN(after yesterday)"),
    "select e from xEvent where e.a = 1 and e.timestamp occurs today",
    "exists e from xEvent where e.timestamp occurs <= 3 hours before now",
    "xEvent[a = 1][timestamp occurs today]",
    "xEvent[timestamp occurs today and a = 1].count() > 0",
    "xEvent[timestamp occurs today].count() >= 1",
    "xEvent.exists(timestamp occurs today and a = 1)",
    "xEvent.filter(e => e.timestamp occurs today and e.a = 1)",
    "xEvent[timestamp occurs today].commerce.order.priceTotal > 5",
]

STREAMING = [
    chain(TODAY, THEN_TODAY),
    chain(TODAY, "!C1: WHAT(a = 2) WHEN(today)"),
    chain("C0: WHAT(a = 1) WHEN(today) COUNT(5)"),
    "xEvent[timestamp occurs today].count() > 3",
    "xEvent[timestamp occurs today].sum(commerce.order.priceTotal) > 100",
    "(select e from xEvent where e.timestamp occurs today).count() > 1",
    (
        "select A from xEvent where A.timestamp occurs today,"
        " B from xEvent where B.timestamp occurs after A.timestamp"
    ),
]

BATCH = [
    (chain("C0: WHAT(a = 1)"), "C0", [OPEN]),
    (chain("C0: WHAT(a = 1) WHEN(< 7 days before now)"), "C0", [LONG]),
    (chain("C0: WHAT(a = 1) WHEN(yesterday)"), "C0", [LONG]),
    (chain("C0: WHAT(a = 1) WHEN(before today)"), "C0", [OPEN]),
    (chain("C0: WHAT(a = 1) WHEN(>= 3 days before now)"), "C0", [OPEN]),
    (chain("C0: WHAT(a = 1) WHEN(= 3 days before now)"), "C0", [LONG]),
    (chain("C0: WHAT(a = 1) WHEN(today or last week)"), "C0", [LONG]),
    (chain("C0: WHAT(a = 1) WHEN(on date(2020, 1, 1))"), "C0", [LONG]),
    (chain("C0: WHAT(a = 1) WHEN(not (today))"), "C0", [OPEN]),
    (chain(TODAY, "C1: WHAT(a = 2)"), "C1", [OPEN]),
    ("xEvent.a = 1", "xEvent", [OPEN]),
    ("$1.xEvent[a = 1]", "xEvent", [OPEN]),
    ("(P) => P.xEvent[a = 1]", "xEvent", [OPEN]),
    ("xEvent[shipping.date occurs today]", "xEvent", [OPEN]),
    ("xEvent[timestamp occurs today or a = 1]", "xEvent", [OPEN]),
    ("select e from xEvent where f.timestamp occurs today", "e from", [OPEN]),
    (f"{chain(TODAY)} and {chain(THEN_TODAY)}", "C1", [ORDER]),
    (
        f"select A from xEvent, B from xEvent where A.{TIME_TODAY} and B.{TIME_TODAY}",
        "B from",
        [ORDER],
    ),
    (f"a = 1 and not ({chain(TODAY)})", "C0", [ABSENT]),
    (chain("!C0: WHAT(a = 1) WHEN(today)"), "!C0", [ABSENT]),
    ("xEvent[timestamp occurs today].count() = 0", "xEvent", [ABSENT]),
    ("none e from xEvent where e.timestamp occurs today", "e from", [ABSENT]),
    (
        "birthDate.getMonth() = today.getMonth()",
        "getMonth",
        ["A date without its year is compared in batch only"],
    ),
    (
        'segmentMembership.get("AAMTraits").get("1").status = "realized"',
        'get("1")',
        ["Audience Manager segments and traits are read in batch only"],
    ),
    (
        "@{_xdm.context;version=1}.a = 1",
        "@{",
        ["Records outside the profile are read in batch only"],
    ),
]


@pytest.mark.parametrize("text", EDGE)
def test_one_event_of_the_last_day_and_profile_attributes_are_for_the_edge(text):
    found = eligibility(text)

    assert (found.method, found.not_edge, found.not_streaming) == ("edge", (), ())


@pytest.mark.parametrize("text", STREAMING)
def test_several_events_of_the_last_day_are_streaming(text):
    found = eligibility(text)

    assert (found.method, found.not_streaming) == ("streaming", ())
    assert [reason.message for reason in found.not_edge] == [MANY]


@pytest.mark.parametrize(("text", "place", "reasons"), BATCH)
def test_everything_else_is_batch_with_the_reason_and_its_place(text, place, reasons):
    found = eligibility(text)

    assert found.method == "batch"
    assert [reason.message for reason in found.not_streaming] == reasons
    assert text[found.not_streaming[0].offset :].startswith(place)
    assert set(found.not_streaming) <= set(found.not_edge)


def test_audience_of_another_one_and_an_event_is_eligible_under_a_condition():
    text = f'inSegment("s1") and {chain(TODAY)}'
    [condition] = eligibility(text).provided

    assert (
        condition.message
        == "The audience referred to has to ask for profile attributes only"
    )
    assert text[condition.offset :].startswith("inSegment")


def test_audiences_alone_are_eligible_without_a_condition():
    assert eligibility('inSegment("s1") and inSegment("s2")').provided == ()


def test_lint_reports_batch_once_with_all_reasons():
    [found] = [
        each for each in lint(chain("A: WHAT(a = 1)", "B:")) if each.code == "batch-only"
    ]

    assert found.message == (
        "AEP will evaluate this audience in batch:"
        " how far back this event may lie is not limited"
    )


def test_lint_says_nothing_of_what_streams():
    assert lint(STREAMING[0]) == []


def test_document_and_tree_are_taken_as_well():
    tree = parse(chain(TODAY))

    assert eligibility(tree) == eligibility(to_json(tree)) == eligibility(chain(TODAY))


def test_invalid_expression_is_refused():
    with pytest.raises(PQLSyntaxError):
        eligibility("a and")
