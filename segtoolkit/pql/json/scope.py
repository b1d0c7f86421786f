"""What a place of the document can see, and how text says it.

JSON names every item by the variable of a lambda. Text does so only where it must: a field of the item
at hand is a bare name, one of an item further out has ``^`` before it, the item itself is ``this``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from segtoolkit.pql.json.document import Place
from segtoolkit.pql.nodes import Expr, Field, Name, Parameter, This, Up

PROFILE = Parameter(1)
EVENTS = "xEvent"


@dataclass(slots=True, eq=False)
class Item:
    """An item of a list, as the lambda over it sees it.

    Attributes:
        name: what text calls it, if it has to; None if text has no way to.
        is_named: whether it has to, which shows while the lambda's body is read.
    """

    name: str | None
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """The names in a document, of fields and of variables."""

    fields: frozenset[str]
    variables: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scope:
    """The names a place can see.

    Attributes:
        readers: how each kind of node is read.
        words: every name in the document.
        bound: by the name of a variable in JSON, what it stands for.
        items: those of the lambdas around, innermost last.
        variables: the names that hide a field of the same name in text.
    """

    readers: Mapping[str, Callable[[Place, Scope], Expr]]
    words: Words
    bound: Mapping[str, Item | Expr] = field(default_factory=dict)
    items: tuple[Item, ...] = ()
    variables: frozenset[str] = frozenset()

    def read(self, place: Place) -> Expr:
        """Read the node at *place*, which must be one that stands for a value."""
        kind = place.kind()
        if kind not in self.readers:
            raise place.wrong(f"a node `{kind}` does not belong here")
        return self.readers[kind](place, self)

    def declare(self, *names: str) -> Scope:
        """Return the scope inside what binds *names* in text as well."""
        bound = {**self.bound, **{name: Name(name) for name in names}}
        return replace(self, bound=bound, variables=self.variables.union(names))

    def standing_for(self, meanings: Mapping[str, Expr]) -> Scope:
        """Return the scope in which variables are but other spellings of *meanings*."""
        return replace(self, bound={**self.bound, **meanings})

    def inside(self, item: Item, variable: str | None = None) -> Scope:
        """Return the scope inside a lambda over *item*, which *variable* names in JSON."""
        bound = self.bound if variable is None else {**self.bound, variable: item}
        return replace(self, bound=bound, items=(*self.items, item))

    def without(self, variable: str) -> Scope:
        bound = {name: meaning for name, meaning in self.bound.items() if name != variable}
        return replace(self, bound=bound)

    def item(self, variable: str) -> Item:
        """Make the item that *variable* names; its name in text must not hide a field."""
        name = variable
        while name in self.words.fields or (
            name != variable and name in self.words.variables
        ):
            name += "_"
        return Item(name)

    def meaning(self, place: Place) -> Item | Expr:
        """Return what the variable at *place* stands for."""
        name = place.child("varName").name()
        if name not in self.bound:
            raise place.child("varName").wrong(f"there is no variable `{name}` here")
        return self.bound[name]

    def whole(self, place: Place, item: Item) -> Expr:
        return This() if item is self.items[-1] else _named(place, item)

    def field_of(self, place: Place, item: Item, name: str) -> Expr:
        levels = self.items[::-1].index(item)
        is_bare = name not in self.variables and name != EVENTS
        if levels == 0:
            return Name(name) if is_bare else Field(This(), name)
        return Up(levels, name) if is_bare else Field(_named(place, item), name)

    def field_of_profile(self, name: str) -> Expr:
        is_bare = name not in self.variables and (not self.items or name == EVENTS)
        return Name(name) if is_bare else Field(PROFILE, name)


def _named(place: Place, item: Item) -> Name:
    if item.name is None:
        raise place.wrong("text has no name for the event inside `when`")
    item.is_named = True
    return Name(item.name)


def words_of(root: Place) -> Words:
    """Collect the names in the document."""
    fields, variables = set[str](), set[str]()
    waiting = [root.value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, Mapping):
            fields.update(map(without_prefix, _strings(current.get("fieldName"))))
            variables.update(_strings(current.get("varName")))
            variables.update(_strings(current.get("varNames")))
            waiting.extend(current.values())
        elif isinstance(current, list | tuple):
            waiting.extend(current)
    return Words(frozenset(fields), frozenset(variables))


def _strings(value: object) -> Iterator[str]:
    among = value if isinstance(value, list | tuple) else (value,)
    return (each for each in among if isinstance(each, str))


def without_prefix(field_name: str) -> str:
    """Return *field_name* without the old prefix.

    >>> without_prefix("xdm:tags"), without_prefix("repo:createDate")
    ('tags', 'repo:createDate')
    """
    return field_name.removeprefix("xdm:")
