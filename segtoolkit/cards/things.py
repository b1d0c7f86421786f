"""Anything else as it is shown: a title and named values go in, a card comes out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup

from segtoolkit.cards import blocks, theme
from segtoolkit.cards.words import one_line

_LONGEST = 200
_WITHIN = re.compile(r"(?<=[a-z])(?=[A-Z])")


def thing_card(
    kind: str,
    name: str,
    known: Mapping[str, object],
    *more: Markup,
    colour: str = theme.BLUE,
) -> str:
    """Return a card of what is *known* of a thing of that *kind*; what is None is unknown."""
    return blocks.card(
        blocks.line(blocks.bold(name), f" · {kind}" if kind else ""),
        blocks.facts(known) if known else Markup(),
        *more,
        colour=colour,
    )


class Thing:
    """A small value that shows itself: as its kind and a line, and as a card of what is known of it."""

    __slots__ = ()

    def _line(self) -> str:
        """Return in a few words which one it is."""
        raise NotImplementedError

    def _known(self) -> Mapping[str, object]:
        """Return what the card says besides; what is None is unknown."""
        return {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {one_line(self._line(), most=_LONGEST)}>"

    def _repr_html_(self) -> str:
        kind = _WITHIN.sub(" ", type(self).__name__).lower()
        return thing_card(kind, one_line(self._line(), most=_LONGEST), self._known())
