"""A schema document to places: each node with its JSON pointer, and what references lead to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from urllib.parse import unquote

from segtoolkit.errors import DataError

Pointer: TypeAlias = tuple[str, ...]

REMEDY = (
    "export the full schema, with the header `Accept: application/vnd.adobe.xed-full+json; "
    "version=1`"
)
# A schema in AEP has some thousand fields in a dozen levels. More is a mistake, or references
# that multiply each other.
_MOST_NODES = 100_000
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Whole:
    """The document.

    Attributes:
        by_id: where the schema of each ``$id`` is.
        left: how many nodes may still be read.
    """

    root: Mapping[str, Any]
    by_id: Mapping[str, Pointer]
    left: Iterator[int]


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the document.

    Attributes:
        base: where the schema begins in which a reference ``#/…`` is meant.
        within: what the references led to that were followed to here.
        depth: how many schemas it lies in, those that were referred to included.
    """

    node: Any
    whole: Whole
    pointer: Pointer = ()
    base: Pointer = ()
    within: frozenset[Pointer] = frozenset({()})
    depth: int = 0

    def child(self, *keys: str) -> Place:
        """Return the place that *keys* lead to, one schema deeper."""
        node, pointer, base = self.node, self.pointer, self.base
        for key in keys:
            node = node[int(key) if isinstance(node, list) else key]
            pointer = (*pointer, key)
            base = base if _id_of(node) is None else pointer
        return Place(node, self.whole, pointer, base, self.within, self.depth + 1)

    def children(self, key: str) -> list[Place]:
        """Return the places in the list under *key*."""
        parts = self.node[key]
        if not isinstance(parts, list):
            raise self.wrong(f"`{key}` must be a list, found {shown(parts)}")
        return [self.child(key, str(number)) for number in range(len(parts))]

    def target(self, name: str) -> Place:
        """Return the place that the reference *name* leads to from here."""
        schema, _, inside = name.partition("#")
        start = self.whole.by_id.get(schema) if schema else self.base
        if start is None:
            raise self.wrong(f"the reference {name!r} leads out of the document; {REMEDY}")
        try:
            found = Place(self.whole.root, self.whole).child(*start, *_steps(inside))
        except (LookupError, TypeError, ValueError) as cause:
            raise self.wrong(f"the reference {name!r} leads nowhere; {REMEDY}") from cause
        within = self.within | {found.pointer}
        return replace(found, within=within, depth=self.depth + 1)

    def check(self) -> None:
        """Refuse a node that is no schema, lies too deep, or is one too many."""
        if next(self.whole.left, None) is None:
            raise self.wrong(f"there are more than {_MOST_NODES:,} fields; {REMEDY}")
        if self.depth > _DEEPEST:
            raise _too_deep(self.pointer)
        if not isinstance(self.node, Mapping | bool):
            raise self.wrong(f"a schema is an object, found {shown(self.node)}")

    def wrong(self, reason: str) -> DataError:
        return _wrong(self.pointer, reason)


def opened(document: Mapping[str, Any] | str) -> Place:
    """Return the place of the whole schema.

    Raises:
        DataError: *document* is no JSON object.
    """
    root = decoded(document)
    return Place(root, Whole(root, _schemas(root), iter(range(_MOST_NODES))))


def decoded(document: Mapping[str, Any] | str) -> Mapping[str, Any]:
    try:
        root = json.loads(document) if isinstance(document, str) else document
    except json.JSONDecodeError as cause:
        place = f"line {cause.lineno}, character {cause.colno}"
        raise DataError(f"the XDM schema is not JSON: {cause.msg}, at {place}") from cause
    except (ValueError, RecursionError) as cause:
        raise DataError(f"the XDM schema is no JSON that can be read: {cause}") from cause
    if not isinstance(root, Mapping):
        raise _wrong((), f"one schema is needed, an object; found {shown(root)}")
    return root


def shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _schemas(root: Mapping[str, Any]) -> dict[str, Pointer]:
    """Return the place of each schema by its ``$id``; the outermost of those that share one."""
    found: dict[str, Pointer] = {}
    level: list[tuple[Any, Pointer]] = [(root, ())]
    while level:
        if len(level[0][1]) > _DEEPEST:
            raise _too_deep(level[0][1])
        for node, at in level:
            if name := _id_of(node):
                found.setdefault(name, at)
        level = [(below, (*at, key)) for node, at in level for key, below in _members(node)]
    return found


def _members(node: Any) -> Iterable[tuple[str, Any]]:
    match node:
        case Mapping():
            return node.items()
        case list():
            return ((str(number), inner) for number, inner in enumerate(node))
        case _:
            return ()


def _id_of(node: Any) -> str | None:
    name = node.get("$id") if isinstance(node, Mapping) else None
    return name.rstrip("#") if isinstance(name, str) else None


def _steps(pointer: str) -> list[str]:
    """Return the names in what follows the ``#`` of a reference.

    >>> _steps("/definitions/a~1b")
    ['definitions', 'a/b']
    """
    steps = unquote(pointer).split("/")[1:]
    return [step.replace("~1", "/").replace("~0", "~") for step in steps]


def _too_deep(pointer: Pointer) -> DataError:
    below = _written(pointer[:8])
    return _wrong(pointer[:8], f"{below} is nested deeper than {_DEEPEST} levels; {REMEDY}")


def _wrong(pointer: Pointer, reason: str) -> DataError:
    where = _written(pointer)
    return DataError(f"the XDM schema is wrong at {where}: {reason}", field=where)


def _written(pointer: Pointer) -> str:
    steps = (step.replace("~", "~0").replace("/", "~1") for step in pointer)
    return "/".join(("#", *steps))
