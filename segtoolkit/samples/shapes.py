"""The SQL that makes nested XDM of flat rows: `PROFILE` from ``people``, `EVENT` from ``events``."""

from __future__ import annotations

from collections.abc import Iterator

from segtoolkit.samples import choices

# Ages and times are counted back from the end of the last event, 2026-01-01.
_END_S = 1_767_225_600


def _choice(options: tuple[str, ...] | list[str], code: str) -> str:
    """Return SQL that looks *code* up among *options*."""
    return f"[{', '.join(map(literal, options))}][{code} + 1]"


def literal(text: str) -> str:
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
_MAIL = f"""lower({_choice([n.encode("ascii", "ignore").decode() for n in choices.FIRST_NAMES], "first_name")}) || '.' || n || '@example.com'"""
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
    countries, codes, cities, _ = zip(*choices.PLACES, strict=True)
    country, code, city = (_choice(names, state) for names in (countries, codes, cities))
    return (
        f"{{country: {country}, stateProvince: {code}, city: {city},"
        " postalCode: postal::VARCHAR}"
    )


def _ago(seconds: str) -> str:
    return f"make_timestamp(({_END_S} - {seconds}) * 1000000)"


PROFILE = f"""
SELECT 'p-' || n AS _id,
  {_identities()} AS "identityMap",
  CASE WHEN known THEN {{
    name: {{firstName: {_choice(choices.FIRST_NAMES, "first_name")}, lastName: {
    _choice(choices.LAST_NAMES, "last_name")
}}},
    birthDate: CASE WHEN has_birth THEN {_ago("age_days * 86400")}::DATE END,
    gender: {_choice(["female", "male", "non-specific"], "gender")}}} END AS person,
  CASE WHEN has_home THEN {_address("place")} END AS "homeAddress",
  CASE WHEN works THEN {_address("(place + postal) % 8")} END AS "workAddress",
  CASE WHEN known AND has_email THEN {{address: {_MAIL}}} END AS "personalEmail",
  CASE WHEN known AND has_phone THEN {{number: {_PHONE}}} END AS "mobilePhone",
  CASE WHEN known AND is_member THEN {{tier: {
    _choice(list(choices.TIERS), "tier")
}, points: points,
    joinDate: {_ago("joined_s")}, status: {
    _choice(["active", "active", "paused"], "postal % 3")
}}} END AS loyalty,
  CASE WHEN known THEN {{marketing: {{{", ".join(_consents())}}}}} END AS consents,
  CASE WHEN has_tags THEN list_filter([{
    ", ".join(
        f"CASE WHEN (tags >> {i}) & 1 = 1 THEN '{tag}' END"
        for i, tag in enumerate(choices.TAGS)
    )
}],
      lambda t: t IS NOT NULL) END AS tags,
  CASE WHEN known THEN spent END AS "totalSpend",
  {_ago("created_s")} AS "createdAt"
FROM people"""

_BOUGHT = "type = 3"
_HANDLED = "type IN (1, 2, 3)"
EVENT = f"""
SELECT 'e-' || n AS _id,
  {_ago("ago_s")} AS timestamp,
  {_choice(list(choices.TYPES), "type")} AS "eventType",
  CASE WHEN stranger THEN MAP {{'ECID': [{{id: 'X' || n, authenticatedState: 'ambiguous', 'primary': true}}::{_IDENTITY}]}}
       WHEN owner_known THEN MAP {{'CRMID': [{{id: {_CRM.replace("n::", "owner::")}, authenticatedState: 'authenticated', 'primary': true}}::{_IDENTITY}]}}
       ELSE MAP {{'ECID': [{{id: 'E' || owner || '-0', authenticatedState: 'ambiguous', 'primary': true}}::{_IDENTITY}]}}
  END AS "identityMap",
  CASE WHEN {_BOUGHT} THEN {{'order': {{purchaseID: 'o-' || n, priceTotal: quantity * price_cents / 100, currencyCode: 'USD'}},
    purchases: {{value: 1}}}} END AS commerce,
  CASE WHEN {_HANDLED} THEN [{{SKU: 'S' || product, name: {_choice(choices.PRODUCTS, "product")},
    quantity: quantity, priceTotal: quantity * price_cents / 100}}] END AS "productListItems",
  CASE WHEN type = 0 THEN {{webPageDetails: {{name: {_choice(choices.PAGES, "page")},
    URL: 'https://shop.example.com/' || lower({_choice(choices.PAGES, "page")})}}}} END AS web,
  {{type: {_choice(["desktop", "mobile", "tablet"], "device")}}} AS device
FROM events"""
