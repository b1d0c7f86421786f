"""Which client a cell means: the notebook's variables go in, one of them comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from IPython.core.error import UsageError

from segtoolkit.client import Client

_USUAL = "client"


def chosen(variables: Mapping[str, Any], name: str | None) -> Client:
    """Return the client in the variable *name*; without one, ``client``, or the only one there is.

    Raises:
        UsageError: there is none, or it cannot be told which.
    """
    if name is not None:
        if isinstance(found := variables.get(name), Client):
            return found
        raise UsageError(f"there is no client in a variable {name!r}")
    if isinstance(usual := variables.get(_USUAL), Client):
        return usual
    clients = {n: v for n, v in variables.items() if isinstance(v, Client) and n[0] != "_"}
    match len(set(map(id, clients.values()))):
        case 0:
            raise UsageError(
                "there is no client; make one: client = sg.connect_local(profiles=…), or sg.connect()"
            )
        case 1:
            return next(iter(clients.values()))
        case _:
            names = ", ".join(sorted(clients))
            raise UsageError(f"which client: {names}? Write --client VARIABLE")
