"""Made-up XDM profiles and events, always the same for a size and seed: numbers in, Parquet files out.

Nobody here exists; e-mail addresses end in ``example.com``. Random numbers are drawn by numpy, whose
generators give the same stream everywhere, and put into shape by DuckDB.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
"""The instant right after the last event."""

SEGMENTS: Mapping[str, str] = MappingProxyType(
    {
        "us-gold": 'homeAddress.country = "US" and loyalty.tier in ["gold", "platinum"]'
        " and loyalty.points > 500",
        "repeat-buyers": 'xEvent[eventType = "commerce.purchases"'
        " and timestamp occurs <= 90 days before now].count() >= 2",
        "big-spenders": 'xEvent[eventType = "commerce.purchases"]'
        ".sum(commerce.order.priceTotal) > 500",
        "left-a-cart": 'chain(xEvent, timestamp, [C0: WHAT(eventType = "commerce.productListAdds")'
        ' WHEN(<= 30 days before now)]) and not (xEvent[eventType = "commerce.purchases"'
        " and timestamp occurs <= 30 days before now])",
        "reachable-lapsed": 'consents.marketing.email.val = "y" and xEvent'
        " and not (xEvent[timestamp occurs <= 180 days before now])",
        "birthday-this-month": "person.birthDate.getMonth() = today.getMonth()"
        ' and not inSegment("reachable-lapsed")',
    }
)
"""Six audiences for these people, in PQL, by name."""

_CHUNK = 100_000
_YEAR_S = 365 * 86_400
_END_S = int(AS_OF.timestamp())
_EVENTS_EACH = 4
_STRANGERS = 0.002

_FIRST_NAMES = [
    "Ann",
    "Ben",
    "Chloé",
    "Dmitri",
    "Eve",
    "Farid",
    "Grace",
    "Hiro",
    "Inés",
    "Jürgen",
    "Kai",
    "Lena",
    "Mo",
    "Nia",
    "Olu",
    "Priya",
]
_LAST_NAMES = [
    "Adams",
    "Brown",
    "Chen",
    "Dubois",
    "Evans",
    "Fischer",
    "García",
    "Haddad",
    "Ito",
    "Jensen",
    "Kim",
    "Lopez",
    "Müller",
]
_PLACES = (  # country, state, city, weight
    ("US", "US-NY", "New York", 18),
    ("US", "US-CA", "San Francisco", 15),
    ("US", "US-TX", "Austin", 12),
    ("CA", "CA-ON", "Toronto", 10),
    ("GB", "GB-LND", "London", 12),
    ("DE", "DE-BE", "Berlin", 11),
    ("FR", "FR-IDF", "Paris", 10),
    ("JP", "JP-13", "Tokyo", 12),
)
_TIERS = {"bronze": 60, "silver": 25, "gold": 12, "platinum": 3}
_TAGS = ("newsletter", "app", "vip", "student", "b2b")
_TYPES = {
    "web.webpagedetails.pageViews": 58,
    "commerce.productListAdds": 16,
    "commerce.checkouts": 7,
    "commerce.purchases": 12,
    "message.opened": 7,
}
_PAGES = ("Home", "Search", "Product", "Cart", "Help")
_PRODUCTS = ("Kettle", "Lamp", "Chair", "Notebook", "Bicycle", "Radio")


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """Where the profiles and the events were written."""

    profiles: Path
    events: Path


def write(folder: str | Path, *, profiles: int = 200_000, seed: int = 0) -> SampleFiles:
    """Write ``profiles.parquet`` and ``events.parquet`` into *folder*, about four events a profile.

    A year of events ends at `AS_OF`, denser lately; a few are of visitors whom no profile knows. Memory
    does not grow with *profiles*.

    Raises:
        ValueError: *profiles* is not positive.
    """
    if profiles < 1:
        raise ValueError(f"there must be at least one profile, not {profiles}")
    into = Path(folder)
    into.mkdir(parents=True, exist_ok=True)
    files = SampleFiles(into / "profiles.parquet", into / "events.parquet")
    with (
        tempfile.TemporaryDirectory(dir=into) as scratch,
        duckdb.connect(Path(scratch) / "samples.duckdb") as connection,
    ):
        for first in range(0, profiles, _CHUNK):
            draw = np.random.default_rng([seed, first])
            people = _people(draw, first, min(_CHUNK, profiles - first))
            _append(connection, "people", people)
            _append(connection, "events", _events(draw, people))
        for shape, file in ((_PROFILE, files.profiles), (_EVENT, files.events)):
            unfinished = Path(scratch) / file.name
            connection.execute(
                f"COPY ({shape}) TO {_literal(str(unfinished))} (FORMAT parquet)"
            )
            unfinished.replace(file)
    return files


def _append(connection: duckdb.DuckDBPyConnection, table: str, drawn: pd.DataFrame) -> None:
    connection.register("drawn", drawn)
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table} AS FROM drawn LIMIT 0")
    connection.execute(f"INSERT INTO {table} FROM drawn")
    connection.unregister("drawn")


def _people(draw: np.random.Generator, first: int, count: int) -> pd.DataFrame:
    """Draw one row a profile: numbers and choices, no nesting yet."""
    place = _pick(draw, count, [weight for *_, weight in _PLACES])
    return pd.DataFrame(
        {
            "n": np.arange(first, first + count),
            "known": draw.random(count) < 0.93,
            "ecids": draw.integers(0, 4, count),
            "has_email": draw.random(count) < 0.72,
            "has_phone": draw.random(count) < 0.38,
            "first_name": draw.integers(0, len(_FIRST_NAMES), count),
            "last_name": draw.integers(0, len(_LAST_NAMES), count),
            "age_days": draw.integers(16 * 365, 85 * 365, count),
            "has_birth": draw.random(count) < 0.7,
            "gender": draw.integers(0, 4, count),
            "place": place,
            "has_home": draw.random(count) < 0.9,
            "works": draw.random(count) < 0.15,
            "postal": draw.integers(10_000, 99_999, count),
            "tier": _pick(draw, count, list(_TIERS.values())),
            "is_member": draw.random(count) < 0.6,
            "points": np.floor(draw.exponential(400, count)).astype(np.int64),
            "joined_s": draw.integers(30 * 86_400, 5 * _YEAR_S, count),
            "email_consent": draw.integers(0, 3, count),
            "sms_consent": draw.integers(0, 4, count),
            "push_consent": draw.integers(0, 3, count),
            "tags": draw.integers(0, 2 ** len(_TAGS), count),
            "has_tags": draw.random(count) < 0.55,
            "spent": np.round(draw.exponential(120, count), 2),
            "created_s": draw.integers(0, 6 * _YEAR_S, count),
        }
    )


def _events(draw: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Draw the events of *people*: few have many, a third have none."""
    each = draw.geometric(1 / _EVENTS_EACH, len(people)) - 1
    each[draw.random(len(people)) < 0.02] *= 10
    owner = np.repeat(people["n"].to_numpy(), each)
    count = len(owner)
    ago_s = (draw.beta(1.0, 2.0, count) * _YEAR_S).astype(np.int64) + 1
    return pd.DataFrame(
        {
            "n": np.arange(count) + int(people["n"].iloc[0]) * 1_000,
            "owner": owner,
            "owner_known": np.repeat(people["known"].to_numpy(), each),
            "stranger": draw.random(count) < _STRANGERS,
            "ago_s": ago_s,
            "type": _pick(draw, count, list(_TYPES.values())),
            "page": draw.integers(0, len(_PAGES), count),
            "product": draw.integers(0, len(_PRODUCTS), count),
            "quantity": draw.integers(1, 5, count),
            "price_cents": draw.integers(500, 25_000, count),
            "device": draw.integers(0, 3, count),
        }
    )


