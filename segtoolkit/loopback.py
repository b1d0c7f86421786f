"""Hosts that are this machine: a name or address goes in, whether nobody else hears it comes out."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Tell whether what is sent to *host* stays on this machine.

    >>> [
    ...     is_loopback(host)
    ...     for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "example.com")
    ... ]
    [True, True, True, False, False]
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
