"""The tables: every form that a piece of a regular expression may have, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import TypeAlias


class Refused(Exception):
    """A regular expression cannot be run as AEP would; *offset* is into the pattern."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(offset, reason)
        self.offset = offset
        self.reason = reason


class Kind(Enum):
    OPEN = auto()  # ( and (?i:
    FLAGS = auto()  # (?i)
    CLOSE = auto()
    BAR = auto()
    REPEAT = auto()  # * +? {2,3}
    POSITION = auto()  # ^ $ \b
    QUOTE = auto()  # \Q…\E
    BRACKET = auto()  # [ and [^
    CATEGORY = auto()  # \p{L}
    CLASS = auto()  # . \d
    CHARACTER = auto()


# A pattern, and what a piece of that form is, or why it is refused; {} is the piece.
Row: TypeAlias = tuple[str, Kind | str]

_ABSENT = "`{}` is not available here; write "
_NUMBERED = _ABSENT + "the number of the character, as in `\\x{{e9}}` for é"
_CLASSES = (
    "`[A-Za-z]`, or a general category: `\\p{{L}}` is a letter, `\\p{{Lu}}` a capital"
)
_BACK = (
    "`{}` refers back to a group, which is not available here; write out what it matches"
)
_GREEDY = "`{}` never gives back what it took, which is not available here; write "

_ESCAPES: tuple[Row, ...] = (
    (
        r"\\[pP](?:[LMNPSZ]|\{(?:L[ulmto]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?)\})",
        Kind.CATEGORY,
    ),
    (r"\\[dDsSwW]", Kind.CLASS),
    (r"\\(?:[aftnr]|x[0-9A-Fa-f]{2})", Kind.CHARACTER),
    (r"\\x\{0*(?:10|[0-9A-Fa-f])?[0-9A-Fa-f]{1,4}\}", Kind.CHARACTER),
    (r"\\[^A-Za-z0-9\x80-\U0010ffff]", Kind.CHARACTER),
    (r"\\(?:[1-9]|k)", _BACK),
    (r"\\0[0-7]{0,3}", r"`{}` is an octal number; write `\x` and two hexadecimal digits"),
    (r"\\Z", _ABSENT + "`$`"),
    (r"\\G", _ABSENT + "`^`"),
    (r"\\R", _ABSENT + r"`(?:\r\n|[\n\r])`"),
    (r"\\[XC]", _ABSENT + "`.`"),
    (r"\\h", _ABSENT + r"`[ \t]`"),
    (r"\\H", _ABSENT + r"`[^ \t]`"),
    (r"\\v", _ABSENT + r"`[\n\r]`"),
    (r"\\V", _ABSENT + r"`[^\n\r]`"),
    (r"\\e", _ABSENT + r"`\x1b`"),
    (r"\\c.?", _ABSENT + r"`\x` and two hexadecimal digits"),
    (r"\\u[0-9A-Fa-f]{0,4}|\\N(?:\{[^}]{0,20}\}?)?", _NUMBERED),
    (
        r"\\x(?:\{[^}]{0,12}\}?)?",
        r"`{}` is no character; write it as in `\x{{e9}}`",
    ),
    (r"\\[pP](?:\{[^}]{0,20}\}?|.)?", _ABSENT + _CLASSES),
    (r"\\E", r"this `\E` ends no `\Q`"),
    (r"\\\Z", r"the `\` at the end escapes nothing; write `\\` for the character"),
    (r"\\[A-Za-z]", r"`{}` means nothing; write `\\` for the character `\`"),
    (r"\\.", r"`{}` needs no `\`"),
    (r"[\ud800-\udfff]", "this is half of a character (a lone surrogate)"),
)
_PIECES: tuple[Row, ...] = (
    (r"\\b\{", r"`\b{{` is not available here; write `\b`"),
    (r"[\^$]|\\[AzbB]", Kind.POSITION),
    (r"\\Q.*?(?:\\E|\Z)", Kind.QUOTE),
    *_ESCAPES,
    (r"\((?!\?)|\(\?[ims]*(?:-[ims]+)?:", Kind.OPEN),
    (r"\(\?[ims]*(?:-[ims]+)?\)", Kind.FLAGS),
    (
        r"\(\?=",
        "look-ahead `{}` is not available here; write each part as a test of its own",
    ),
    (
        r"\(\?!",
        "look-ahead `{}` is not available here; write a test of its own, with `not`",
    ),
    (
        r"\(\?<[=!]",
        "look-behind `{}` is not available here; match what comes before as well",
    ),
    (r"\(\?>", _GREEDY + "`(?:`"),
    (
        r"\(\?P?[<'=>]\w{0,20}[>']?",
        "`{}` names a group; groups have numbers here, write `(`",
    ),
    (r"\(\?#", "`{}` begins a comment, which is not available here; leave it out"),
    (
        r"\(\?[A-Za-z-]{1,9}[:)]?",
        "`{}` is not available here; the flags are `i`, `m` and `s`",
    ),
    (r"\(\?", "`{}` begins nothing known; write `(?:` for a group, `(?i)` to ignore case"),
    (r"\)", Kind.CLOSE),
    (r"\|", Kind.BAR),
    (r"(?:[*+?]|\{[0-9,]{1,9}\})\+", _GREEDY + "it without the last `+`"),
    (r"[*+?]\??|\{(?:0|[1-9][0-9]*)(?:,(?:0|[1-9][0-9]*)?)?\}\??", Kind.REPEAT),
    (r"\{", r"`{}` begins no repetition such as `{{2,5}}`; write `\{{` for the character"),
    (r"\[\^?", Kind.BRACKET),
    (r"\.", Kind.CLASS),
    (r".", Kind.CHARACTER),
)
_PIECES_IN_BRACKETS: tuple[Row, ...] = (
    (r"\[:\^?\w{1,9}:\]", _ABSENT + _CLASSES),
    (r"\[", r"`{}` in brackets begins brackets in AEP; write `\[` for the character"),
    (r"&&", r"`{}` is what two sets share in AEP; write `\&` for the character"),
    (r"\\[AzbB]", "`{}` is a position, and brackets hold characters"),
    (r"\\Q", r"`{}` is not available in brackets; write `\` before each character"),
    *_ESCAPES,
    (r"\]", Kind.CLOSE),
    (r".", Kind.CHARACTER),
)


