"""What may come next: a place in an expression and what is known go in, names come out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from types import MappingProxyType
from typing import TypeAlias

from segtoolkit.magic.place import Place, chain_of
from segtoolkit.magic.scopes import Path, item_of, leaves, scope_of, type_of
from segtoolkit.pql import FUNCTIONS, to_text
from segtoolkit.pql.functions import Form
from segtoolkit.pql.nodes import Expr, Field, Name
from segtoolkit.pql.types import Kind, ListOf, MapOf, Scalar, Schema, Struct, Type
from segtoolkit.pql.words import RESERVED, UNITS

# A name, and what kind of thing it is.
Offer: TypeAlias = tuple[str, str]

_WORD = re.compile(r"\w+")
_WORDS = ("xEvent", "chain(", *sorted(RESERVED), *sorted(set(UNITS.values())))
_OF_CHAINS = ("WHAT(", "WHEN(", "COUNT(", "GAP(")


_NO_FIELDS = Schema(Struct(MappingProxyType({})))


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What is known of where an expression is for; each is read when it is needed.

    Attributes:
        schema: the fields; without any where another service has them.
        segments: ids of definitions.
        namespaces: of identities.
    """

    schema: Callable[[], Schema] = lambda: _NO_FIELDS
    segments: Callable[[], tuple[str, ...]] = tuple
    namespaces: Callable[[], tuple[str, ...]] = tuple


def names_at(place: Place, known: Vocabulary) -> list[Offer]:
    """Return what goes on from what is typed at *place*, with what kind of thing each is.

    >>> from segtoolkit.magic.place import place_of
    >>> names_at(place_of("homeAddress.city.startsW"), Vocabulary())
    [('homeAddress.city.startsWith(', 'function')]
    """
    offers = _quoted(place, known) if place.quoted is not None else _names(place, known)
    typed = place.typed
    return [(text, kind) for text, kind in offers if text.startswith(typed)]


def _quoted(place: Place, known: Vocabulary) -> Iterator[Offer]:
    """Yield what may be in a string: what it says depends on the call that it is in."""
    is_first = bool(place.around) and not place.before.strip()
    call = chain_of(place.around[-1][:-1]) if is_first else ""
    if call == "inSegment" or call.endswith("segmentMembership.get().get"):
        yield from ((segment, "segment") for segment in known.segments())
    elif call.endswith("identityMap.get"):
        yield from ((namespace, "namespace") for namespace in known.namespaces())
    elif call.endswith("segmentMembership.get"):
        yield "ups", "namespace"


def _names(place: Place, known: Vocabulary) -> Iterator[Offer]:
    schema = known.schema()
    here = scope_of(place.around, schema)
    receiver, dot, _ = place.chain.rpartition(".")
    if not dot:
        yield from ((path, "field") for path in sorted(map(_written, leaves(here))))
        yield from ((f"{name}(", "function") for name in _called(Form.FUNCTION))
        is_in_chain = any(opened.endswith("chain(") for opened in place.around)
        yield from ((word, "keyword") for word in _OF_CHAINS if is_in_chain)
        yield from ((word, "keyword") for word in _WORDS)
        return
    prefix = place.typed.rpartition(".")[0]
    prefix = f"{prefix}." if prefix else ""
    of = type_of(receiver, here, schema)
    if not isinstance(of, Struct):
        methods = _called(Form.METHOD, _receivers(of))
        yield from ((f"{prefix}{name}(", "function") for name in methods)
    members = sorted(map(_written_behind, leaves(item_of(of) or of)))
    yield from ((prefix + path, "field") for path in members)


def _written(path: Path) -> str:
    """Return *path* as PQL writes it, with back-ticks where a name needs them."""
    first: Expr = Name(path[0])
    return to_text(reduce(Field, path[1:], first))


def _written_behind(path: Path) -> str:
    """Return *path* as it is written behind a dot."""
    return _written(("x", *path)).removeprefix("x.")


def _receivers(of: Type | None) -> tuple[str, ...]:
    """Return what methods call their receiver that are for values of type *of*; all if it is unknown."""
    match of:
        case None:
            return ("text", "list", "map", "time", "value")
        case ListOf():
            return ("list", "value")
        case MapOf():
            return ("map", "value")
        case Scalar(Kind.STRING):
            return ("text", "value")
        case Scalar(Kind.TIME):
            return ("time", "value")
        case _:
            return ("value",)


def _called(form: Form, receivers: tuple[str, ...] = ()) -> list[str]:
    rows = (row for row in FUNCTIONS.values() if row.form is form)
    return sorted(
        row.name
        for row in rows
        if _WORD.fullmatch(row.name)
        and (not receivers or row.usage.partition(".")[0] in receivers)
    )
