"""Anything else as it is shown: a title and named values go in, a card comes out."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from segtoolkit.cards import blocks, theme


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