def _cutter(rows: tuple[Row, ...]) -> Callable[[str, int], tuple[str, Kind]]:
    """Make the function that cuts off the piece at an offset, or refuses it."""
    table = re.compile("|".join(f"({form})" for form, _ in rows), re.DOTALL)

    def cut(pattern: str, at: int) -> tuple[str, Kind]:
        match = table.match(pattern, at)
        assert match is not None
        assert match.lastindex is not None
        kind = rows[match.lastindex - 1][1]
        if isinstance(kind, str):
            raise Refused(at, kind.format(match[0]))
        return match[0], kind

    return cut


cut, cut_in_brackets = _cutter(_PIECES), _cutter(_PIECES_IN_BRACKETS)


def code_point(character: str) -> int:
    r"""Return the number of a piece of the kind ``CHARACTER``.

    >>> code_point("a"), code_point(r"\n"), code_point(r"\x{e9}"), code_point(r"\.")
    (97, 10, 233, 46)
    """
    if len(character) == 1:
        return ord(character)
    if character[1] == "x":
        return int(character[2:].strip("{}"), 16)
    return ord(_CONTROLS.get(character[1], character[1]))


_CONTROLS: Mapping[str, str] = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r"}

# Hebrew to Myanmar, Chinese and Japanese, Korean: no letter there has a case.
CASELESS = (range(0x0590, 0x10A0), range(0x2E80, 0xA640), range(0xAC00, 0xD7B0))


def has_case(number: int) -> bool:
    character = chr(number)
    return character.lower() != character or character.upper() != character
