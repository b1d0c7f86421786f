"""Regular expressions: only what AEP and the engines read alike, and the place of what they do not."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from segtoolkit.errors import PQLUnsupportedError
from segtoolkit.pql import nodes as n
from segtoolkit.pql import regex

if TYPE_CHECKING:
    from segtoolkit.pql.resolve.scope import Scope


def check(scope: Scope, call: n.Call) -> None:
    """Refuse a pattern where it goes wrong; one that is no literal is left to the rule."""
    literal = call.args[1]
    if not isinstance(literal, n.Literal) or not isinstance(literal.value, str):
        return
    if found := regex.problem(literal.value):
        offset, reason = found
        place = literal.pos + 1 + _in_source(scope.text[literal.pos + 1 :], offset)
        raise PQLUnsupportedError(_message(reason), scope.text, place)
    _check_group(scope, call, literal.value)


def _check_group(scope: Scope, call: n.Call, pattern: str) -> None:
    """Refuse a group that the pattern does not have."""
    count = regex.group_count(pattern)
    match call.args[2:]:
        case (n.Literal(int() as group) as number,) if group > count:
            reason = f"there is no group {group}; the pattern has {count or 'none'}"
            raise scope.wrong(number, reason)


def _in_source(source: str, offset: int) -> int:
    r"""Return where the character *offset* of a string is written: ``\"`` and ``\\`` are one.

    >>> _in_source(r'a\\d(?=x)"', 3)
    4
    """
    written = re.finditer(r'\\["\\]|.', source, re.DOTALL)
    return sum(len(match[0]) for match in islice(written, offset))


def _message(reason: str) -> str:
    return f"this regular expression cannot be run as AEP would: {reason}"
