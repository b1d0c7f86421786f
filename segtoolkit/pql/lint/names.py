"""Names that are given in vain: places in, problems out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from segtoolkit.pql import nodes as n
from segtoolkit.pql.lint.findings import Problem
from segtoolkit.pql.lint.places import Place
from segtoolkit.pql.words import TIME_WORDS


def variable_called_as_time(place: Place) -> Iterator[Problem]:
    """Find ``let today = … in …``, where ``today`` goes on to mean the day."""
    match place.node:
        case n.Let(name) as node if name in TIME_WORDS:
            message = f"`{name}` without back-ticks is still the time, not this variable"
            yield Problem(node, message, "Give the variable another name")
        case _:
            return


def repeated_field(place: Place) -> Iterator[Problem]:
    match place.node:
        case n.ObjectLiteral(entries) as node:
            names = Counter(name for name, _ in entries)
            twice = [name for name, count in names.items() if count > 1]
            if twice:
                message = f'This object has the field "{twice[0]}" more than once'
                yield Problem(node, message, "Keep one of them")
        case _:
            return
