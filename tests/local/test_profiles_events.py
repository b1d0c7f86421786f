"""Events: their times, their owners, and the strangers they bring."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from segtoolkit.local import profiles
from tests.local.fragments import event, new_store, person, rows, xdm

CDNOW = Path(__file__).parents[2] / ".." / "shared" / "data" / "cdnow"


@pytest.fixture
def store(tmp_path):
    with new_store(tmp_path / "store.duckdb") as connection:
        yield connection


@pytest.mark.parametrize(
    ("timestamp", "micros"),
    [
        ("2024-01-01T00:00:00Z", 1_704_067_200_000_000),
        ("2024-01-01T00:00:00+02:00", 1_704_060_000_000_000),
        ("2024-01-01T00:00:00.123456+0000", 1_704_067_200_123_456),
        ("2024-01-01 00:00:00", 1_704_067_200_000_000),
        ("2024-01-01", 1_704_067_200_000_000),
        (1_704_067_200_123, 1_704_067_200_123_000),
        (1_704_067_200_123.0, 1_704_067_200_123_000),
        (-1, -1000),
        (datetime(2024, 1, 1, tzinfo=UTC), 1_704_067_200_000_000),
    ],
    ids=str,
)
def test_event_times_are_microseconds_in_utc(store, timestamp, micros):
    profiles.load(store, [event(1, 1, timestamp=timestamp)], kind="events")
    assert rows(store, "SELECT ts FROM events") == [(micros,)]


def test_event_times_of_frames_are_microseconds_in_utc(store):
    deeds = pd.DataFrame([event(1, 1), event(2, 1)])
    deeds["timestamp"] = pd.to_datetime(
        ["2024-01-01T00:00:00+02:00", "2024-01-01"], utc=True, format="ISO8601"
    )
    profiles.load(store, deeds, kind="events")
    assert rows(store, "SELECT ts FROM events") == [
        (1_704_060_000_000_000,),
        (1_704_067_200_000_000,),
    ]


def test_events_lie_by_type_owner_and_time(store):
    profiles.load(store, [person(1), person(2)], kind="profiles")
    times = ["2024-01-03", "2024-01-01", "2024-01-02", "2024-01-04", "2024-01-05"]
    deeds = [("view", 2), ("view", 1), ("buy", 2), ("buy", 1), ("buy", 1)]
    profiles.load(
        store,
        [
            event(number, owner, eventType=kind, timestamp=time)
            for number, ((kind, owner), time) in enumerate(zip(deeds, times, strict=True))
        ],
        kind="events",
    )
    assert rows(store, "SELECT type, rid, xdm._id FROM events") == [
        ("buy", 0, "e3"),
        ("buy", 0, "e4"),
        ("buy", 1, "e2"),
        ("view", 0, "e1"),
        ("view", 1, "e0"),
    ]


def test_time_and_type_are_columns_and_not_fields(store):
    profiles.load(store, [event(1, 1, web={"page": "home"})], kind="events")
    (kind,) = {kind for _, kind in rows(store, "SELECT xdm, typeof(xdm) FROM events")}
    assert "timestamp" not in kind
    assert "eventType" not in kind
    assert xdm(store, ["web", "page"], "events")[0] == ["home"]


def test_events_without_type_and_id_are_kept(store):
    bare = {"identityMap": {"E": [{"id": "1"}]}, "timestamp": 0}
    assert profiles.load(store, [bare, bare], kind="events").rows == 2
    assert rows(store, "SELECT ts, type, xdm._id FROM events") == [(0, None, None)] * 2


def test_the_first_of_events_with_the_same_id_is_kept(store):
    report = profiles.load(
        store, [event(1, 1, n=1), event(2, 1, n=2), event(1, 1, n=3)], kind="events"
    )
    assert (report.rows, report.duplicate_events) == (2, 1)
    assert xdm(store, ["n"], "events")[0] == [1, 2]


def _carrier(number, *ecids):
    identities = {"CRMID": [{"id": str(number), "primary": True}]}
    return {"identityMap": {**identities, "ECID": [{"id": ecid} for ecid in ecids]}}


@pytest.mark.parametrize(
    ("people", "owner", "ambiguous"),
    [
        ([_carrier(1), _carrier(2, "e")], 1, 0),
        ([_carrier(1, "e"), _carrier(2, "e")], 0, 1),
        ([_carrier(1, "e"), {"identityMap": {"ECID": [{"id": "e"}]}}], 1, 0),
        ([_carrier(1, "f"), {"_id": "e"}], 2, 0),
    ],
    ids=["carrier", "lowest of several", "keyed by it", "nobody"],
)
def test_an_event_belongs_to_who_carries_its_identity(store, people, owner, ambiguous):
    profiles.load(store, people, kind="profiles")
    report = profiles.load(store, [event(1, "e", "ECID")], kind="events")
    assert rows(store, "SELECT rid FROM events") == [(owner,)]
    assert report.ambiguous_events == ambiguous


def test_an_identity_that_nobody_carries_becomes_a_profile(store):
    profiles.load(store, [person(1, loyalty={"tier": "gold"})], kind="profiles")
    both = {"ECID": [{"id": "s", "primary": True}], "Email": [{"id": "s@x"}]}
    report = profiles.load(
        store,
        [event(1, 1), event(2, 0, identityMap=both), event(3, "s", "ECID")],
        kind="events",
    )
    assert (report.profiles, report.event_only_profiles) == (2, 1)
    assert rows(store, "SELECT xdm._id, xdm.loyalty, xdm.identityMap FROM profiles")[1] == (
        None,
        None,
        {"ECID": [{"id": "s", "authenticatedState": None, "primary": True}]},
    )
    assert rows(store, "FROM identities WHERE rid = 1") == [("ECID", "s", 1)]
    assert rows(store, "SELECT rid FROM events ORDER BY xdm._id") == [(0,), (1,), (1,)]


@pytest.mark.parametrize("first", ["profiles", "events"])
def test_the_order_of_loading_does_not_matter_to_ownership(store, first):
    loads = {
        "profiles": [_carrier(1, "e")],
        "events": [event(1, "e", "ECID"), event(2, "z")],
    }
    for kind in (first, *(loads.keys() - {first})):
        report = profiles.load(store, loads[kind], kind=kind)
    assert (report.profiles, report.event_only_profiles) == (2, 1)
    owners = rows(
        store,
        """SELECT events.xdm._id, namespace, id FROM events JOIN keys USING (rid)
           ORDER BY ALL""",
    )
    assert owners == [("e1", "CRMID", "1"), ("e2", "CRMID", "z")]


def test_strangers_leave_with_their_events_and_return_with_their_row_id(store):
    profiles.load(store, [person(1)], kind="profiles")
    for owners, rids in (("ab", [0, 1, 2]), ("b", [0, 2]), ("cab", [0, 1, 2, 3])):
        deeds = [event(number, owner, "ECID") for number, owner in enumerate(owners)]
        profiles.load(store, deeds, kind="events")
        assert rows(store, "SELECT rid FROM profiles ORDER BY rid") == [
            (rid,) for rid in rids
        ]
        assert rows(store, "SELECT rid FROM identities ORDER BY rid") == [
            (rid,) for rid in rids
        ]
    assert rows(
        store,
        """SELECT rid, namespaces FROM profiles JOIN namespace_sets ON id = namespace_set
           ORDER BY rid""",
    ) == [(0, ["CRMID"]), (1, ["ECID"]), (2, ["ECID"]), (3, ["ECID"])]


def test_events_of_several_datasets_are_united(store):
    profiles.load(store, [event(1, 1, a=1)], kind="events", name="web")
    report = profiles.load(
        store, [event(1, 1, b="x"), event(2, 2)], kind="events", name="shop"
    )
    assert (report.rows, report.event_only_profiles) == (2, 2)
    assert rows(store, "SELECT rid, xdm.a, xdm.b FROM events ORDER BY ALL") == [
        (0, 1, None),
        (0, None, "x"),
        (1, None, None),
    ]


def test_the_report_reads_as_one_line(store):
    profiles.load(store, [_carrier(1, "e"), _carrier(2, "e")], kind="profiles")
    report = profiles.load(
        store, [event(1, "e", "ECID"), event(1, "e", "ECID"), event(2, 3)], kind="events"
    )
    assert str(report) == (
        "loaded 2 events as 'events'; 3 profiles in the store; 1 duplicate events dropped; "
        "1 profiles known from events only; 1 events of an identity that several profiles carry"
    )


@pytest.mark.conformance
@pytest.mark.skipif(not CDNOW.is_dir(), reason="the CDNOW files of ../shared are not here")
def test_the_cdnow_purchases_load_completely(store):
    people = profiles.load(store, CDNOW / "profiles.ndjson.gz", kind="profiles")
    deeds = profiles.load(store, CDNOW / "events.ndjson.gz", kind="events")
    assert (people.rows, deeds.rows) == (23_570, 69_659)
    assert (deeds.profiles, deeds.event_only_profiles, deeds.ambiguous_events) == (
        23_570,
        0,
        0,
    )
    total, first, last = rows(
        store,
        "SELECT round(sum(xdm.commerce.order.priceTotal), 2), min(ts), max(ts) FROM events",
    )[0]
    assert total == pytest.approx(2_500_315.63)
    assert [datetime.fromtimestamp(ts / 1e6, UTC).date() for ts in (first, last)] == [
        date(1997, 1, 1),
        date(1998, 6, 30),
    ]
