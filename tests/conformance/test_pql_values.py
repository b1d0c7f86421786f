"""Every documented result is what the engine finds: truth tables, stated dates and sums, live audiences.

Each case of a truth table is a profile of one store; the others in it must not matter.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from pyroaring import BitMap

from segtoolkit.engine import DuckDBEngine
from segtoolkit.local import profiles

EXAMPLES = Path(__file__).parents[2] / ".." / "shared" / "data" / "pql" / "examples.jsonl"

needs_examples = pytest.mark.skipif(
    not EXAMPLES.is_file(), reason="the file of PQL examples is not beside the checkout"
)
pytestmark = pytest.mark.conformance

# The documentation's example of relative dates is told on this day.
AS_OF = datetime(2018, 8, 28, 15, 30, tzinfo=UTC)

# (row, given) -> why the documented result is an error of the documentation.
ERRATA = {
    ("pql-0264", "JOHN"): "all other rows of matches heed the case, and this is not (?i)",
}


def rows() -> dict[str, dict]:
    if not EXAMPLES.is_file():
        return {}
    lines = map(json.loads, EXAMPLES.read_text("utf-8").splitlines())
    return {row["id"]: row for row in lines}


ROWS = rows()
TABLES = {
    name: row["value"]
    for name, row in ROWS.items()
    if isinstance(row["value"], list) and all(isinstance(v, dict) for v in row["value"])
}
AUDIENCES = {
    name: row["value"]["engine_member_counts"]
    for name, row in ROWS.items()
    if isinstance(row["value"], dict)
}


def record(name: str, fields: dict) -> dict:
    """Return a profile or event of *name*; the fields are given by path, null is absent."""
    found: dict = {"identityMap": {"CRMID": [{"id": name, "primary": True}]}}
    for path, value in fields.items():
        *parents, leaf = path.split(".")
        inner = found
        for parent in parents:
            inner = inner.setdefault(parent, {})
        if value is not None:
            inner[leaf] = value
    return found


# What the reference states beside the tables: (expression, profile by path, is found).
STATED = [
    (
        '"London" in person.citiesVisited',
        {"person.citiesVisited": ["Rome", "London"]},
        True,
    ),
    (
        '"London" in person.citiesVisited',
        {"person.citiesVisited": ["Rome", "london"]},
        False,
    ),
    ('"London" in person.citiesVisited', {"person.citiesVisited": None}, False),
    (
        'person.favoriteColors.intersects(["red", "blue", "green"])',
        {"person.favoriteColors": ["orange", "blue", "brown"]},
        True,
    ),
    (
        'person.favoriteColors.intersects(["red", "blue", "green"])',
        {"person.favoriteColors": ["yellow", "violet"]},
        False,
    ),
    ("intField1 / intField2 > 5", {"intField1": 12, "intField2": 2}, True),
    ("intField1 / intField2 > 5", {"intField1": 12, "intField2": 0}, False),
    ("(intField1 / intField2).isNull()", {"intField1": 12, "intField2": 0}, True),
    ("not (intField1 / intField2 > 5)", {"intField1": 12, "intField2": 0}, True),
    # Three rows of the documentation say otherwise, and are at odds with all its others.
    ('firstName matches "John"', {"firstName": "JOHN"}, False),
    ('person.firstName matches "(?i)john"', {"person.firstName": "Johnny"}, True),
    ('person.firstName matches "(?i)john"', {"person.firstName": "UpJohn"}, True),
    ('person.firstName like "J_hn"', {"person.firstName": "Jahn"}, True),
    ('person.firstName like "J_hn"', {"person.firstName": "Jonathan"}, False),
    ('not (homeAddress.countryISO = "CA")', {"homeAddress.countryISO": None}, True),
    ('homeAddress.countryISO != "CA"', {"homeAddress.countryISO": None}, False),
    ('homeAddress.countryISO != "CA"', {"homeAddress.countryISO": "US"}, True),
    ('person.firstName notIn ["John"]', {"person.firstName": None}, False),
]

# Sold then, and an event then.
MOMENTS = [
    "2017-09-30T23:59:59.999Z",
    "2017-10-01T00:00:00.000Z",
    "2017-12-31T23:59:59.999Z",
    "2018-01-01T00:00:00.000Z",
    "2018-06-30T23:59:59.999Z",
    "2018-07-01T00:00:00.000Z",
    "2018-07-27T23:59:59.999Z",
    "2018-07-28T00:00:00.000Z",
    "2018-07-31T23:59:59.999Z",
    "2018-08-01T00:00:00.000Z",
    "2018-08-26T23:59:59.999Z",
    "2018-08-27T00:00:00.000Z",
    "2018-08-27T23:59:59.999Z",
    "2018-08-28T00:00:00.000Z",
    "2018-08-28T15:30:00.000Z",
    "2018-08-29T00:00:00.000Z",
    "2020-03-13T23:59:59.999Z",
    "2020-03-14T00:00:00.000Z",
    "2020-03-14T23:59:59.999Z",
    "2020-03-15T00:00:00.000Z",
]
# What follows `occurs` -> the days of which every moment is found, and no other.
OCCURS = {
    "last month": ("2018-07-01", "2018-07-31"),
    "on last month": ("2018-07-01", "2018-07-31"),
    "<= 1 month before today": ("2018-07-28", "2018-08-27"),
    "between date(2017, 10, 1) and date(2017, 12, 31)": ("2017-10-01", "2017-12-31"),
    "between date(currentYear() - 1, 10, 1) and date(currentYear() - 1, 12, 31)": (
        "2017-10-01",
        "2017-12-31",
    ),
    # Weeks begin on Sunday; the one before 28 August 2018, a Tuesday, on the 19th.
    "between last month and last week": ("2018-07-01", "2018-08-25"),
    "on date(2017, 10, 1)": ("2017-10-01", "2017-10-01"),
    "date(2017, 10, 1)": ("2017-10-01", "2017-10-01"),
    "after date(2018, 8, 27)": ("2018-08-28", "2020-03-15"),
    "yesterday": ("2018-08-27", "2018-08-27"),
    "today": ("2018-08-28", "2018-08-28"),
    "this month": ("2018-08-01", "2018-08-29"),
}
# How a moment is asked for: as a field, as an event, and as the events there are.
ASKED = {
    "field": "product.saleDate occurs {}",
    "event": "select X from xEvent where X.timestamp occurs {}",
    "number of events": "(select X from xEvent where X.timestamp occurs {}).count() > 0",
}

# Prices of the orders of each buyer; None is an order without a price.
BUYERS = {"spender": [60.0, None, 40.5], "giver": [None], "looker": []}

_SHOPPER = {
    "_tenantc.retailStoreAccountDetails.prefColor": "red",
    "_tenantc.retailStoreAccountDetails.prefSize": "M",
    "_tenantc.retailStoreAdditionalIdentities.advisorID": "a1",
    "_tenantc.retailStoreLoyaltyStatus.loyaltyTier": "platinum",
    "_tenantc.retailStoreLoyaltyStatus.ordersYTD": 1,
    "_tenantc.retailStorePropensities.propensityForCobrandedCreditCardSignUp": 0.9,
    "_tenantc.retailStoreUserProfile.shopperFrequencyType": "frequent",
    "homeAddress.region": "South",
}
# Of each audience that compares with null, one of them is a member as soon as it asks isNull().
SHOPPERS = {
    "southern": _SHOPPER,
    "western": _SHOPPER | {"homeAddress.region": "West Coast"},
    "without a tier": _SHOPPER | {"_tenantc.retailStoreLoyaltyStatus.loyaltyTier": None},
}


def everybody() -> list[dict]:
    return [
        *(
            record(f"{name}/{number}", case["given"])
            for name, cases in TABLES.items()
            for number, case in enumerate(cases)
        ),
        *(record(f"stated/{n}", given) for n, (_, given, _) in enumerate(STATED)),
        *(record(moment, {"product.saleDate": moment}) for moment in MOMENTS),
        *(record(name, {}) for name in BUYERS),
        *(record(name, fields) for name, fields in SHOPPERS.items()),
    ]


def happenings() -> list[dict]:
    moments = [record(moment, {"timestamp": moment}) for moment in MOMENTS]
    orders = [
        record(
            name, {"timestamp": "2018-01-01T00:00:00Z", "commerce.order.priceTotal": price}
        )
        for name, prices in BUYERS.items()
        for price in prices
    ]
    return moments + orders


@pytest.fixture(scope="module")
def find(tmp_path_factory):
    """Return who is in an audience, among those whose names begin with a prefix."""
    database = duckdb.connect(str(tmp_path_factory.mktemp("values") / "values.duckdb"))
    database.execute("SET GLOBAL TimeZone = 'UTC'")
    profiles.create_tables(database)
    profiles.load(database, everybody(), kind="profiles")
    profiles.load(database, happenings(), kind="events")

    def found(expression: str, among: str = "") -> set[str]:
        found = {}
        DuckDBEngine().evaluate(
            database,
            {"case": expression},
            as_of=AS_OF,
            expression_of=lambda _: None,
            previous=lambda _: None,
            step=lambda *_: None,
            keep=found.__setitem__,
        )
        names = dict(database.execute("SELECT rid, id FROM keys").fetchall())
        members = {names[rid] for rid in BitMap.deserialize(found["case"])}
        return {name for name in members if name.startswith(among)}

    yield found
    database.close()


def returning(expression: str, value: object) -> str:
    """Return the condition that *expression* is *value*, which may be any JSON."""
    match value:
        case True:
            return expression
        case None:
            return f"({expression}).isNull()"
        case _:
            return f"({expression}) = {json.dumps(value)}"


def stated(name: str) -> list[object]:
    """Return the results in a table, each once; what is true or false is asked whether it is true."""
    values = [case["returns"] for case in TABLES[name]]
    values = [True if value is False else value for value in values]
    return [value for number, value in enumerate(values) if value not in values[:number]]


def documented(name: str, value: object) -> set[str]:
    """Return the cases of a table that return *value*, its errata left out."""
    return {
        f"{name}/{number}"
        for number, case in enumerate(TABLES[name])
        if case["returns"] == value and not case.get("doubtful")
    }


@needs_examples
@pytest.mark.parametrize("name", TABLES)
def test_a_documented_table_holds(find, name):
    expression = ROWS[name]["expression"]

    for value in stated(name):
        assert find(returning(expression, value), name) == documented(name, value)


@needs_examples
def test_doubtful_results_are_the_listed_errata():
    doubtful = {
        (name, *case["given"].values())
        for name, cases in TABLES.items()
        for case in cases
        if case.get("doubtful")
    }

    assert doubtful == set(ERRATA)


@needs_examples
def test_every_stated_value_is_compared_here():
    valued = {name for name, row in ROWS.items() if row["value"] is not None}
    literals = {"pql-0005", "pql-0006"}
    sums = {"pql-0360", "pql-0372"}

    assert valued - set(TABLES) - set(AUDIENCES) == literals | sums
    assert len(TABLES) > 20


@pytest.mark.parametrize("number", range(len(STATED)))
def test_a_result_stated_in_prose_holds(find, number):
    expression, _, is_found = STATED[number]
    name = f"stated/{number}"

    assert (name in find(expression)) == is_found


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("occurs", OCCURS)
def test_a_stated_period_has_these_days(find, occurs, asked):
    first, last = OCCURS[occurs]

    found = find(ASKED[asked].format(occurs), "20")

    assert found == {moment for moment in MOMENTS if first <= moment[:10] <= last} != set()


@needs_examples
def test_a_date_is_a_day_in_utc(find):
    row = ROWS["pql-0006"]

    found = find(f"product.saleDate occurs on {row['expression']}")

    assert (
        found == {moment for moment in MOMENTS if moment.startswith(row["value"])} != set()
    )


@needs_examples
def test_a_list_has_its_items_in_their_order(find):
    listed, value = ROWS["pql-0005"]["expression"], ROWS["pql-0005"]["value"]

    assert find(returning(listed, value), "looker")
    assert not find(returning(listed, value[::-1]))


# row: (what it is of nothing, what it is of the spender's two prices)
SUMS = {"pql-0360": (0, 100.5), "pql-0372": (None, 60.0)}


@needs_examples
@pytest.mark.parametrize("name", SUMS)
def test_an_aggregate_of_nothing_is_as_stated(find, name):
    expression, (of_nothing, of_prices) = ROWS[name]["expression"], SUMS[name]

    nothing = find(returning(expression, of_nothing))
    prices = find(returning(expression, of_prices))

    assert str(ROWS[name]["value"]).startswith(json.dumps(of_nothing))
    assert nothing & set(BUYERS) == {"giver", "looker"}
    assert prices == {"spender"}


NULL_AUDIENCES = [
    name
    for name in AUDIENCES
    if " null" in (ROWS[name].get("text") or ROWS[name]["expression"])
]


@needs_examples
@pytest.mark.parametrize("name", NULL_AUDIENCES)
def test_an_audience_that_compares_with_null_is_empty_as_in_the_live_one(find, name):
    row = ROWS[name]
    text = row.get("text") or row["expression"]
    meant = text.replace(" != null", ".isNotNull()").replace(" = null", ".isNull()")

    assert {count["members"] for count in AUDIENCES[name]} == {0}
    assert find(row["expression"]) == set()
    assert find(meant) & set(SHOPPERS)


@needs_examples
def test_there_are_audiences_that_compare_with_null():
    assert len(NULL_AUDIENCES) == 18
