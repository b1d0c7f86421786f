"""How values look in a notebook: they go in, one line of text or a piece of HTML comes out.

All HTML here follows the theme, is escaped, has no script, and says UTC. Nothing is read for it: what is
not known yet is called unknown.
"""

from segtoolkit.cards.blocks import Html, faint, short_code, table
from segtoolkit.cards.definitions import (
    definition_card,
    definition_line,
    policy_card,
    policy_line,
)
from segtoolkit.cards.estimates import estimate_card
from segtoolkit.cards.expressions import expression_card
from segtoolkit.cards.things import thing_card
from segtoolkit.cards.words import share_text

__all__ = [
    "Html",
    "definition_card",
    "definition_line",
    "estimate_card",
    "expression_card",
    "faint",
    "policy_card",
    "policy_line",
    "share_text",
    "short_code",
    "table",
    "thing_card",
]
