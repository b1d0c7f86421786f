r"""Text to tokens: names, literals and symbols, each with its offset.

In strings ``\"`` and ``\\`` are the escapes. Any other backslash stands for itself, because real
texts hold regular expressions such as ``"\w+"`` whose backslashes nobody doubled.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, auto
from typing import NamedTuple

from segtoolkit.errors import PQLSyntaxError


class Kind(Enum):
    NAME = auto()  # person, and keywords: which one it is depends on where it stands
    PREFIXED = auto()  # xdm:person, after a dot
    QUOTED = auto()  # `order-total`
    STRING = auto()
    INTEGER = auto()
    DOUBLE = auto()
    PARAMETER = auto()  # $1
    MODEL = auto()  # @{…}
    CARETS = auto()  # ^^
    SYMBOL = auto()
    END = auto()
    ERROR = auto()


# A tuple, because it takes half the time of a frozen dataclass and this is the inner loop.
class Token(NamedTuple):
    """A piece of the text as it was written; *pos* is its 0-based offset."""

    kind: Kind
    text: str
    pos: int


_SINGLE = 'PQL strings take straight double quotes, as in "US", not single quotes'
_CURLY = 'PQL strings take straight double quotes, as in "US", not curly ones'
_COMMENT = "PQL has no comments"

_REMEDIES = {
    "==": "PQL compares with a single `=`",
    ":=": "PQL compares with `=`, and cannot assign",
    "<>": "PQL writes `!=` for <>",
    "=<": "PQL writes `<=` for =<",
    "&&": "PQL writes `and` for &&",
    "||": "PQL writes `or` for ||",
    "//": _COMMENT,
    "/*": _COMMENT,
    "#": _COMMENT,
    "≠": "PQL writes `!=` for ≠",
    "≤": "PQL writes `<=` for ≤",
    "≥": "PQL writes `>=` for ≥",
    "'": _SINGLE,
    **dict.fromkeys("\u2018\u2019\u201a\u201b", _SINGLE),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", _CURLY),
    '"': 'The string that begins here is not closed; its end needs a `"`',
    "`": "The name that begins here is not closed; its end needs a back-tick",
    "@": "`@` begins a model reference such as @{model}, and this one is not closed",
    "$": "`$` begins a parameter such as $1",
}

# What East Asian keyboards write in place of `!` to `~`.
_FULL_WIDTH = {chr(plain + 0xFEE0): chr(plain) for plain in range(0x21, 0x7F)}

IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*"
_RULES = (
    (Kind.PREFIXED, rf"(?<=\.){IDENTIFIER}:@?{IDENTIFIER}"),
    (Kind.NAME, IDENTIFIER),
    (Kind.QUOTED, "`[^`]++`"),
    (Kind.STRING, r'"(?:[^"\\]++|\\.)*+"'),
    (Kind.DOUBLE, r"[0-9]*\.[0-9]++(?:[eE][+-]?[0-9]++)?|[0-9]++[eE][+-]?[0-9]++"),
    (Kind.INTEGER, "[0-9]++"),
    (Kind.PARAMETER, r"\$[1-9][0-9]{0,8}"),
    (Kind.MODEL, r"@\{(?:[^{}]++|\{[^{}]*+\})++\}"),
    (Kind.CARETS, r"\^++"),
    (Kind.ERROR, "|".join(re.escape(wrong) for wrong in _REMEDIES if len(wrong) > 1)),
    (Kind.SYMBOL, r"=>|[<>!]=|[-=<>+*/%!.,:()\[\]{}]"),
    (Kind.ERROR, "."),
)
_TOKEN = re.compile(r"\s*+(?:" + "|".join(f"({p})" for _, p in _RULES) + ")", re.DOTALL)
_KINDS = (Kind.END, *(kind for kind, _ in _RULES))


def tokenize(text: str) -> tuple[Token, ...]:
    """Cut *text* into tokens; the last one is the end.

    >>> [token.text for token in tokenize('age>=21 and `home-city` = "Köln"')]
    ['age', '>=', '21', 'and', '`home-city`', '=', '"Köln"', '']

    Raises:
        PQLSyntaxError: a character or quote has no place in PQL; the message names the remedy.
    """
    _refuse_half_characters(text)
    tokens = []
    # Without the space at the end, of which each character would be tried as a beginning.
    for match in _TOKEN.finditer(text, 0, len(text.rstrip())):
        group = match.lastindex or 0
        token = Token(_KINDS[group], match[group], match.start(group))
        if token.kind is Kind.ERROR:
            raise PQLSyntaxError(_refusal(token.text), text, token.pos)
        tokens.append(token)
    return (*tokens, Token(Kind.END, "", len(text)))


def _refuse_half_characters(text: str) -> None:
    """Refuse what JSON can spell and no file or engine can hold: one half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(text[error.start]):04X}"
        reason = f"{half} is one half of a character"
        raise PQLSyntaxError(reason, text, error.start) from None


def _refusal(found: str) -> str:
    if found in _REMEDIES:
        return _REMEDIES[found]
    if found in _FULL_WIDTH:
        return f"`{found}` is a full-width character; write `{_FULL_WIDTH[found]}`"
    if unicodedata.category(found) == "Cf":
        return f"An invisible character, U+{ord(found):04X}, stands here; delete it"
    if found.isalnum():
        return f"`{found}` cannot be part of a plain name; put the name in back-ticks"
    shown = f"`{found}`" if found.isprintable() else f"U+{ord(found):04X}"
    return f"The character {shown} has no place in PQL"
