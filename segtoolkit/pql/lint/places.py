"""Tree to places: every node with the names it can see and with what is above it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from segtoolkit.pql import nodes as n
from segtoolkit.pql.functions import FUNCTIONS
from segtoolkit.pql.lint.scope import Scope, item_of, type_of
from segtoolkit.pql.types import STRING, MapOf, Type


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A node where it stands; *above* is None for the whole expression."""

    node: n.Node
    scope: Scope
    above: Place | None = None

    @property
    def parent(self) -> n.Node | None:
        return None if self.above is None else self.above.node

    @property
    def is_negated(self) -> bool:
        """Whether the place is inside an odd number of ``not``."""
        odd, place = False, self.above
        while place is not None:
            odd ^= is_call(place.node, "not")
            place = place.above
        return odd


def is_call(node: n.Node | None, *names: str) -> bool:
    return isinstance(node, n.Call) and node.name in names


def walk(expr: n.Node, scope: Scope) -> Iterator[Place]:
    """Yield every place of *expr*, each before those below it."""
    waiting = [Place(expr, scope)]
    while waiting:
        place = waiting.pop()
        yield place
        below = [Place(node, scope, place) for node, scope in _below(place)]
        waiting.extend(reversed(below))


def is_whole(place: Place, name: str) -> bool:
    """Tell whether the place is an ``and`` (``or``) that is not part of a larger one."""
    return is_call(place.node, name) and not is_call(place.parent, name)


def terms_of(place: Place) -> Iterator[n.Expr]:
    """Yield the operands of the ``and`` or ``or`` of *place*, also of the same one inside it."""
    assert isinstance(place.node, n.Call)
    return terms(place.node)


def alternatives(place: Place) -> Iterator[n.Node]:
    """Yield the conditions of which one is enough: all of a whole ``or``, else that of *place*."""
    if is_whole(place, "or"):
        yield from terms_of(place)
    elif not is_call(place.parent, "or"):
        yield place.node


def terms(node: n.Call) -> Iterator[n.Expr]:
    """Yield the operands of an ``and`` or ``or``, also of the same operator inside it."""
    for arg in node.args:
        if isinstance(arg, n.Call) and arg.name == node.name:
            yield from terms(arg)
        else:
            yield arg


def _below(place: Place) -> Iterator[tuple[n.Node, Scope]]:
    scope = place.scope
    match place.node:
        case n.Filter(base, where):
            yield base, scope
            yield where, scope.inside(item_of(type_of(base, scope)))
        case n.Call(name, (receiver, body, *rest)) if FUNCTIONS[name].implicit:
            yield receiver, scope
            yield body, _in_body(body, scope, type_of(receiver, scope))
            yield from ((arg, scope) for arg in rest)
        case n.Chain(array, timestamp, elements):
            yield array, scope
            inside = scope.inside(item_of(type_of(array, scope)))
            yield from ((node, inside) for node in (timestamp, *elements))
        case n.Lambda(params, body) if place.above is None:
            yield body, scope.binding({params[0]: scope.profile})
        case n.Let(name, value, body):
            yield value, scope
            yield body, scope.binding({name: type_of(value, scope)})
        case _:
            yield from _below_binder(place.node, scope)


def _below_binder(node: n.Node, scope: Scope) -> Iterator[tuple[n.Node, Scope]]:
    match node:
        case n.Select(declarations) | n.Quantifier(_, declarations):
            yield from _declared(declarations, scope)
        case n.Aggregation(_, value, declarations):
            declared = list(_declared(declarations, scope))
            yield from declared
            if value is not None:
                yield value, declared[-1][1].binding(_variable(*declared[-1]))
        case n.Declaration(_, source, where):
            yield source, scope
            if where is not None:
                yield where, scope.binding(_variable(node, scope))
        case _:
            yield from ((part, scope) for part in _parts(node))


def _in_body(body: n.Expr, scope: Scope, receiver: Type) -> Scope:
    """Return the scope of what is asked of each item, or entry of a map."""
    item = receiver.value if isinstance(receiver, MapOf) else item_of(receiver)
    match body:
        case n.Lambda((param,)):
            return scope.binding({param: item})
        case n.Lambda((key, value)):
            return scope.binding({key: STRING, value: item})
        case _:
            return scope.inside(item)


def _declared(
    declarations: tuple[n.Declaration, ...], scope: Scope
) -> Iterator[tuple[n.Declaration, Scope]]:
    for declaration in declarations:
        yield declaration, scope
        scope = scope.binding(_variable(declaration, scope))


def _variable(declaration: n.Declaration, scope: Scope) -> dict[str, Type]:
    return {declaration.name: item_of(type_of(declaration.source, scope))}


def _parts(value: Any) -> Iterator[n.Node]:
    """Yield the nodes directly below a node, in the order of its fields."""
    for field in fields(value):
        yield from _nodes_in(getattr(value, field.name))


def _nodes_in(value: Any) -> Iterator[n.Node]:
    if isinstance(value, n.Node):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _nodes_in(part)
