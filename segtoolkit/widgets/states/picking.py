"""Rules put together by picking: a field, an operator and a value go in, PQL comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import reduce
from typing import Any, Literal, TypeAlias

from segtoolkit import pql
from segtoolkit.errors import ConfigError
from segtoolkit.pql.nodes import Call, Expr, Field, Name
from segtoolkit.pql.nodes import Literal as Constant
from segtoolkit.pql.types import Kind

Joint: TypeAlias = Literal["and", "or", "instead"]
JOINTS: tuple[Joint, ...] = ("and", "or", "instead")

_ANY = {"has a value": "{field}.isNotNull()", "has no value": "{field}.isNull()"}
_ORDERED = {
    "=": "{field} = {value}",
    "≠": "{field} != {value}",
    ">": "{field} > {value}",
    "≥": "{field} >= {value}",
    "<": "{field} < {value}",
    "≤": "{field} <= {value}",
}
_TEXT = {
    "=": "{field} = {value}",
    "≠": "{field} != {value}",
    "contains": "{field}.contains({value}, false)",
    "starts with": "{field}.startsWith({value}, false)",
    "ends with": "{field}.endsWith({value}, false)",
}
_TIME = {
    "in the last days": "{field} occurs <= {value} days before now",
    "longer ago than days": "{field} occurs > {value} days before now",
    "on or after": "{field} >= {value}",
    "before": "{field} < {value}",
}
# To be equal to a value one picks it; to contain a text one types it.
_OFFERED = ("=", "≠")
# By the kind of the field: what an operator is called, and the PQL that it stands for.
OPERATORS: Mapping[str, Mapping[str, str]] = {
    Kind.STRING: _TEXT | _ANY,
    Kind.INTEGER: _ORDERED | _ANY,
    Kind.DOUBLE: _ORDERED | _ANY,
    Kind.BOOLEAN: {"=": "{field} = {value}", **_ANY},
    Kind.TIME: _TIME | _ANY,
}


def takes_value(kind: str, operator: str) -> bool:
    return "{value}" in OPERATORS[kind][operator]


def clause(field: str, kind: str, operator: str, value: str = "") -> str:
    """Return the PQL that says *operator* of *field* and *value*, both as they were picked or typed.

    Raises:
        ConfigError: *value* is not what such a field is compared with.

    >>> clause("loyalty.points", "integer", "≥", "500")
    'loyalty.points >= 500'
    >>> clause("home.city", "string", "has no value")
    'home.city.isNull()'
    """
    template = OPERATORS[kind][operator]
    written = ""
    if takes_value(kind, operator):
        reads_days = kind == Kind.TIME and "days" in template
        read = _days if reads_days else _READERS[kind]
        try:
            written = read(value.strip())
        except ValueError as error:
            wanted = "a number of days, such as 30" if reads_days else _WANTED[kind]
            raise ConfigError(f"{value!r} is not {wanted}") from error
    text = template.format(field=_path(field), value=written)
    return pql.to_text(pql.parse(text))


def joined(text: str, joint: Joint, rule: str) -> str:
    """Return *text* and *rule* as one expression; an empty text leaves the rule alone.

    Raises:
        PQLError: *text* is not PQL.

    >>> joined("a = 1 or b = 2", "and", "c = 3")
    '(a = 1 or b = 2) and c = 3'
    """
    if joint == "instead" or not text.strip():
        return rule
    # More of the same needs no parentheses; where nothing else does, the printer drops them.
    is_same = isinstance(there := pql.parse(text), Call) and there.name == joint
    head = text if is_same else f"({text})"
    return pql.to_text(pql.parse(f"{head} {joint} ({rule})"))


def _path(field: str) -> str:
    first, *rest = field.split(".")
    named: Expr = Name(first)
    return pql.to_text(reduce(Field, rest, named))


def _number(text: str) -> str:
    number = float(text.replace(",", "").replace("_", ""))
    return pql.to_text(Constant(int(number) if number.is_integer() else number))


def _days(text: str) -> str:
    if (days := int(text)) < 0:
        raise ValueError(text)
    return str(days)


def _truth(text: str) -> str:
    if text.lower() not in {"true", "false"}:
        raise ValueError(text)
    return text.lower()


def _moment(text: str) -> str:
    datetime.fromisoformat(text)
    return pql.to_text(Constant(text))


_READERS: Mapping[str, Callable[[str], str]] = {
    Kind.STRING: lambda text: pql.to_text(Constant(text)),
    Kind.INTEGER: _number,
    Kind.DOUBLE: _number,
    Kind.BOOLEAN: _truth,
    Kind.TIME: _moment,
}
_WANTED: Mapping[str, str] = {
    Kind.STRING: "text",
    Kind.INTEGER: "a number, such as 500",
    Kind.DOUBLE: "a number, such as 9.5",
    Kind.BOOLEAN: "true or false",
    Kind.TIME: "a day, such as 2026-01-31",
}


class PickerState:
    """What is picked so far.

    Attributes:
        fields: the kinds of the fields there are, by dotted path.
        field, operator: those picked; None if there are no fields.
        typed: the value, as it was typed or picked.
        counts: how many profiles have which value of the field, as far as is known.
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = {name: kind for name, kind in fields.items() if kind in OPERATORS}
        self.field = next(iter(self.fields), None)
        self.operator = next(iter(self.operators), None)
        self.typed = ""
        self.counts: Mapping[str, int] = {}

    @property
    def kind(self) -> str:
        return self.fields[self.field] if self.field else Kind.STRING

    @property
    def operators(self) -> tuple[str, ...]:
        return tuple(OPERATORS[self.kind]) if self.field else ()

    @property
    def takes_value(self) -> bool:
        return self.operator is not None and takes_value(self.kind, self.operator)

    @property
    def offers(self) -> tuple[tuple[str, str], ...]:
        """The values to pick from, each with a label that says how many have it."""
        if self.operator not in _OFFERED:
            return ()
        return tuple(
            (f"{value} · {count:,}", value) for value, count in self.counts.items()
        )

    def pick_field(self, field: str) -> None:
        """Take *field*, and the first operator of its kind.

        Raises:
            ConfigError: there is no such field.
        """
        if field not in self.fields:
            raise ConfigError(f"there is no field {field!r} to pick")
        self.field, self.counts, self.typed = field, {}, ""
        self.operator = next(iter(self.operators))

    def pick_operator(self, operator: str) -> None:
        """Take *operator*.

        Raises:
            ConfigError: such a field has no such operator.
        """
        if operator not in self.operators:
            known = ", ".join(map(repr, self.operators))
            raise ConfigError(
                f"no operator {operator!r} for {self.field}; it is one of {known}"
            )
        self.operator = operator

    def take_counts(self, field: str, counts: Mapping[Any, int]) -> None:
        """Take in the values of *field*, unless another one was picked meanwhile."""
        if field == self.field:
            self.counts = {_spelled(value): count for value, count in counts.items()}
            self.typed = next(iter(self.counts), "")

    def rule(self) -> str:
        """Return what is picked as PQL.

        Raises:
            ConfigError: the value is not what such a field is compared with.
        """
        if self.field is None or self.operator is None:
            raise ConfigError("there is no field to pick")
        return clause(self.field, self.kind, self.operator, self.typed)


def _spelled(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)
