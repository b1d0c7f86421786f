"""Rows of what reads or makes maps, such as ``identityMap`` and ``segmentMembership``."""

from __future__ import annotations

from segtoolkit.pql.functions.row import called
from segtoolkit.pql.rules import collections

MAPS = (
    called(
        "map.get(key)",
        "The value under the key, which is case sensitive; null when there is none.",
        'identityMap.get("ECID").count() > 1',
        collections.get,
    ),
    called(
        "map.keys()",
        "The list of the keys; null when the map is null.",
        'identityMap.keys().intersects(["Email", "Phone"])',
        collections.keys,
    ),
    called(
        "map.values()",
        "The list of the values; null when the map is null.",
        "identityMap.values().count() >= 2",
        collections.values,
    ),
    called(
        "mapEntry(key, value)",
        "One entry of the map that `.map(…)` makes; it can stand nowhere else. Entries without key are "
        "dropped, and of equal keys the last one wins.",
        "xEvent.groupBy(eventType).map((K, G) => mapEntry(K, G.count()))"
        '.get("commerce.purchases") > 1',
    ),
)
