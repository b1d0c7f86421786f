"""What the names of a text stand for where every item has a variable, as in ``pql/json``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import count
from typing import TypeAlias

from segtoolkit.errors import PQLTypeError
from segtoolkit.pql.json.scope import EVENTS, PROFILE
from segtoolkit.pql.nodes import (
    Declaration,
    Expr,
    Lambda,
    Let,
    Name,
    Node,
    Parameter,
    This,
    Up,
)

# A variable of the JSON, or an input of the whole expression.
Variable: TypeAlias = Name | Parameter


@dataclass(frozen=True, slots=True)
class Spelling:
    """The names that a place in the tree can see.

    Attributes:
        taken: names that a new variable must not have.
        items: the profile, then the item of each filter around, innermost last.
        variables: what each variable of the text is called in JSON.
        timestamp: inside ``WHEN``, the variable of the event's timestamp.
    """

    taken: frozenset[str]
    items: tuple[Variable, ...] = (PROFILE,)
    variables: Mapping[str, Variable] = field(default_factory=dict)
    timestamp: Name | None = None

    def bind(self, meanings: Mapping[str, Variable]) -> Spelling:
        return replace(self, variables={**self.variables, **meanings})

    def declare(self, *names: str) -> Spelling:
        return self.bind({name: Name(name) for name in names})

    def fresh(self) -> Name:
        return Name(next(v for i in count() if (v := f"v{i}") not in self.taken))

    def inside(self, item: Name) -> Spelling:
        taken = self.taken | {item.name}
        return replace(self, taken=taken, items=(*self.items, item))

    def over_item(self, expr: Expr) -> tuple[Name, Expr, Spelling]:
        """Open the lambda, perhaps implicit, over an item: its variable, body, and scope."""
        item = self.fresh()
        match expr:
            case Lambda((name,), body):
                # The name is kept unless something else has it further in.
                if name not in bound_names(body):
                    item = Name(name)
                return item, body, self.inside(item).bind({name: item})
            case _:
                return item, expr, self.inside(item)

    def in_when(self) -> tuple[Name, Name, Spelling]:
        """Open a ``WHEN``: the variables of the timestamp and of the event, and its scope."""
        time = self.fresh()
        event = replace(self, taken=self.taken | {time.name}).fresh()
        inner = replace(self.inside(time), items=(*self.items, event), timestamp=time)
        return time, event, replace(inner, taken=inner.taken | {event.name})

    def meaning(self, expr: Name | This | Up) -> tuple[Variable, str | None]:
        """Return a variable, and the name of its field if *expr* is one."""
        match expr:
            case This():
                return self.items[-1], None
            case Name(name) if name in self.variables:
                return self.variables[name], None
            case Name(name):
                return PROFILE if name == EVENTS else self.items[-1], name
            case Up(levels, name):
                return self._climbed(levels).meaning(Name(name))

    def _climbed(self, levels: int) -> Spelling:
        if levels >= len(self.items):
            raise PQLTypeError(f"`{'^' * levels}` climbs out of the expression")
        return replace(self, items=self.items[: len(self.items) - levels])


def strings(expr: Expr) -> frozenset[str]:
    """Return every string in *expr*: names of fields and variables, and some that are none."""
    found = set[str]()
    for node in _walk(expr):
        for slot in fields(node):
            value = getattr(node, slot.name)
            among = value if isinstance(value, tuple) else (value,)
            found.update(each for each in among if isinstance(each, str))
    return frozenset(found)


def bound_names(expr: Expr) -> frozenset[str]:
    """Return the names that something inside *expr* binds."""
    found = set[str]()
    for node in _walk(expr):
        match node:
            case Lambda(params):
                found.update(params)
            case Let(name) | Declaration(name):
                found.add(name)
            case _:
                pass
    return frozenset(found)


def _walk(root: Node) -> Iterator[Node]:
    """Yield *root* and every node below it, in no order; any depth."""
    waiting: list[object] = [root]
    while waiting:
        current = waiting.pop()
        if isinstance(current, Node):
            yield current
            waiting.extend(getattr(current, slot.name) for slot in fields(current))
        elif isinstance(current, tuple):
            waiting.extend(current)
