"""The shape of a choice: a question that AEP's documents leave open, and the answer given here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """One open question.

    Attributes:
        name: in kebab-case; the cases that show the choice go by it.
        question: what the documents leave open.
        choice: what holds here.
        because: what speaks for it; a whole sentence.
    """

    name: str
    question: str
    choice: str
    because: str
