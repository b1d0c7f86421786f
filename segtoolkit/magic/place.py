"""Where one types: PQL up to the cursor goes in; what is open there, and what is being written, come out."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PIECE = re.compile(
    r"""
    (?P<open_string> "(?:[^"\\]|\\.)*\Z )
    | (?P<string> "(?:[^"\\]|\\.)*" )
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
_CHAIN = re.compile(r'[\w.^$`"\[\]()]*\Z')
_PLAIN = re.compile(r"[\w.^$`]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The end of a text that somebody writes.

    Attributes:
        around: what stands before the brackets that are open, the outermost first, each with its bracket.
        before: what stands behind the last of them; what is in brackets that were closed, or in strings,
            is left out.
        quoted: the beginning of a string that is open; None outside of strings.
    """

    around: tuple[str, ...]
    before: str
    quoted: str | None = None

    @property
    def chain(self) -> str:
        """What hangs together by dots and ends here, such as ``xEvent[].cou``."""
        return chain_of(self.before)

    @property
    def typed(self) -> str:
        """What a completion takes the place of: a name, with its path where that has no brackets."""
        if self.quoted is not None:
            return self.quoted
        plain = _found(_PLAIN, self.before)
        return plain.rpartition(".")[2] if plain.startswith(".") else plain


def place_of(text: str) -> Place:
    """Find out where *text* ends.

    >>> place_of('country = "US" and xEvent[web.name = "x"].co')
    Place(around=(), before='country = "" and xEvent[].co', quoted=None)
    >>> place_of('not (inSegment("go')
    Place(around=('not (', 'inSegment('), before='', quoted='go')
    """
    levels, quoted = [""], None
    for found in _PIECE.finditer(text):
        piece = found.group()
        if found["open_string"]:
            quoted = piece[1:]
        elif piece in ("]", ")", "}") and len(levels) > 1:
            levels.pop()
            levels[-1] += piece
        else:
            levels[-1] += '""' if found["string"] else piece
            levels += [""] * (piece in ("[", "(", "{"))
    return Place(around=tuple(levels[:-1]), before=levels[-1], quoted=quoted)


def chain_of(text: str) -> str:
    """Return what hangs together at the end of *text*, which has nothing in its brackets."""
    return _found(_CHAIN, text)


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group() if found else ""
