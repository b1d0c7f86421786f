"""What names stand for in a place of an expression: an expression and its scope in, a type out.

Nothing is refused here. What a schema does not say, or no schema says, is an object of which nothing
is known; so one set of checks serves with and without a schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from segtoolkit.pql import nodes as n
from segtoolkit.pql.types import (
    BOOLEAN,
    DOUBLE,
    INTEGER,
    STRING,
    TIME,
    ListOf,
    MapOf,
    Schema,
    Struct,
    Type,
)

UNKNOWN = Struct(MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Event(Struct):
    """The object that an item of ``xEvent`` is, told apart from every other."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that can be seen.

    Attributes:
        names: the variables.
        items: what each filter around ranges over, the innermost last.
    """

    profile: Struct
    event: Event
    names: Mapping[str, Type] = field(default_factory=dict)
    items: tuple[Type, ...] = ()

    def binding(self, names: Mapping[str, Type]) -> Scope:
        return replace(self, names={**self.names, **names})

    def inside(self, item: Type) -> Scope:
        return replace(self, items=(*self.items, item))

    def lookup(self, name: str) -> Type:
        if name in self.names:
            return self.names[name]
        return self._field(0, name)

    def climb(self, levels: int, name: str) -> Type:
        """Return what ``^name`` is, *levels* filters further out."""
        return self._field(levels, name)

    def _field(self, levels: int, name: str) -> Type:
        if name == "xEvent":
            return ListOf(self.event)
        out = len(self.items) - 1 - levels
        return field_of(self.items[out] if out >= 0 else self.profile, name)


def outermost(schema: Schema | None) -> Scope:
    """Return the scope of a whole expression."""
    if schema is None:
        return Scope(UNKNOWN, Event(UNKNOWN.fields))
    return Scope(schema.profile, Event(schema.event.fields))


def type_of(expr: n.Node, scope: Scope) -> Type:
    """Return the type of *expr*; `UNKNOWN` where it cannot be told."""
    match expr:
        case n.Name(name):
            return scope.lookup(name)
        case n.Up(levels, name):
            return scope.climb(levels, name)
        case n.Parameter(1):
            return scope.profile
        case n.This() if scope.items:
            return scope.items[-1]
        case n.Field(base, name):
            return _type_of_member(type_of(base, scope), name, scope)
        case n.Filter(base):
            return _as_list(type_of(base, scope))
        case n.Call():
            return _type_of_call(expr, scope)
        case n.Select((declaration,)):
            return ListOf(item_of(type_of(declaration.source, scope)))
        case n.TimeWord() | n.CalendarUnit():
            return TIME
        case _:
            return UNKNOWN


def _type_of_member(base: Type, name: str, scope: Scope) -> Type:
    if name == "xEvent" and base == scope.profile:
        return ListOf(scope.event)
    return field_of(base, name)


# What XDM says of fields that every schema may have.
_STANDARD: Mapping[str, Type] = {
    "identityMap": MapOf(ListOf(UNKNOWN)),
    "productListItems": ListOf(UNKNOWN),
}


def field_of(type_: Type, name: str) -> Type:
    """Return the type of a field of an object, or of the path through a list of objects."""
    match type_:
        case Event() if name == "timestamp":
            return TIME
        case Struct(fields):
            return fields.get(name, _STANDARD.get(name, UNKNOWN))
        case ListOf(item):
            return ListOf(item_of(field_of(item, name)))
        case _:
            return UNKNOWN


def _as_list(type_: Type) -> Type:
    """Return the type of what is filtered, which is a list even if no schema says so."""
    return ListOf(UNKNOWN) if type_ == UNKNOWN else type_


def item_of(type_: Type) -> Type:
    """Return what a list is made of; anything else is made of itself."""
    return type_.item if isinstance(type_, ListOf) else type_


_KEEPS_TYPE = {"filter", "distinct", "topN", "bottomN", "intersection"}
_RESULTS: Mapping[str, Type] = {
    **dict.fromkeys(("count", "getMonth", "getYear", "getDayOfMonth"), INTEGER),
    **dict.fromkeys(("currentMonth", "currentYear", "currentDayOfMonth"), INTEGER),
    **dict.fromkeys(("sum", "average", "+", "-", "*", "/", "%", "negate"), DOUBLE),
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">=", "and", "or", "not"), BOOLEAN),
    "keys": ListOf(STRING),
    "date": TIME,
    "regexGroup": STRING,
}


def _type_of_call(call: n.Call, scope: Scope) -> Type:
    if call.name in _RESULTS:
        return _RESULTS[call.name]
    receiver = type_of(call.args[0], scope) if call.args else UNKNOWN
    match call.name, receiver:
        case name, _ if name in _KEEPS_TYPE:
            return _as_list(receiver)
        case "head", ListOf(item):
            return item
        case "get", MapOf(value):
            return value
        case "values", MapOf(value):
            return ListOf(value)
        case _:
            return UNKNOWN


def is_events(expr: n.Node, scope: Scope) -> bool:
    """Tell whether *expr* is the events of a profile, or some of them."""
    type_ = type_of(expr, scope)
    return isinstance(type_, ListOf) and isinstance(type_.item, Event)


def is_through_list(expr: n.Node, scope: Scope) -> bool:
    """Tell whether *expr* is a path that enters a list, so that it has many values."""
    while isinstance(expr, n.Field):
        expr = expr.base
        if isinstance(type_of(expr, scope), ListOf):
            return True
    return False


def is_event_time(occurs: n.Occurs, scope: Scope) -> bool:
    """Tell whether *occurs* asks when an event happened."""
    if occurs.timestamp is None:
        return bool(scope.items) and isinstance(scope.items[-1], Event)
    match occurs.timestamp:
        case n.Field(base, "timestamp"):
            return isinstance(item_of(type_of(base, scope)), Event)
        case n.Name("timestamp") if "timestamp" not in scope.names:
            return bool(scope.items) and isinstance(scope.items[-1], Event)
        case _:
            return False
