"""The fragments of each person in, best last; SQL for one profile a person out.

Attributes are merged leaf by leaf: each is that of the best fragment that has one. An array is one
value. The identity map holds every identity of every fragment, with what the best of them says of
it; of the memberships in one segment the one qualified last holds, and of two of one moment the
better fragment's. Other maps are merged key by key.
"""

from __future__ import annotations

from typing import assert_never

from segtoolkit.local.profiles.shapes import Fields, ListOf, MapOf, Scalar, Shape, Unseen
from segtoolkit.local.profiles.sql import field_of, quoted

# Makes a number that is higher for a better fragment and, within one, for an earlier place.
_PLACE = "rank * 16777216 - place"

# A list that is sorted costs half of what an ordered aggregate does; what it sorts by is distinct.
_IDENTITIES = """
    SELECT rid, map_from_entries(list_sort(list(
               struct_pack(key := namespace, value := entries)))) AS merged
    FROM (SELECT rid, namespace, list_transform(
                     list_sort(list(struct_pack(standing := -standing, entry := entry))),
                     lambda one: one.entry) AS entries
          FROM (SELECT rid, namespace, arg_max(entry, {place}) AS entry, max({place}) AS standing
                FROM (SELECT rid, rank, space.key AS namespace, unnest(space.value) AS entry,
                             generate_subscripts(space.value, 1) AS place
                      FROM (SELECT rid, rank, unnest(map_entries(xdm."identityMap")) AS space
                            FROM {fragments}))
                GROUP BY rid, namespace, entry.id)
          GROUP BY rid, namespace)
    GROUP BY rid"""

_MEMBERSHIPS = """
    SELECT rid, map_from_entries(list_sort(list(
               struct_pack(key := space, value := entries)))) AS merged
    FROM (SELECT rid, space, map_from_entries(list_sort(list(
                     struct_pack(key := segment, value := entry)))) AS entries
          FROM (SELECT rid, space, held.key AS segment,
                       first(held.value ORDER BY held.value."lastQualificationTime" DESC NULLS LAST,
                                                 rank DESC) AS entry
                FROM (SELECT rid, rank, spaces.key AS space,
                             unnest(map_entries(spaces.value)) AS held
                      FROM (SELECT rid, rank, unnest(map_entries(xdm."segmentMembership")) AS spaces
                            FROM {fragments}))
                WHERE held.value IS NOT NULL
                GROUP BY rid, space, held.key)
          GROUP BY rid, space)
    GROUP BY rid"""

# What has rules of its own, at the root of a record; each yields *rid* and *merged*.
_OWN_RULES = {"identityMap": _IDENTITIES, "segmentMembership": _MEMBERSHIPS}


def merged(shape: Fields, fragments: str) -> str:
    """Return the query for rid and xdm of each person of the table *fragments*.

    Args:
        shape: of the records, the same for all of them.
        fragments: has the columns rid, rank (higher is better, no two alike) and xdm.
    """
    apart = {name: rule for name, rule in _OWN_RULES.items() if name in shape.members}
    leaves = ", ".join(
        f"{_best(member, f'xdm.{quoted(name)}')} AS {quoted(name)}"
        for name, member in shape.members.items()
        if name not in apart
    )
    joins = "".join(
        f" LEFT JOIN ({rule.format(fragments=fragments, place=_PLACE)}) AS {_table(name)}"
        " USING (rid)"
        for name, rule in apart.items()
    )
    parts = ", ".join(
        f"{quoted(name)} := {f'{_table(name)}.merged' if name in apart else f'best.{quoted(name)}'}"
        for name in shape.members
    )
    return f"""SELECT best.rid AS rid, struct_pack({parts}) AS xdm
        FROM (SELECT rid, {leaves} FROM {fragments} GROUP BY rid) AS best{joins}"""


def _table(name: str) -> str:
    return quoted(f"merged {name}")


def _best(shape: Shape, value: str) -> str:
    match shape:
        case Fields(members) if members:
            parts = (
                f"{quoted(n)} := {_best(m, field_of(value, n))}" for n, m in members.items()
            )
            return f"CASE WHEN count({value}) > 0 THEN struct_pack({', '.join(parts)}) END"
        case MapOf():
            return _best_by_key(value)
        case Scalar() | ListOf() | Unseen() | Fields():
            return f"arg_max({value}, rank)"
        case _:
            assert_never(shape)


def _best_by_key(value: str) -> str:
    # Of two values of one key `map_concat` takes the second.
    held = f"list_filter(map_entries({value}), lambda entry: entry.value IS NOT NULL)"
    maps = f"list(map_from_entries({held}) ORDER BY rank) FILTER ({value} IS NOT NULL)"
    return f"list_reduce({maps}, lambda worse, better: map_concat(worse, better))"