def _pick(
    draw: np.random.Generator, count: int, weights: list[int]
) -> npt.NDArray[np.int64]:
    """Draw *count* positions of *weights*, each as often as it weighs."""
    bounds = np.cumsum(weights)
    return np.searchsorted(bounds, draw.integers(0, bounds[-1], count), side="right")


def _choice(options: tuple[str, ...] | list[str], code: str) -> str:
    """Return SQL that looks *code* up among *options*."""
    return f"[{', '.join(map(_literal, options))}][{code} + 1]"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _consents() -> Iterator[str]:
    for channel, values in (
        ("email", ["y", "y", "n"]),
        ("sms", ["y", "n", "n", "p"]),
        ("push", ["y", "n", "p"]),
    ):
        yield f"{channel}: {{val: {_choice(values, f'{channel}_consent')}}}"


_IDENTITY = 'STRUCT(id VARCHAR, "authenticatedState" VARCHAR, "primary" BOOLEAN)'
_CRM = "'C' || lpad(n::VARCHAR, 8, '0')"
_MAIL = f"""lower({_choice([n.encode("ascii", "ignore").decode() for n in _FIRST_NAMES], "first_name")}) || '.' || n || '@example.com'"""
_PHONE = "'+1555' || lpad(n::VARCHAR, 7, '0')"


