"""What people write out of habit from SQL and spreadsheets: tokens around an error in, a remedy out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from segtoolkit.pql.tokens import Kind, Token
from segtoolkit.pql.words import TIME_WORDS, UNITS


def remedy(tokens: Sequence[Token], index: int) -> str | None:
    """Say what to write where the token at *index* has no place; None when no habit explains it.

    >>> from segtoolkit.pql.tokens import tokenize
    >>> remedy(tokenize("loyalty.tier is null"), 3)
    'write `loyalty.tier.isNull()`'
    """
    found = (habit(tokens, index) for habit in _HABITS)
    return next((said for said in found if said and len(said) <= _MOST), None)


_MOST = 200  # characters of what was written, beyond which nobody reads it
_SELECT = "write `select e from xEvent where e.…`"
_NO_CASE = "`.equals(…, false)` compares without case"
_DISTANCE = "times are compared as in `timestamp occurs <= 3 days before now`"
_IF_NULL = "write `if(field.isNull(), …, field)`"

# Functions of other languages, in lower case.
FUNCTIONS: Mapping[str, str] = {
    **dict.fromkeys(("lower", "upper", "tolower", "toupper"), _NO_CASE),
    **dict.fromkeys(("lcase", "ucase", "tolowercase", "touppercase"), _NO_CASE),
    **dict.fromkeys(("datediff", "dateadd", "datesub", "date_add", "date_sub"), _DISTANCE),
    **dict.fromkeys(("coalesce", "ifnull", "nvl"), _IF_NULL),
    **dict.fromkeys(("getdate", "current_date", "curdate"), "write `today`"),
    **dict.fromkeys(("current_timestamp", "sysdate"), "write `now`"),
}

# What follows an operand, to what it would be; `it` is the field before it.
_AFTER_OPERAND: Mapping[tuple[str, ...], str] = {
    ("is", "not", "null"): "write `{it}.isNotNull()`",
    ("is", "null"): "write `{it}.isNull()`",
    ("is", "not"): "write `{it} != …`",
    ("is",): "write `{it} = …`",
    ("eq",): "write `{it} = …`",
    ("not", "in"): "write `{it} notIn …`",
    ("not", "like"): "write `not ({it} like …)`",
    ("not", "matches"): "write `not ({it} matches …)`",
    ("not", "contains"): "write `{it}.doesNotContain(…)`",
    ("does", "not", "contain"): "write `{it}.doesNotContain(…)`",
    ("starts", "with"): "write `{it}.startsWith(…)`",
    ("ends", "with"): "write `{it}.endsWith(…)`",
    ("between",): "write `{it} >= … and {it} <= …`",
    ("ago",): "write `before now`",
    **dict.fromkeys((("occur",), ("occured",), ("occurred",)), "did you mean `occurs`?"),
}


def _after_operand(tokens: Sequence[Token], index: int) -> str | None:
    if not _ends_operand(tokens, index - 1):
        return None
    for words, said in _AFTER_OPERAND.items():
        if _words(tokens, index, len(words)) == words:
            return said.format(it=_path_before(tokens, index))
    return None


def _ends_operand(tokens: Sequence[Token], index: int) -> bool:
    before = tokens[index]
    is_value = before.kind not in (Kind.SYMBOL, Kind.CARETS, Kind.END)
    return index >= 0 and (is_value or before.text in (")", "]", "}"))


def _path_before(tokens: Sequence[Token], index: int) -> str:
    """Return the path that ends before *index* as it was written, or a word for it."""
    begin = index - 1
    while begin >= 2 and tokens[begin - 1].text == "." and tokens[begin].kind in _IN_PATH:
        begin -= 2
    if tokens[begin].kind not in _IN_PATH:
        return "field"
    return "".join(token.text for token in tokens[begin:index])


_IN_PATH = (Kind.NAME, Kind.QUOTED, Kind.PREFIXED, Kind.PARAMETER)


def _range(tokens: Sequence[Token], index: int) -> str | None:
    """Find ``points between 1 and 5``."""
    if _words(tokens, index, 1) != ("between",) or not _ends_operand(tokens, index - 1):
        return None
    it, after = _path_before(tokens, index), tokens[index + 1 : index + 4]
    match [token.text for token in after]:
        case [low, "and" | "AND", high] if after[0].kind in _NUMBERS:
            return f"write `{it} >= {low} and {it} <= {high}`"
        case [word, *_] if word.lower() in _TIMES:
            return f"write `{it} occurs between …`"
        case _:
            return None


_NUMBERS = (Kind.INTEGER, Kind.DOUBLE)
_TIMES = {*TIME_WORDS, "date", "this", "last", "next"}


def _window(tokens: Sequence[Token], index: int) -> str | None:
    """Find ``occurs in last 30 days``, and ``occurs in last month``."""
    before = _words(tokens, index - 1, 1)
    if before and before[0] in _BEFORE_LENGTH:
        words = _words(tokens, max(index - 1, 0), 6)
        if found := _LENGTH.search(" ".join(words)):
            side = "after" if "next" in words[:4] else "before"
            return f"write `occurs <= {found[1]} {found[2]} {side} now`"
    if _words(tokens, index - 1, 2) == ("occurs", "in"):
        return "leave out `in`, as in `occurs last month`"
    return None


_BEFORE_LENGTH = {"occurs", "within", "last", "past", "previous", "next", "the"}
_LENGTH = re.compile(
    r"^[a-z]+ (?:in )?(?:the )?(?:last |past |previous |next )?([0-9]+) "
    rf"({'|'.join(sorted(UNITS, key=len, reverse=True))})\b"
)


def _query(tokens: Sequence[Token], index: int) -> str | None:
    """Find ``select * from xEvent``, ``from xEvent e where …``, ``case when …``."""
    before = _words(tokens, max(index - 2, 0), min(index, 2))
    if before in (("from",), ("*", "from")) or before[:1] == ("select",):
        return None if tokens[index].kind is Kind.END else _SELECT
    return "write `if(test, a, b)`" if before[-1:] in (("case",), ("if",)) else None


def _time_call(tokens: Sequence[Token], index: int) -> str | None:
    """Find ``now()``."""
    before = tokens[index - 1].text
    if tokens[index].text == "(" and before in TIME_WORDS:
        return f"write `{before}`, without parentheses"
    return None


def _number(tokens: Sequence[Token], index: int) -> str | None:
    """Find ``1,000``."""
    if tokens[index].text != "," or tokens[index - 1].kind is not Kind.INTEGER:
        return None
    begin = tokens[index - 1].pos
    written = ""
    for token in tokens[index - 1 :]:
        if token.pos != begin + len(written) or not _PART_OF_NUMBER.fullmatch(token.text):
            break
        written += token.text
    is_grouped = _GROUPED.fullmatch(written)
    return f"write {written.replace(',', '')} for {written}" if is_grouped else None


_PART_OF_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?|,")
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


def _percentage(tokens: Sequence[Token], index: int) -> str | None:
    """Find ``50%``."""
    if index < 2 or tokens[index - 1].text != "%" or tokens[index - 2].kind not in _NUMBERS:
        return None
    number = tokens[index - 2].text
    return f"write {float(number) / 100:g} or {number} for {number}%"


def _words(tokens: Sequence[Token], index: int, count: int) -> tuple[str, ...]:
    if index < 0:
        return ()
    return tuple(token.text.lower() for token in tokens[index : index + count])


_HABITS: tuple[Callable[[Sequence[Token], int], str | None], ...] = (
    _range,
    _window,
    _after_operand,
    _query,
    _time_call,
    _number,
    _percentage,
)
