"""The service for other programs: the application behind a gateway, sandboxes and faults, on a socket."""

from __future__ import annotations

from segtoolkit.local.server.faults import Dropped, Faults, read_faults
from segtoolkit.local.server.gateway import Credentials, Gateway
from segtoolkit.local.server.sandboxes import Sandboxes
from segtoolkit.local.server.serving import is_loopback, make_server, serve

__all__ = [
    "Credentials",
    "Dropped",
    "Faults",
    "Gateway",
    "Sandboxes",
    "is_loopback",
    "make_server",
    "read_faults",
    "serve",
]
