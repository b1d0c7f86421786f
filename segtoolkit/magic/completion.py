"""Completion of PQL: what stands left of the cursor goes in, names that go on from it come out.

In cells of ``%%pql``, and in strings of Python that a client is given as PQL or as a segment.
"""

from __future__ import annotations

import re

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
from segtoolkit.magic.names import Offer, Vocabulary, names_at
from segtoolkit.magic.options import FLAGS, read_options
from segtoolkit.magic.place import place_of
from segtoolkit.magic.vocabulary import vocabulary_of

_FIRST_LINE = re.compile(r"\s*%%pql\b([^\n]*)")
_FLAG = re.compile(r"(?<!\S)--[\w-]*\Z")
_TEXT = r"""(?:"[^"\n]*"|'[^'\n]*')"""
_OPEN = r"""(?P<quote>\"{3}|'{3}|"|')(?P<inside>(?:(?!(?P=quote)).)*)\Z"""
_PQL_IN_PYTHON = re.compile(
    rf"\b(?P<client>\w+)\.(?:size\(|definitions\.(?:create|put)\(\s*{_TEXT}\s*,)\s*{_OPEN}",
    re.DOTALL,
)
_SEGMENT_IN_PYTHON = re.compile(
    r"\b(?P<client>\w+)\.(?:submit|submit_each|run|definitions\.get|local\.(?:audience|members|overlap))"
    rf"\(\[?\s*(?:{_TEXT}\s*,\s*)*{_OPEN}",
    re.DOTALL,
)


class Completions:
    """Offers fields, functions, words, segments and namespaces where PQL is written."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    @context_matcher(identifier="segtoolkit.pql")  # type: ignore[untyped-decorator]
    def offer(self, context: CompletionContext) -> SimpleMatcherResult:
        """Offer what goes on from where the cursor is; nothing where that is no PQL."""
        typed, offers = self._offers(_left_of(context))
        return {
            "completions": [SimpleCompletion(text, type=kind) for text, kind in offers],
            "matched_fragment": typed,
            "ordered": True,
            # What Python would offer here means nothing.
            "suppress": True,
        }

    def _offers(self, left: str) -> tuple[str, list[Offer]]:
        if (first := _FIRST_LINE.match(left)) is None:
            return self._offers_in_python(left)
        if first.end() == len(left):
            return _flags(first.group(1))
        typed, offers = self._offers_in_pql(left[first.end() + 1 :], first.group(1))
        # Where nothing is offered IPython offers names of Python; what is typed keeps them away.
        return typed, offers or [(typed, "text")]

    def _offers_in_python(self, left: str) -> tuple[str, list[Offer]]:
        if found := _PQL_IN_PYTHON.search(left):
            return self._offers_in_pql(found["inside"], _option(found))
        if found := _SEGMENT_IN_PYTHON.search(left):
            # A segment stands in such strings as it does in PQL.
            return self._offers_in_pql(f'inSegment("{found["inside"]}', _option(found))
        return "", []

    def _offers_in_pql(self, text: str, line: str) -> tuple[str, list[Offer]]:
        place = place_of(text)
        try:
            return place.typed, names_at(place, self._known(line))
        except SegtoolkitError:
            # Such as of a client that is closed; functions and words are known without one.
            return place.typed, names_at(place, Vocabulary())

    def _known(self, line: str) -> Vocabulary:
        variables = self._shell.user_ns
        try:
            return vocabulary_of(chosen(variables, read_options(line).client), variables)
        except UsageError:
            return Vocabulary()


def _option(found: re.Match[str]) -> str:
    return f"--client {found['client']}"


def _left_of(context: CompletionContext) -> str:
    lines = context.full_text.split("\n")[: context.cursor_line]
    return "\n".join([*lines, context.line_with_cursor[: context.cursor_position]])


def _flags(line: str) -> tuple[str, list[Offer]]:
    found = _FLAG.search(line)
    typed = found.group() if found else ""
    return typed, [(flag, "option") for flag in FLAGS if typed and flag.startswith(typed)]
