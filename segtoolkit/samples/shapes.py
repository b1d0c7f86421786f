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
_FIRST_NAME = _choice(choices.FIRST_NAMES, "first_name")
_MAIL = f"lower(strip_accents({_FIRST_NAME})) || '.' || n || '@example.com'"
_PHONE = "printf('+1555%07d', n)"


def _crm(number: str) -> str:
    return f"printf('C%08d', {number})"


def _only(namespace: str, identity: str, state: str) -> str:
    """Return SQL of an identity map of one primary identity."""
    one = f"{{id: {identity}, authenticatedState: '{state}', 'primary': true}}::{_IDENTITY}"
    return f"MAP {{'{namespace}': [{one}]}}"


def _identities() -> str:
    """Return SQL of the identity map; a visitor without account is known by device only."""
    crm = f"[{{id: {_crm('n')}, authenticatedState: 'authenticated', 'primary': true}}]"
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
        f"{{country: {country}, stateProvince: {code},"
        f" city: CASE WHEN postal % 20 > 0 THEN {city} END,"
        " postalCode: postal::VARCHAR}"
    )


def _ago(seconds: str) -> str:
    return f"make_timestamp(({_END_S} - {seconds}) * 1000000)"


_LAST_NAME = _choice(choices.LAST_NAMES, "last_name")
_GENDER = _choice(["female", "male", "non-specific"], "gender")
_TIER = _choice(list(choices.TIERS), "tier")
_STATUS = _choice(["active", "active", "paused"], "postal % 3")
_TAGS = ", ".join(
    f"CASE WHEN (tags >> {i}) & 1 = 1 THEN '{tag}' END"
    for i, tag in enumerate(choices.TAGS)
)

PROFILE = f"""
SELECT 'p-' || n AS _id,
  {_identities()} AS "identityMap",
  CASE WHEN known THEN {{
    name: {{firstName: {_FIRST_NAME}, lastName: {_LAST_NAME}}},
    birthDate: CASE WHEN has_birth THEN {_ago("age_days * 86400")}::DATE END,
    gender: {_GENDER}}} END AS person,
  CASE WHEN has_home THEN {_address("place")} END AS "homeAddress",
  CASE WHEN works THEN {_address("(place + postal) % 8")} END AS "workAddress",
  CASE WHEN known AND has_email THEN {{address: {_MAIL}}} END AS "personalEmail",
  CASE WHEN known AND has_phone THEN {{number: {_PHONE}}} END AS "mobilePhone",
  CASE WHEN known AND is_member THEN {{
    tier: {_TIER}, points: points, joinDate: {_ago("joined_s")}, status: {_STATUS}}} END AS loyalty,
  CASE WHEN known THEN {{marketing: {{{", ".join(_consents())}}}}} END AS consents,
  CASE WHEN has_tags THEN list_filter([{_TAGS}], lambda t: t IS NOT NULL) END AS tags,
  {_ago("created_s")} AS "createdAt"
FROM people"""

_TYPE = _choice(list(choices.TYPES), "type")
_PRODUCT = _choice(choices.PRODUCTS, "product")
_PAGE = _choice(choices.PAGES, "page")
_DEVICE = _choice(["desktop", "mobile", "tablet"], "device")
_PRICE = "quantity * price_cents / 100"
_DEVICE_ID = "'E' || owner || '-0'"

EVENT = f"""
SELECT 'e-' || n AS _id,
  {_ago("ago_s")} AS timestamp,
  {_TYPE} AS "eventType",
  CASE WHEN stranger THEN {_only("ECID", "'X' || n", "ambiguous")}
       WHEN by_device THEN {_only("ECID", _DEVICE_ID, "ambiguous")}
       ELSE {_only("CRMID", _crm("owner"), "authenticated")} END AS "identityMap",
  CASE WHEN type = 3 THEN {{
    'order': {{purchaseID: 'o-' || n, priceTotal: {_PRICE}, currencyCode: 'USD'}},
    purchases: {{value: 1}}}} END AS commerce,
  CASE WHEN type IN (1, 2, 3) THEN [{{
    SKU: 'S' || product, name: {_PRODUCT}, quantity: quantity, priceTotal: {_PRICE}}}]
  END AS "productListItems",
  CASE WHEN type = 0 THEN {{webPageDetails: {{
    name: {_PAGE}, URL: 'https://shop.example.com/' || lower({_PAGE})}}}} END AS web,
  CASE WHEN has_device THEN {{type: {_DEVICE}}} END AS device
FROM events"""
