"""``and`` and ``or``: nested ones of a kind are one, however deep real exports nest them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from segtoolkit.pql.json.document import Place
from segtoolkit.pql.nodes import Call, Expr

JOINING = ("and", "or")


def terms(place: Place) -> list[Place]:
    """Return the operands of the ``and`` or ``or`` at *place*, those of nested ones included."""
    name = joins(place)
    found, waiting = [], _params(place, levels=1)
    while waiting:
        term = waiting.pop()
        if joins(term) == name:
            waiting.extend(_params(term, levels=0))
        else:
            found.append(term)
    return found


def _params(place: Place, levels: int) -> list[Place]:
    """Return the operands of the call at *place*, last first."""
    place.kind()
    place.only("nodeType", "fnName", "params")
    return place.some("params", levels)[::-1]


def joins(place: Place) -> str | None:
    """Return ``and`` or ``or`` if this is one, in any case as row filters have it."""
    if not isinstance(place.value, Mapping) or place.value.get("nodeType") != "fnApply":
        return None
    name = place.value.get("fnName")
    lower = name.lower() if isinstance(name, str) else None
    return lower if lower in JOINING else None


def joined(name: str, operands: Iterable[Expr]) -> Expr:
    """Return the call of *name* on *operands*; a single one stands for itself."""
    flat: list[Expr] = []
    for operand in operands:
        match operand:
            case Call(nested, args) if nested == name:
                flat.extend(args)
            case _:
                flat.append(operand)
    return Call(name, tuple(flat)) if len(flat) > 1 else flat[0]
