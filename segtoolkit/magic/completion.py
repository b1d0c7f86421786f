"""Completion in cells of PQL: what stands left of the cursor goes in, names that go on from it come out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from segtoolkit.errors import SegtoolkitError
from segtoolkit.magic.clients import chosen
from segtoolkit.magic.options import read_options
from segtoolkit.pql import FUNCTIONS
from segtoolkit.pql.functions import Form

_CELL = re.compile(r"\s*%%pql\b([^\n]*)\n")
_NAME = re.compile(r"[A-Za-z_][\w.]*$")
_WORD = re.compile(r"\w+")
_WORDS = (
    "and",
    "or",
    "not",
    "in",
    "occurs",
    "true",
    "false",
    "null",
    "xEvent",
    "inSegment(",
)


class Completions:
    """Offers fields, functions and words, in cells of PQL only."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    @context_matcher(identifier="segtoolkit.pql")  # type: ignore[untyped-decorator]
    def offer(self, context: CompletionContext) -> SimpleMatcherResult:
        cell = _CELL.match(context.full_text)
        if cell is None or context.cursor_line == 0:
            return {"completions": []}
        typed = _NAME.search(context.line_with_cursor[: context.cursor_position])
        start = typed.group() if typed else ""
        return {
            "completions": [
                SimpleCompletion(text, type=kind)
                for text, kind in names_after(start, self._fields(cell.group(1)))
            ],
            "matched_fragment": start,
            "ordered": True,
            # What Python would offer here means nothing.
            "suppress": True,
        }

    def _fields(self, line: str) -> Iterable[str]:
        try:
            client = chosen(self._shell.user_ns, read_options(line).client)
            # Elsewhere nobody knows the fields: the schemas are another service's.
            return tuple(client.local.fields())
        except (UsageError, SegtoolkitError):
            return ()


def names_after(start: str, fields: Iterable[str]) -> list[tuple[str, str]]:
    """Return what may be meant by *start*, with what kind of thing each is.

    >>> names_after("home", ["homeAddress.city", "loyalty.tier"])
    [('homeAddress.city', 'field')]
    >>> names_after("homeAddress.city.startsW", ["homeAddress.city"])
    [('homeAddress.city.startsWith(', 'function')]
    """
    offered = [(field, "field") for field in sorted(fields)]
    receiver, dot, _ = start.rpartition(".")
    is_object = any(field.startswith(f"{receiver}.") for field, _ in offered)
    if dot and not is_object:
        offered += [(f"{receiver}.{name}(", "function") for name in _called(Form.METHOD)]
    if not dot:
        offered += [(f"{name}(", "function") for name in _called(Form.FUNCTION)]
        offered += [(word, "keyword") for word in _WORDS]
    return [(text, kind) for text, kind in offered if text.startswith(start)]


def _called(form: Form) -> list[str]:
    rows = (row for row in FUNCTIONS.values() if row.form is form)
    return sorted(row.name for row in rows if _WORD.fullmatch(row.name))
