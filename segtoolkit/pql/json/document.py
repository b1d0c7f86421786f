"""A document to places: JSON decoded, and each value in it with the path that errors name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

from segtoolkit.errors import PQLSyntaxError
from segtoolkit.pql.depth import DEEPEST, make_room, with_room
from segtoolkit.pql.json.shapes import SHAPES

# One more than in texts, for the lookups that are bare names there.
_DEEPEST = DEEPEST + 1
_LONGEST_PATH = 160
_MOST_DECODINGS = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A value of the document, and where it lies.

    Attributes:
        depth: how many levels of the tree it is below the whole.
    """

    value: Any
    key: str | int = "$"
    parent: Place | None = None
    depth: int = 0

    @property
    def path(self) -> str:
        """The way to here, as in ``$.params[1].value``; the middle of a very long one is cut."""
        steps, place = [], self
        while place.parent is not None:
            steps.append(_step(place.key))
            place = place.parent
        path = "$" + "".join(reversed(steps))
        if len(path) <= _LONGEST_PATH:
            return path
        return f"{path[:40]}…{path[40 - _LONGEST_PATH :]}"

    def wrong(self, reason: str) -> PQLSyntaxError:
        return PQLSyntaxError(f"At {self.path}: {reason}")

    def kind(self) -> str:
        """Return the ``nodeType`` of the node here, whose fields are those of that type."""
        self.check_depth()
        if not isinstance(self.value, Mapping):
            raise self.wrong(f"a node is needed here, found {shown(self.value)}")
        if "nodeType" not in self.value:
            raise self.wrong("the node has no `nodeType`")
        kind = self.child("nodeType").one_of(SHAPES, "nodeType")
        shape = SHAPES[kind]
        self.need(*shape.needed)
        self.only("nodeType", *shape.needed, *shape.optional)
        return kind

    def expect(self, kind: str) -> Place:
        """Return this place, which must be a node of *kind*."""
        if (found := self.kind()) != kind:
            raise self.wrong(f"a node `{kind}` is needed here, found `{found}`")
        return self

    def check_depth(self) -> None:
        make_room(self.depth)
        if self.depth > _DEEPEST:
            raise self.wrong(f"the expression is nested deeper than {_DEEPEST - 1} levels")

    def need(self, *keys: str) -> None:
        for key in keys:
            if key not in self.value:
                raise self.wrong(f"the field `{key}` is missing")

    def only(self, *keys: str) -> None:
        """Refuse further fields: ignored, they could change what the expression means."""
        for key in self.value:
            if key not in keys:
                known = ", ".join(f"`{k}`" for k in keys)
                raise Place(self.value[key], str(key), self).wrong(
                    f"the field {shown(key)} is unknown here; known are {known}"
                )

    def object_with(self, *keys: str) -> None:
        """Refuse anything but an object of *keys*."""
        if not isinstance(self.value, Mapping):
            raise self.wrong(f"an object is needed here, found {shown(self.value)}")
        self.need(*keys)
        self.only(*keys)

    def has(self, key: str) -> bool:
        return key in self.value

    def child(self, key: str, levels: int = 1) -> Place:
        return Place(self.value[key], key, self, self.depth + levels)

    def children(self, key: str, levels: int = 1) -> list[Place]:
        return self.child(key, levels).items()

    def some(self, key: str, levels: int = 1) -> list[Place]:
        """Return the places in the list at *key*, which must not be empty."""
        found = self.children(key, levels)
        if not found:
            raise self.child(key).wrong("the list is empty")
        return found

    def items(self, levels: int = 0) -> list[Place]:
        if not isinstance(self.value, list | tuple):
            raise self.wrong(f"a list is needed here, found {shown(self.value)}")
        depth = self.depth + levels
        return [Place(item, i, self, depth) for i, item in enumerate(self.value)]

    def text(self, what: str = "a string") -> str:
        if not isinstance(self.value, str):
            raise self.wrong(f"{what} is needed here, found {shown(self.value)}")
        return self.value

    def name(self) -> str:
        if not (name := self.text("a name")):
            raise self.wrong("the name is empty")
        return name

    def one_of(self, known: Mapping[str, Any], what: str) -> str:
        """Return the string here, which must be a key of *known*."""
        text = self.text(f"a {what}")
        if text in known:
            return text
        raise self.wrong(f"there is no {what} {shown(text)}{nearest(text, known)}")


def opened(document: str | Mapping[str, Any]) -> Place:
    """Return the root of *document*: a mapping, its JSON, or that JSON once more in a string."""
    value: Any = document
    for _ in range(_MOST_DECODINGS):
        if isinstance(value, str):
            value = _decoded(value)
    if isinstance(value, Mapping) and "nodeType" in value:
        return Place(value)
    found = "an object without it" if isinstance(value, Mapping) else shown(value)
    raise PQLSyntaxError(f"pql/json is an object with a `nodeType`, found {found}")


def _decoded(text: str) -> Any:
    try:
        return with_room(lambda: json.loads(text, parse_constant=_refuse, parse_int=_whole))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        reason = f"The expression is not JSON ({error.msg}, {place}); is it pql/text?"
        raise PQLSyntaxError(reason) from error
    except RecursionError as error:
        raise PQLSyntaxError("The JSON is nested too deeply") from error


def _refuse(constant: str) -> NoReturn:
    raise PQLSyntaxError(f"JSON has no number `{constant}`")


def _whole(digits: str) -> int:
    # Python refuses to convert thousands of digits; twenty are too many for 64 bits.
    if len(digits) > 20:
        raise PQLSyntaxError(f"The integer `{digits[:20]}…` does not fit in 64 bits")
    return int(digits)


def nearest(text: str, known: Iterable[str]) -> str:
    """Suggest the one of *known* that *text* may be meant to be, if there is one."""
    near = get_close_matches(text[:40], known, n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


def shown(value: object, most: int = 40) -> str:
    """Show *value* in an error message: scalars as JSON, cut where they are long."""
    match value:
        case None | bool():
            return f"`{json.dumps(value)}`"
        case str():
            return f"`{value if len(value) <= most else value[: most - 1] + '…'}`"
        case int() if value.bit_length() > 64:
            return "an integer that does not fit in 64 bits"
        case int() | float():
            return f"`{value}`"
        case Mapping():
            return "an object"
        case list() | tuple():
            return "a list"
        case _:
            return f"a Python {type(value).__name__}"


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if key.isidentifier() else f"[{json.dumps(key[:40])}]"
