"""Six profiles and their events: the world of the evaluation cases, small enough to check by eye.

The cases are evaluated as of Monday 20 May 2024, 12:00 UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime

AS_OF = datetime(2024, 5, 20, 12, tzinfo=UTC)

PROFILES = [
    {
        "_id": "ann",
        "identityMap": {
            "CRMID": [{"id": "1", "primary": True}],
            "Email": [{"id": "ann@example.com"}],
            "ECID": [{"id": "e1"}, {"id": "e11"}],
        },
        "person": {
            "name": {"firstName": "Ann"},
            "birthDate": "1990-05-15",
            "gender": "female",
        },
        "homeAddress": {"country": "US", "city": "Boston"},
        "loyalty": {"tier": "gold", "points": 750, "spend": 99.5},
        "optedIn": True,
        "tags": ["vip", "new"],
        "addresses": [{"kind": "home", "floor": 3}, {"kind": "work", "floor": 12}],
        "orders": [
            {"store": "n", "price": 10.0, "placed": "2024-05-01"},
            {"store": "s", "price": 30.0, "placed": "2024-05-10"},
            {"store": "n", "price": 20.0, "placed": "2024-04-01"},
            {"price": 5.0},
        ],
        "segmentMembership": {"ups": {"old": {"status": "realized"}}},
        "joined": "2024-05-20T00:00:00Z",
    },
    {
        "_id": "bob",
        "identityMap": {"CRMID": [{"id": "2", "primary": True}], "ECID": [{"id": "e2"}]},
        "person": {
            "name": {"firstName": "bob"},
            "birthDate": "1985-06-01",
            "gender": "male",
        },
        "homeAddress": {"country": "US", "city": "New York"},
        "loyalty": {"tier": "silver", "points": 500, "spend": 0.5},
        "optedIn": False,
        "tags": ["new"],
        "addresses": [],
        "orders": [
            {"store": "s", "price": 30.0, "placed": "2024-05-01"},
            {"store": "s", "price": 30.0, "placed": "2024-05-02"},
        ],
        "segmentMembership": {"ups": {"old": {"status": "exited"}}},
        "joined": "2024-05-18T23:59:59Z",
    },
    {
        "_id": "cleo",
        "identityMap": {"CRMID": [{"id": "3", "primary": True}]},
        "person": {"name": {"firstName": "Cleo"}},
        "homeAddress": {"country": "CA"},
        "loyalty": {"tier": "gold", "points": 0},
        "optedIn": True,
        "addresses": [{"kind": "home"}],
        "orders": [{"store": "n"}],
        "joined": "2024-04-30T10:00:00+02:00",
    },
    {
        "_id": "dan",
        "identityMap": {"Email": [{"id": "dan@example.com", "primary": True}]},
        "homeAddress": {"country": "us"},
        "tags": [],
        "orders": [],
        "joined": "2023-05-20T12:00:00Z",
    },
    {
        "_id": "eve",
        "identityMap": {"ECID": [{"id": "e5", "primary": True}]},
        "homeAddress": {},
    },
]

_BUY, _VIEW, _ADD = (
    "commerce.purchases",
    "web.webpagedetails.pageViews",
    "commerce.productListAdds",
)


def _event(
    number: int,
    owner: tuple[str, str],
    kind: str,
    at: str,
    price: float | None = None,
    **more,
):
    namespace, identity = owner
    order = {} if price is None else {"commerce": {"order": {"priceTotal": price}}}
    return {
        "_id": f"event-{number}",
        "identityMap": {namespace: [{"id": identity, "primary": True}]},
        "timestamp": at,
        "eventType": kind,
        **order,
        **more,
    }


_ANN, _BOB, _CLEO = ("CRMID", "1"), ("CRMID", "2"), ("CRMID", "3")
EVENTS = [
    _event(1, _ANN, _BUY, "2024-05-01T10:00:00Z", 60.0, items=[{"sku": "a", "n": 1}]),
    _event(2, _ANN, _BUY, "2024-05-20T11:59:59Z", 40.5, items=[{"sku": "b", "n": 3}]),
    _event(3, _ANN, _VIEW, "2024-05-20T00:00:00Z"),
    _event(4, _BOB, _BUY, "2024-02-20T12:00:00Z", 500.0, items=[{"sku": "a", "n": 2}]),
    _event(5, _BOB, _ADD, "2024-05-19T08:00:00Z"),
    _event(6, _CLEO, _BUY, "2024-05-21T09:00:00Z", 10.0),
    _event(
        7, ("ECID", "e11"), _BUY, "2023-05-20T12:00:00Z", 20.0
    ),  # Ann, by another identity
    _event(8, ("ECID", "stranger"), _BUY, "2024-05-10T12:00:00Z", 70.0),
]

# What an event of somebody unknown becomes.
STRANGER = "stranger"
EVERYONE = {"ann", "bob", "cleo", "dan", "eve", STRANGER}
