"""Rows of what makes one value of a list.

The methods ``sum average min max`` also have a form that binds variables; it is in `constructs`.
"""

from __future__ import annotations

from segtoolkit.pql.functions.row import called
from segtoolkit.pql.rules import collections

AGGREGATES = (
    called(
        "list.count()",
        "How many items a list has, or entries a map. 0 when it is empty, null when it is missing; but "
        "`xEvent` is never missing, only empty.",
        'xEvent[eventType = "commerce.purchases"].count() >= 2',
        collections.count,
    ),
    called(
        "list.sum(value = this)",
        "The values of all items added up; bare names are fields of the item. Nulls are skipped. 0 when "
        "there is nothing to add.",
        'xEvent[eventType = "commerce.purchases"].sum(commerce.order.priceTotal) > 500',
        implicit=True,
    ),
    called(
        "list.average(value = this)",
        "The mean of the values of all items; bare names are fields of the item. Nulls are skipped. "
        "Null when there is nothing to take it of.",
        "xEvent.average(commerce.order.priceTotal) > 80",
        implicit=True,
    ),
    called(
        "list.min(value = this)",
        "The smallest of the values of all items, or the earliest; bare names are fields of the item. "
        "Nulls are skipped. Null when there is nothing to choose from.",
        "xEvent.min(timestamp) occurs >= 1 year before now",
        implicit=True,
    ),
    called(
        "list.max(value = this)",
        "The largest of the values of all items, or the latest; bare names are fields of the item. "
        "Nulls are skipped. Null when there is nothing to choose from.",
        "xEvent.max(commerce.order.priceTotal) > 200",
        implicit=True,
    ),
)
