"""A pattern in, its first problem or the number of its groups out; one pass from left to right."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from segtoolkit.pql.regex import parts
from segtoolkit.pql.regex.parts import Level, Part, repeated
from segtoolkit.pql.regex.pieces import (
    CASELESS,
    Kind,
    Refused,
    code_point,
    cut,
    cut_in_brackets,
    has_case,
)

DEEPEST = 100  # Java recurses once a level


def problem(pattern: str) -> tuple[int, str] | None:
    r"""Return offset and reason of the first thing in *pattern* that cannot be run as AEP would.

    >>> problem(r"^[\w.-]+@example\.com$")
    >>> problem(r"(?=.*vip)")
    (0, 'look-ahead `(?=` is not available here; write each part as a test of its own')
    """
    try:
        _Scanner(pattern).scan()
    except Refused as refused:
        return refused.offset, refused.reason
    return None


def group_count(pattern: str) -> int:
    """Count the capturing groups of a *pattern* that has no problem.

    >>> group_count("(a)(?:b)(c(d))")
    3
    """
    scanner = _Scanner(pattern)
    scanner.scan()
    return scanner.groups


class _Scanner:
    """Reads a pattern once; *groups* counts the groups that capture."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.groups = 0
        self._levels = [Level(0)]

    def scan(self) -> None:
        at = 0
        while at < len(self.pattern):
            found, kind = cut(self.pattern, at)
            if kind is Kind.BRACKET:
                at = self._bracket(found, at)
            else:
                _READERS[kind](self, found, at)
                at += len(found)
        if len(self._levels) > 1:
            opened = self._level.at
            raise Refused(opened, r"this `(` is not closed; write `\(` for the character")
        if self._level.whole().size > parts.LARGEST:
            raise Refused(0, parts.TOO_LARGE)

    @property
    def _level(self) -> Level:
        return self._levels[-1]

    # -- groups -----------------------------------------------------------------------------

    def open(self, found: str, at: int) -> None:
        if len(self._levels) > DEEPEST:
            raise Refused(at, f"groups are nested deeper than {DEEPEST} levels")
        self.groups += found == "("
        self._levels.append(Level(at, _flags(found, self._level)))

    def flags(self, found: str, _: int) -> None:
        self._level.flags = _flags(found, self._level)
        self._level.seal()

    def bar(self, _: str, __: int) -> None:
        self._level.branches.append([])

    def close(self, _: str, at: int) -> None:
        if len(self._levels) == 1:
            raise Refused(at, r"this `)` closes nothing; write `\)` for the character")
        level = self._levels.pop()
        # DuckDB takes such a group for the end of the text.
        if not any(level.branches):
            raise Refused(level.at, "this group is empty; leave it out")
        self._level.add(level.whole(), level.at)

    # -- repetitions, positions, characters -------------------------------------------------

    def repeat(self, found: str, at: int) -> None:
        branch = self._level.branches[-1]
        fixed = branch[-1].fixed if branch else parts.NOTHING
        if fixed:
            raise Refused(at, fixed.format(found))
        self._level.add(repeated(branch.pop(), found, at), at)

    def position(self, found: str, at: int) -> None:
        line = "m" in self._level.flags and found in "^$"
        self._level.add(parts.BOUNDARY if line else _POSITIONS[found], at)

    def class_(self, _: str, at: int) -> None:
        self._level.add(parts.CLASS, at)

    def category(self, found: str, at: int) -> None:
        self._check_category(found, at)
        self._level.add(parts.CATEGORY, at)

    def character(self, found: str, at: int) -> None:
        self._check_case(found, found, at)
        self._level.add(parts.CHARACTER, at)

    def quote(self, found: str, at: int) -> None:
        inside = found.removeprefix(r"\Q").removesuffix(r"\E")
        for offset, character in enumerate(inside, at + 2):
            self.character(character, offset)

    # -- brackets ---------------------------------------------------------------------------

    def _bracket(self, found: str, begin: int) -> int:
        """Read a set of characters, and return the offset after it."""
        at = first = begin + len(found)
        size = parts.CLASS.size
        while at < len(self.pattern):
            item, kind = cut_in_brackets(self.pattern, at)
            if kind is Kind.CLOSE and at == first:
                raise Refused(at, r"this set is empty; write `\]` for the character")
            if kind is Kind.CLOSE:
                self._level.add(Part(size=size), begin)
                return at + 1
            at, more = self._item(item, kind, at)
            size += more.size
        raise Refused(begin, r"this `[` is not closed; write `\[` for the character")

    def _item(self, item: str, kind: Kind, at: int) -> tuple[int, Part]:
        """Read an item of a set that begins with *item*; return the offset after it."""
        if kind is Kind.CHARACTER:
            return self._range(item, at), parts.CLASS
        if kind is Kind.CATEGORY:
            self._check_category(item, at)
            return at + len(item), parts.CATEGORY
        return at + len(item), parts.CLASS

    def _range(self, low: str, at: int) -> int:
        """Read the character *low* or a range from there; return the offset after it."""
        dash = at + len(low)
        if self.pattern[dash : dash + 1] != "-" or self.pattern[dash + 1 : dash + 2] == "]":
            self._check_case(low, low, at)
            return dash
        if dash + 1 == len(self.pattern):
            return dash
        high, kind = cut_in_brackets(self.pattern, dash + 1)
        if kind is not Kind.CHARACTER:
            raise Refused(dash, r"a range ends with a character; write `\-` for the `-`")
        if code_point(low) > code_point(high):
            raise Refused(at, f"the range `{low}-{high}` runs backwards")
        self._check_case(low, high, at)
        return dash + 1 + len(high)

    # -- case -------------------------------------------------------------------------------

    def _check_case(self, low: str, high: str, at: int) -> None:
        """Refuse letters beyond ASCII where case is ignored: AEP ignores that of A to Z only."""
        first, last = code_point(low), code_point(high)
        if "i" not in self._level.flags or last < 0x80:
            return
        if first == last and not has_case(first):
            return
        if any(first in numbers and last in numbers for numbers in CASELESS):
            return
        shown = low if first == last else f"{low}-{high}"
        remedy = "take it out of `(?i)`, as in `(?-i:[éÉ])`"
        raise Refused(at, f"AEP ignores the case of A to Z, not of `{shown}`; {remedy}")

    def _check_category(self, found: str, at: int) -> None:
        if "i" in self._level.flags and found[1:].strip("pP{}") in ("Lu", "Ll", "Lt"):
            raise Refused(at, f"`{found}` contradicts `(?i)`; write `\\p{{L}}` for letters")


_READERS: Mapping[Kind, Callable[[_Scanner, str, int], None]] = {
    Kind.OPEN: _Scanner.open,
    Kind.FLAGS: _Scanner.flags,
    Kind.CLOSE: _Scanner.close,
    Kind.BAR: _Scanner.bar,
    Kind.REPEAT: _Scanner.repeat,
    Kind.POSITION: _Scanner.position,
    Kind.QUOTE: _Scanner.quote,
    Kind.CATEGORY: _Scanner.category,
    Kind.CLASS: _Scanner.class_,
    Kind.CHARACTER: _Scanner.character,
}
_POSITIONS: Mapping[str, Part] = {
    "^": parts.BEGINNING,
    r"\A": parts.BEGINNING,
    "$": parts.END,
    r"\z": parts.END,
    r"\b": parts.BOUNDARY,
    r"\B": parts.BOUNDARY,
}


def _flags(found: str, level: Level) -> frozenset[str]:
    on, _, off = found.partition("-")
    return (level.flags | set(on)) - set(off)
