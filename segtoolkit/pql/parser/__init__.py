"""Text to tree: a Pratt parser whose binding numbers are those of `functions.FUNCTIONS`.

`core` holds the loop and its two tables; `operands`, `operators`, `binders` and `events` hold what the
tables point to; `stream` hands out tokens and words the errors.
"""

from __future__ import annotations

from segtoolkit.pql.parser.core import parse

__all__ = ["parse"]
