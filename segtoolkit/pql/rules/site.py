"""Where a call stands, and what its rule may ask about the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from segtoolkit.errors import PQLTypeError, PQLUnsupportedError
from segtoolkit.pql.typed import Row, Typed


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the text, the instant of evaluation, and what an engine knows or refuses.

    Attributes:
        regex_problem: says why a pattern cannot be run, or None.
        knows_segment: tells whether the definition of an audience is at hand.
    """

    text: str
    pos: int
    as_of: datetime
    profile: Row
    regex_problem: Callable[[str], str | None]
    knows_segment: Callable[[str], bool]

    def wrong(self, reason: str) -> PQLTypeError:
        return PQLTypeError(reason, self.text, self.pos)

    def unsupported(self, reason: str) -> PQLUnsupportedError:
        return PQLUnsupportedError(reason, self.text, self.pos)


Args: TypeAlias = tuple[Typed, ...]
Rule: TypeAlias = Callable[[Site, Args], Typed]
