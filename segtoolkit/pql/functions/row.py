"""The shape of the table: how a call is written in; its row, which says all there is to say, out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from segtoolkit import cards
from segtoolkit.pql.rules.site import Rule


class Form(Enum):
    """How a call is written."""

    INFIX = auto()  # a = b
    PREFIX = auto()  # not a, -a
    METHOD = auto()  # a.name(b)
    FUNCTION = auto()  # name(a, b)


OR, AND, NOT, COMPARISON, SUM, PRODUCT, NEGATION = range(1, 8)


@dataclass(frozen=True, slots=True, repr=False)
class Function:
    """One row of the table.

    Attributes:
        name: as in ``pql/json``.
        form: how it is written.
        least: fewest operands, receiver included.
        most: most operands; None for any number.
        implicit: whether the operand after the receiver sees the item's fields as bare names.
        binding: how tightly an infix or prefix operator binds; higher is tighter. A method that
            has one was an operator in old texts, and is still read as such.
        rule: what it means, as a function of its typed operands; None when it binds names or
            stands for itself, which is `resolve`'s business.
        usage: how it is written; an operand with a default may be left out.
        meaning: what it answers, also for null and for nothing at all, in plain words.
        example: an audience that uses it.
    """

    name: str
    form: Form
    least: int
    most: int | None
    implicit: bool = False
    binding: int = 0
    rule: Rule | None = None
    usage: str = ""
    meaning: str = ""
    example: str = ""

    def __repr__(self) -> str:
        return f"<Function {self.usage}>"

    def _repr_html_(self) -> str:
        return cards.function_card(self.name, self)


def called(
    usage: str,
    meaning: str,
    example: str,
    rule: Rule | None = None,
    *,
    implicit: bool = False,
    binding: int = 0,
) -> Function:
    """Return the row of a method or function: *usage* has its name and its operands.

    >>> row = called("text.contains(part, caseSensitive = true)", "…", "…")
    >>> row.name, row.form.name, row.least, row.most
    ('contains', 'METHOD', 2, 3)
    """
    found = _CALL.fullmatch(usage)
    assert found, usage
    receiver, name, listed = found.groups()
    operands = ([receiver] if receiver else []) + (listed.split(", ") if listed else [])
    any_number = _MORE in operands
    return Function(
        name,
        Form.METHOD if receiver else Form.FUNCTION,
        least=sum("=" not in operand and operand != _MORE for operand in operands),
        most=None if any_number else len(operands),
        implicit=implicit,
        binding=binding,
        rule=rule,
        usage=usage,
        meaning=meaning,
        example=example,
    )


def infix(
    usage: str, binding: int, meaning: str, example: str, rule: Rule | None = None
) -> Function:
    """Return the row of an operator between two operands, or more: *usage* has its name.

    >>> infix("a or b or …", OR, "…", "…").most is None
    True
    """
    return Function(
        usage.split()[1],
        Form.INFIX,
        least=2,
        most=None if _MORE in usage else 2,
        binding=binding,
        rule=rule,
        usage=usage,
        meaning=meaning,
        example=example,
    )


_CALL = re.compile(r"(?:(\w+)\.)?(\w+)\((.*)\)")
_MORE = "…"
