"""The name of anything in PQL in; what it means, to be read by people, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from textwrap import fill, indent

from segtoolkit.pql.functions import CONSTRUCTS, FUNCTIONS, Construct, Function


class Explanation(str):
    """Text that a notebook shows as it reads, without quotes and escapes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def explain(name: str) -> Explanation:
    """Say how the function, operator or word *name* is written, and what it means.

    A name with several meanings is explained in all of them.

    >>> explain("count")
    count
        list.count()
    How many items a list has, or entries a map. 0 when it is empty, null when it is
    missing; but `xEvent` is never missing, only empty.
    For example:
        xEvent[eventType = "commerce.purchases"].count() >= 2

    Raises:
        ValueError: PQL has nothing of that name; says which names are near.
    """
    entries = [_entry(name, row) for row in _rows() if name in _names(row)]
    if not entries:
        raise ValueError(_unknown(name))
    return Explanation("\n\n".join(entries))


def _rows() -> Iterator[Function | Construct]:
    yield from FUNCTIONS.values()
    yield from CONSTRUCTS


def _names(row: Function | Construct) -> tuple[str, ...]:
    match row:
        case Construct(names):
            return names
        case Function(name):
            return name, *_SIGNS.get(name, ())


# These are not written by their names, or not only.
_SIGNS: Mapping[str, tuple[str, ...]] = {"not": ("!",), "negate": ("-",)}


def _entry(name: str, row: Function | Construct) -> str:
    meaning = fill(row.meaning, 84, break_long_words=False, break_on_hyphens=False)
    usage, example = indent(row.usage, "    "), indent(row.example, "    ")
    return f"{name}\n{usage}\n{meaning}\nFor example:\n{example}"


def _unknown(name: str) -> str:
    known = sorted({known for row in _rows() for known in _names(row)})
    lower = get_close_matches(name.lower(), {word.lower() for word in known})
    near = [word for found in lower for word in known if word.lower() == found]
    if not near:
        return f"PQL has nothing called {name!r}; pql.FUNCTIONS lists its functions"
    return f"PQL has nothing called {name!r}; near are {', '.join(near)}"
