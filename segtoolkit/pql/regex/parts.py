"""What is known of a part of a pattern from outside, and what joining and repeating make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from segtoolkit.pql.regex.pieces import Refused

MOST_REPEATS = 1000  # RE2's limit, nested repetitions multiplied
# RE2 has room for 174,000 instructions; the sizes below are generous estimates of how many.
LARGEST = 100_000

TOO_LARGE = "this regular expression is too large; repeat less"
NOTHING = "there is nothing before `{0}` to repeat; write `\\{0}` for the character"
_TWICE = "`{0}` repeats a repetition; leave one of them out"
_TOO_MANY = f"more than {MOST_REPEATS} repetitions, nested ones multiplied, are too many"
_MAYBE_NOTHING = "what is repeated may match nothing; let it hold at least one character"
_EDGE = "what is repeated can only stand at the beginning or the end; leave `{}` out"
_LATE = (
    "this is the beginning of the text, and something comes before; leave one of them out"
)
_EARLY = "before this is the end of the text; leave one of them out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A character, a set, a group, with its repetition.

    Attributes:
        size: instructions of RE2, at most about.
        empty: whether it may match nothing.
        begins: whether it matches only at the beginning of the text.
        ends: whether it matches only at the end of the text.
        repeats: how often something in it is repeated at most, nested repetitions multiplied.
        fixed: why it cannot be repeated; empty if it can.
    """

    size: int
    empty: bool = False
    begins: bool = False
    ends: bool = False
    repeats: int = 1
    fixed: str = ""


CHARACTER, CLASS, CATEGORY = Part(size=4), Part(size=12), Part(size=900)
BOUNDARY = Part(size=1, empty=True, fixed=NOTHING)
BEGINNING, END = replace(BOUNDARY, begins=True), replace(BOUNDARY, ends=True)


@dataclass(slots=True)
class Level:
    """A group that is being read: its branches, and the flags that hold from here on."""

    at: int
    flags: frozenset[str] = frozenset()
    branches: list[list[Part]] = field(default_factory=lambda: [[]])

    def add(self, part: Part, at: int) -> None:
        """Put *part*, which stands at offset *at*, behind what there is in the last branch."""
        if part.size > LARGEST:
            raise Refused(at, TOO_LARGE)
        branch = self.branches[-1]
        # DuckDB 1.5 takes such contradictions for something that matches.
        if part.begins and branch:
            raise Refused(at, _LATE)
        if branch and branch[-1].ends:
            raise Refused(at, _EARLY)
        branch.append(part)

    def seal(self) -> None:
        """Forbid to repeat the last part, because something without a part of its own follows."""
        branch = self.branches[-1]
        branch[-1:] = [replace(part, fixed=NOTHING) for part in branch[-1:]]

    def whole(self) -> Part:
        parts = [part for branch in self.branches for part in branch]
        return Part(
            size=sum((part.size for part in parts), len(self.branches) + 2),
            empty=any(all(part.empty for part in branch) for branch in self.branches),
            begins=all(branch and branch[0].begins for branch in self.branches),
            ends=all(branch and branch[-1].ends for branch in self.branches),
            repeats=max((part.repeats for part in parts), default=1),
        )


def repeated(part: Part, found: str, at: int) -> Part:
    """Return *part* under the repetition *found*, which stands at offset *at*."""
    least, most = _bounds(found)
    copies = max(least, most or 0, 1)
    repeats = part.repeats * (copies if found[0] == "{" else 1)
    if repeats > MOST_REPEATS:
        raise Refused(at, _TOO_MANY)
    if most is not None and most < least:
        raise Refused(at, f"`{found}` runs backwards")
    if most != 1 and (part.begins or part.ends):
        raise Refused(at, _EDGE.format(found))
    if most != 1 and part.empty:
        raise Refused(at, _MAYBE_NOTHING)
    return Part(
        size=(part.size + 2) * copies,
        empty=part.empty or least == 0,
        begins=part.begins and least > 0,
        ends=part.ends and least > 0,
        repeats=repeats,
        fixed=_TWICE,
    )


def _bounds(found: str) -> tuple[int, int | None]:
    """Return the least and the greatest number of repetitions; None is any."""
    if found[0] in _SIGNS:
        return _SIGNS[found[0]]
    least, comma, most = found.rstrip("?").strip("{}").partition(",")
    if comma and not most:
        return _counted(least), None
    return _counted(least), _counted(most or least)


_SIGNS: Mapping[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}


def _counted(digits: str) -> int:
    # Python refuses to convert thousands of digits; four are too many already.
    return int(digits) if len(digits) <= 4 else MOST_REPEATS + 1
