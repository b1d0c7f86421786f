"""What can be completed without anybody being asked: a client and variables go in, a vocabulary comes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from typing import Any

from segtoolkit.client import Client
from segtoolkit.errors import ConfigError
from segtoolkit.magic.names import Vocabulary
from segtoolkit.models import SegmentDefinition

# Namespaces that every organisation has.
_STANDARD = ("CORE", "ECID", "Email", "GAID", "IDFA", "Phone")


def vocabulary_of(client: Client, variables: Mapping[str, Any]) -> Vocabulary:
    """Return what *client*'s store has, or where that is another service's, what *variables* tell.

    A key that is pressed must not wait for a network.
    """
    try:
        local = client.local
    except ConfigError:
        return Vocabulary(
            segments=lambda: _ids(_definitions(variables)), namespaces=lambda: _STANDARD
        )
    return Vocabulary(
        schema=local.schema,
        segments=lambda: _ids(client.definitions.list()),
        namespaces=local.namespaces,
    )


def _ids(definitions: Iterable[SegmentDefinition]) -> tuple[str, ...]:
    return tuple(sorted({definition.id for definition in definitions}))


def _definitions(variables: Mapping[str, Any]) -> Iterator[SegmentDefinition]:
    for value in list(variables.values()):
        several = value if isinstance(value, list | tuple) else [value]
        # No further than to the first of something else: there are lists of millions.
        yield from takewhile(lambda one: isinstance(one, SegmentDefinition), several)
