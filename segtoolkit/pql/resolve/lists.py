"""Lists, and events taken as lists: filter and transform them where it costs least.

What only asks about an event itself goes to the events, before they are gathered into a list.
"""

from __future__ import annotations

from segtoolkit.pql.rules.operands import is_known_null, op
from segtoolkit.pql.trees import all_of, conjuncts, rows_of, walk, with_row
from segtoolkit.pql.typed import (
    EVENT,
    PROFILE,
    TRUE,
    Aggregate,
    Const,
    Each,
    Events,
    Keep,
    Path,
    Row,
    Typed,
)
from segtoolkit.pql.types import ListOf


def as_list(node: Typed) -> Typed:
    """Return events and paths through lists as plain, flat lists; any other value as it is."""
    match node:
        case Events(where):
            return Aggregate("list", where, None, node.type)
        case Path(source, item, inner):
            return flat(each(as_list(source), item, as_list(inner)))
        case _:
            return node


def flat(node: Typed) -> Typed:
    match node.type:
        case ListOf(ListOf() as inner):
            return op("flatten", (node,), inner)
        case _:
            return node


def keep(source: Typed, item: Row, where: Typed) -> Typed:
    """Keep the items of *source* for which *where* holds."""
    if is_known_null(source) or where == TRUE:
        return source
    if isinstance(source, Events):
        if all(is_about_event(part, item) for part in conjuncts(where)):
            return _among(source, item, conjuncts(where))
        source = as_list(source)
    if not isinstance(source, Aggregate) or source.value is not None:
        return Keep(source, item.name, where, source.type)
    parts = conjuncts(where)
    early = tuple(part for part in parts if is_about_event(part, item))
    late = tuple(part for part in parts if part not in early)
    events = Events(source.where, source.type)
    gathered = as_list(_among(events, item, early))
    return Keep(gathered, item.name, all_of(late), source.type) if late else gathered


def _among(events: Events, item: Row, parts: tuple[Typed, ...]) -> Events:
    event = Row(EVENT, item.type)
    own = tuple(with_row(part, item.name, event) for part in parts)
    return Events(all_of((*conjuncts(events.where), *own)), events.type)


def each(source: Typed, item: str, value: Typed) -> Typed:
    """Return *value* for every item of *source*, a list."""
    type_ = ListOf(value.type)
    if is_known_null(source):
        return Const(None, type_)
    if isinstance(value, Row) and value.name == item:
        return source
    if isinstance(source, Aggregate) and source.value is None:
        assert isinstance(source.type, ListOf)
        if is_about_event(value, Row(item, source.type.item)):
            own = with_row(value, item, Row(EVENT, source.type.item))
            return Aggregate("list", source.where, own, type_)
    return Each(source, item, value, type_)


def is_about_event(node: Typed, item: Row) -> bool:
    """Tell whether *node* can be asked of an event alone, called *item*."""
    if not rows_of(node) <= {item.name, PROFILE}:
        return False
    return not any(isinstance(part, Aggregate) for part in walk(node))