def _identities() -> str:
    """Return SQL of the identity map; a visitor without account is known by device only."""
    crm = f"[{{id: {_CRM}, authenticatedState: 'authenticated', 'primary': true}}]"
    # A visitor has at least one device, or nobody would know of the visit.
    devices = (
        "list_transform(range(CASE WHEN known THEN ecids ELSE greatest(ecids, 1) END),"
        " lambda i: {id: 'E' || n || '-' || i, authenticatedState: 'ambiguous',"
        " 'primary': NOT known AND i = 0})"
    )
    mail = f"[{{id: {_MAIL}, authenticatedState: 'authenticated', 'primary': false}}]"
    phone = f"[{{id: {_PHONE}, authenticatedState: 'loggedOut', 'primary': false}}]"
    entries = ", ".join(
        f"CASE WHEN {when} THEN {{k: '{namespace}', v: {ids}::{_IDENTITY}[]}} END"
        for namespace, when, ids in (
            ("CRMID", "known", crm),
            ("ECID", "NOT known OR ecids > 0", devices),
            ("Email", "known AND has_email", mail),
            ("Phone", "known AND has_phone", phone),
        )
    )
    return f"map_from_entries(list_filter([{entries}], lambda e: e IS NOT NULL))"


def _address(state: str) -> str:
    countries, codes, cities, _ = zip(*_PLACES, strict=True)
    country, code, city = (_choice(names, state) for names in (countries, codes, cities))
    return (
        f"{{country: {country}, stateProvince: {code}, city: {city},"
        " postalCode: postal::VARCHAR}"
    )


def _ago(seconds: str) -> str:
    return f"make_timestamp(({_END_S} - {seconds}) * 1000000)"


_PROFILE = f"""
SELECT 'p-' || n AS _id,
  {_identities()} AS "identityMap",
  CASE WHEN known THEN {{
    name: {{firstName: {_choice(_FIRST_NAMES, "first_name")}, lastName: {
    _choice(_LAST_NAMES, "last_name")
}}},
    birthDate: CASE WHEN has_birth THEN {_ago("age_days * 86400")}::DATE END,
    gender: {_choice(["female", "male", "non-specific"], "gender")}}} END AS person,
  CASE WHEN has_home THEN {_address("place")} END AS "homeAddress",
  CASE WHEN works THEN {_address("(place + postal) % 8")} END AS "workAddress",
  CASE WHEN known AND has_email THEN {{address: {_MAIL}}} END AS "personalEmail",
  CASE WHEN known AND has_phone THEN {{number: {_PHONE}}} END AS "mobilePhone",
  CASE WHEN known AND is_member THEN {{tier: {
    _choice(list(_TIERS), "tier")
}, points: points,
    joinDate: {_ago("joined_s")}, status: {
    _choice(["active", "active", "paused"], "postal % 3")
}}} END AS loyalty,
  CASE WHEN known THEN {{marketing: {{{", ".join(_consents())}}}}} END AS consents,
  CASE WHEN has_tags THEN list_filter([{
    ", ".join(
        f"CASE WHEN (tags >> {i}) & 1 = 1 THEN '{tag}' END" for i, tag in enumerate(_TAGS)
    )
}],
      lambda t: t IS NOT NULL) END AS tags,
  CASE WHEN known THEN spent END AS "totalSpend",
  {_ago("created_s")} AS "createdAt"
FROM people"""

_BOUGHT = "type = 3"
_HANDLED = "type IN (1, 2, 3)"
_EVENT = f"""
SELECT 'e-' || n AS _id,
  {_ago("ago_s")} AS timestamp,
  {_choice(list(_TYPES), "type")} AS "eventType",
  CASE WHEN stranger THEN MAP {{'ECID': [{{id: 'X' || n, authenticatedState: 'ambiguous', 'primary': true}}::{_IDENTITY}]}}
       WHEN owner_known THEN MAP {{'CRMID': [{{id: {_CRM.replace("n::", "owner::")}, authenticatedState: 'authenticated', 'primary': true}}::{_IDENTITY}]}}
       ELSE MAP {{'ECID': [{{id: 'E' || owner || '-0', authenticatedState: 'ambiguous', 'primary': true}}::{_IDENTITY}]}}
  END AS "identityMap",
  CASE WHEN {_BOUGHT} THEN {{'order': {{purchaseID: 'o-' || n, priceTotal: quantity * price_cents / 100, currencyCode: 'USD'}},
    purchases: {{value: 1}}}} END AS commerce,
  CASE WHEN {_HANDLED} THEN [{{SKU: 'S' || product, name: {_choice(_PRODUCTS, "product")},
    quantity: quantity, priceTotal: quantity * price_cents / 100}}] END AS "productListItems",
  CASE WHEN type = 0 THEN {{webPageDetails: {{name: {_choice(_PAGES, "page")},
    URL: 'https://shop.example.com/' || lower({_choice(_PAGES, "page")})}}}} END AS web,
  {{type: {_choice(["desktop", "mobile", "tablet"], "device")}}} AS device
FROM events"""
