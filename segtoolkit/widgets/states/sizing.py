"""What a sizer knows: text as it is typed, and answers as they come, go in; what to show comes out.

Answers come late, and in any order: each is asked for under a ticket, and only the newest ticket's
answers count.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from segtoolkit import pql
from segtoolkit.errors import APIError, PQLError, SegtoolkitError
from segtoolkit.models import Estimate, SegmentDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The size of *text*; *is_rough* if a better one is on its way."""

    text: str
    estimate: Estimate
    notes: tuple[str, ...] = ()
    is_rough: bool = False

    @property
    def line(self) -> str:
        """What to show of it; a sample's size is told from an exact one at sight."""
        if not self.is_rough:
            return str(self.estimate)
        return f"about {self.estimate}, from a sample of {self.estimate.rows_read or 0:,}"


class SizerState:
    """An expression as it stands, and what is known of it; whoever types and who answers may be threads.

    Attributes:
        text: the PQL.
        answer: the last one that came, which may be of an earlier text.
        fault: what is wrong with the text, with a caret under the place; empty if nothing is known to be.
        is_asking: whether an answer is on its way.
        definition: what the text was last saved as.
        news: what was done last.
        problem: what went wrong with that.
    """

    def __init__(self) -> None:
        self.text = ""
        self.answer: Answer | None = None
        self.fault = ""
        self.is_asking = False
        self.definition: SegmentDefinition | None = None
        self.news = ""
        self.problem = ""
        self._ticket = 0
        # Between the look at a ticket and what it entitles to, nobody may type.
        self._lock = threading.Lock()

    def take(self, text: str) -> int | None:
        """Take in *text*; return the ticket to ask for its size under, None if it cannot have one."""
        fault = _fault_of(text) if text.strip() else ""
        with self._lock:
            self.text, self.fault, self.news, self.problem = text, fault, "", ""
            self._ticket += 1
            self.is_asking = bool(text.strip()) and not fault
            return self._ticket if self.is_asking else None

    def wants(self, ticket: int) -> bool:
        """Tell whether an answer under *ticket* is still wanted."""
        return self.is_asking and ticket == self._ticket

    def drop(self) -> None:
        """Want no answer any more."""
        with self._lock:
            self.is_asking = False

    def take_answer(self, ticket: int, answer: Answer) -> None:
        with self._lock:
            if self.wants(ticket):
                self.answer = answer
                self.is_asking = answer.is_rough

    def take_refusal(self, ticket: int, error: Exception) -> None:
        fault = told(error)
        with self._lock:
            if self.wants(ticket):
                self.fault = fault
                self.is_asking = False

    @property
    def current(self) -> Answer | None:
        """The answer to the text as it stands; None if there is none yet."""
        is_current = self.answer is not None and self.answer.text == self.text
        return self.answer if is_current and not self.fault else None

    @property
    def is_saved(self) -> bool:
        return self.definition is not None and self.definition.expression.value == self.text


def told(error: Exception) -> str:
    """Return what to show of *error*: an expression's place, without the envelope that it came in."""
    match error:
        case APIError(message=str(message)) if "\n" in message:
            return message
        case SegtoolkitError():
            return str(error)
        case _:
            return f"{type(error).__name__}: {error}"


def _fault_of(text: str) -> str:
    try:
        pql.parse(text)
    except PQLError as error:
        return str(error)
    return ""
