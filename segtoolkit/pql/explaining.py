"""The name of anything in PQL in; what it means, or what was chosen, to be read by people, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from textwrap import fill, indent
from typing import Self, TypeAlias, assert_never

from segtoolkit import cards
from segtoolkit.pql.choices import CHOICES, Choice
from segtoolkit.pql.functions import CONSTRUCTS, FUNCTIONS, Construct, Function


class Explanation(str):
    """Text that a notebook shows as it reads, without quotes and escapes, or as a card.

    Attributes:
        entries: what is explained, and under which name.
    """

    __slots__ = ("entries",)
    entries: tuple[tuple[str, _Row], ...]

    def __new__(cls, text: str, entries: Iterable[tuple[str, _Row]] = ()) -> Self:
        self = super().__new__(cls, text)
        self.entries = tuple(entries)
        return self

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return cards.stacked_card(_block(name, row) for name, row in self.entries)


def explain(name: str) -> Explanation:
    """Say how the function, operator or word *name* is written, and what it means.

    A name with several meanings is explained in all of them. ``explain("choices")`` says what was
    chosen where AEP's documents leave a question open; each choice has a name of its own.

    >>> explain("count")
    count
        list.count()
    How many items a list has, or entries a map. 0 when it is empty, null when it is
    missing; but `xEvent` is never missing, only empty.
    For example:
        xEvent[eventType = "commerce.purchases"].count() >= 2

    >>> explain("side-of-gap")
    side-of-gap: Between which two elements does GAP lie?
        Between its element and the next one; for the last element, between it and the one
        before.
        Because: The one documented example stands on the earlier element.

    Raises:
        ValueError: PQL has nothing of that name; says which names are near.
    """
    entries = tuple((name, row) for row in _rows() if name in _names(row))
    if not entries:
        raise ValueError(_unknown(name))
    return Explanation("\n\n".join(_entry(*entry) for entry in entries), entries)


_Row: TypeAlias = Function | Construct | Choice


def _rows() -> Iterator[_Row]:
    yield from FUNCTIONS.values()
    yield from CONSTRUCTS
    yield from CHOICES


def _names(row: _Row) -> tuple[str, ...]:
    match row:
        case Construct(names):
            return names
        case Function(name):
            return name, *_SIGNS.get(name, ())
        case Choice(name):
            return name, "choices"
        case _:
            assert_never(row)


# These are not written by their names, or not only.
_SIGNS: Mapping[str, tuple[str, ...]] = {"not": ("!",), "negate": ("-",)}


def _entry(name: str, row: _Row) -> str:
    if isinstance(row, Choice):
        below = (row.choice, f"Because: {row.because}")
        return "\n".join((f"{row.name}: {row.question}", *map(_below, below)))
    usage, example = indent(row.usage, "    "), indent(row.example, "    ")
    return f"{name}\n{usage}\n{_filled(row.meaning)}\nFor example:\n{example}"


def _block(name: str, row: _Row) -> cards.Html:
    if isinstance(row, Choice):
        return cards.question_block(row.name, row.question, row.choice, row.because)
    return cards.function_block(name, row)


def _below(text: str) -> str:
    return indent(_filled(text), "    ")


def _filled(text: str) -> str:
    return fill(text, 84, break_long_words=False, break_on_hyphens=False)


def _unknown(name: str) -> str:
    known = sorted({known for row in _rows() for known in _names(row)})
    lower = get_close_matches(name.lower(), {word.lower() for word in known})
    near = [word for found in lower for word in known if word.lower() == found]
    if not near:
        return f"PQL has nothing called {name!r}; pql.FUNCTIONS lists its functions"
    return f"PQL has nothing called {name!r}; near are {', '.join(near)}"
