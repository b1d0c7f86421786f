"""Real purchase histories: every audience must have the size that pandas computes from the files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

import segtoolkit as sg
from segtoolkit.__main__ import main

pytestmark = pytest.mark.conformance
AS_OF = datetime(1998, 7, 1, tzinfo=UTC)
NOW = pd.Timestamp(AS_OF)
BOUGHT = 'eventType = "commerce.purchases"'
PRICE = "commerce.order.priceTotal"


@pytest.fixture(scope="module")
def files(shared_data) -> dict[str, Path]:
    return {
        kind: shared_data / "cdnow" / f"{kind}.ndjson.gz" for kind in ("profiles", "events")
    }


@pytest.fixture(scope="module")
def client(files, tmp_path_factory):
    path = tmp_path_factory.mktemp("cdnow") / "cdnow.duckdb"
    with sg.connect_local(path, progress="off", **files) as client:
        yield client


@pytest.fixture(scope="module")
def customers(files) -> pd.DataFrame:
    """One row per customer: since when."""
    raw = pd.read_json(files["profiles"], lines=True, dtype=False)
    raw["since"] = pd.to_datetime(raw["customerSince"], utc=True)
    return raw.set_index("_id")[["since"]]


@pytest.fixture(scope="module")
def orders(files) -> pd.DataFrame:
    """One row per purchase: customer, when, price, items."""
    raw = pd.read_json(files["events"], lines=True, dtype=False)
    return pd.DataFrame(
        {
            "customer": [m["CRMID"][0]["id"] for m in raw["identityMap"]],
            "at": pd.to_datetime(raw["timestamp"], utc=True),
            "price": [c["order"]["priceTotal"] for c in raw["commerce"]],
            "items": [
                sum(i["quantity"] for i in items) for items in raw["productListItems"]
            ],
        }
    )


def _days(n: int) -> pd.Timedelta:
    return pd.Timedelta(days=n)


# name: (PQL, the customers that pandas finds)
AUDIENCES = {
    "bought at least twice": (
        f"xEvent[{BOUGHT}].count() >= 2",
        lambda c, o: o.groupby("customer").size().loc[lambda n: n >= 2],
    ),
    "spent more than 500": (
        f"xEvent[{BOUGHT}].sum({PRICE}) > 500",
        lambda c, o: o.groupby("customer").price.sum().loc[lambda s: s > 500],
    ),
    "at least one order above 100": (
        f"select E from xEvent where E.{PRICE} > 100",
        lambda c, o: o[o.price > 100].groupby("customer").size(),
    ),
    "bought in the last 90 days": (
        f"chain(xEvent, timestamp, [C0: WHAT({BOUGHT}) WHEN(<= 90 days before now)])",
        lambda c, o: (
            o[(o["at"] >= NOW - _days(90)) & (o["at"] <= NOW)].groupby("customer").size()
        ),
    ),
    "nothing in the last 180 days": (
        f"not (xEvent[{BOUGHT} and timestamp occurs <= 180 days before now])",
        lambda c, o: c.index.difference(o[o["at"] >= NOW - _days(180)].customer),
    ),
    "at least three orders of 50 or more": (
        f"chain(xEvent, timestamp, [C0: WHAT({PRICE} >= 50) COUNT(3)])",
        lambda c, o: o[o.price >= 50].groupby("customer").size().loc[lambda n: n >= 3],
    ),
    "customers since January 1997": (
        "customerSince occurs between date(1997, 1, 1) and date(1997, 1, 31)",
        lambda c, o: c[(c.since >= "1997-01-01") & (c.since < "1997-02-01")],
    ),
    "exactly one order, before 1998": (
        "xEvent.count() = 1 and not (xEvent[timestamp occurs after date(1997, 12, 31)])",
        lambda c, o: c.index.intersection(
            o.groupby("customer")
            .filter(
                lambda g: len(g) == 1 and g["at"].max() < pd.Timestamp("1998", tz="UTC")
            )
            .customer
        ),
    ),
    "an average order above 80 after February": (
        f"xEvent.average({PRICE}) > 80 and customerSince.getMonth() > 2",
        lambda c, o: c[c.since.dt.month > 2].index.intersection(
            o.groupby("customer").price.mean().loc[lambda m: m > 80].index
        ),
    ),
    "ten items in one order": (
        "xEvent[productListItems.sum(quantity) >= 10]",
        lambda c, o: o[o["items"] >= 10].customer.drop_duplicates(),
    ),
    "last order 30 to 60 days ago": (
        "xEvent.max(timestamp) occurs <= 60 days before now and xEvent.max(timestamp) occurs >= 30 days before now",
        lambda c, o: (
            o.groupby("customer")["at"]
            .max()
            .loc[lambda t: (t >= NOW - _days(60)) & (t <= NOW - _days(30))]
        ),
    ),
    "a second month": (
        "xEvent[timestamp occurs >= 1 month after ^customerSince]",
        lambda c, o: o[
            o["at"] >= o.customer.map(c.since) + pd.DateOffset(months=1)
        ].customer.drop_duplicates(),
    ),
}


@pytest.mark.parametrize("name", AUDIENCES)
def test_audience_has_the_size_that_pandas_computes(client, customers, orders, name):
    expression, by_pandas = AUDIENCES[name]

    estimate = client.size(expression, as_of=AS_OF)

    assert estimate.size == len(by_pandas(customers, orders))
    assert 0 < estimate.size < estimate.total == len(customers) == 23_570


def test_command_prints_one_job_document_and_nothing_else(files, capsys):
    segments = [f"{name}={expression}" for name, (expression, _) in AUDIENCES.items()]

    status = main(
        ["run", "--profiles", str(files["profiles"]), "--events", str(files["events"])]
        + ["--as-of", "1998-07-01T00:00:00Z", "--format", "json"]
        + [part for segment in segments for part in ("--segment", segment)]
    )

    out, err = capsys.readouterr()
    job = json.loads(out)
    assert (status, job["status"]) == (0, "SUCCEEDED")
    assert set(job["metrics"]["segmentedProfileCounter"]) == set(AUDIENCES)
    assert job["metrics"]["totalProfiles"] == 23_570
    assert "69,659" in err


def test_job_reports_every_customer_on_the_only_namespace(client, customers, orders):
    expression, by_pandas = AUDIENCES["bought at least twice"]
    client.definitions.create("repeat", expression, id="repeat")

    metrics = client.run("repeat", as_of=AS_OF).metrics

    size = len(by_pandas(customers, orders))
    assert metrics.segmented_profile_counter == {"repeat": size}
    assert metrics.segmented_profile_by_namespace_counter == {"repeat": {"CRMID": size}}
    assert metrics.segmented_profile_by_status_counter == {
        "repeat": {"realized": size, "existing": 0, "exited": 0}
    }
