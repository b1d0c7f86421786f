"""What AEP's documents leave open about PQL, and what was chosen: rows to read, and nothing to run.

Each row has its cases in ``tests/engine/test_choices.py``: expressions, and the people they find.
"""

from __future__ import annotations

from segtoolkit.pql.choices.events import EVENTS
from segtoolkit.pql.choices.lists import LISTS
from segtoolkit.pql.choices.row import Choice
from segtoolkit.pql.choices.spelling import SPELLING
from segtoolkit.pql.choices.times import TIMES
from segtoolkit.pql.choices.values import VALUES

__all__ = ["CHOICES", "Choice"]

CHOICES: tuple[Choice, ...] = (*SPELLING, *VALUES, *LISTS, *TIMES, *EVENTS)
