"""An expression against declared schemas, without any data: refused or fine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from segtoolkit.pql.declared import OF_EVENTS, OF_PROFILES
from segtoolkit.pql.forms import with_text
from segtoolkit.pql.resolve import World, resolve
from segtoolkit.pql.types import Schema, Struct
from segtoolkit.pql.xdm import read_xdm

Document: TypeAlias = Mapping[str, Any] | str

_SOME_DAY = datetime(2024, 1, 1, tzinfo=UTC)


def check(expression: str, *, profile: Document, event: Document | None = None) -> None:
    """Refuse *expression* if it does not fit the XDM schemas, as AEP would.

    Args:
        expression: PQL, or ``pql/json`` in a string.
        profile: the JSON of the profiles' schema, as the Schema Registry gives it.
        event: that of the events' schema, if there is one.

    Raises:
        PQLError: the expression is wrong; with the position.
        DataError: a schema is.

    >>> schema = {
    ...     "properties": {"loyalty": {"properties": {"points": {"type": "integer"}}}}
    ... }
    >>> check("loyalty.points > 500", profile=schema)
    >>> check("loyalty.point > 500", profile=schema)
    Traceback (most recent call last):
    segtoolkit.errors.pql.PQLTypeError: there is no field `point`; did you mean `points`? (line 1, column 9)
      loyalty.point > 500
              ^
    """
    schema = Schema(_with(OF_PROFILES, profile), _with(OF_EVENTS, event))
    tree, text = with_text(expression)
    resolve(tree, World(schema, _SOME_DAY, knows_segment=lambda _: True), text)


def _with(own: Mapping[str, Any], document: Document | None) -> Struct:
    declared = {} if document is None else read_xdm(document).fields
    return Struct(MappingProxyType({**own, **declared}))
