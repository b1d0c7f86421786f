"""Whom to trust: a file of further roots goes in, a TLS context that verifies comes out."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx

from segtoolkit.errors import ConfigError


def trusted(ca_bundle: Path | None) -> ssl.SSLContext:
    """Return a context that trusts the usual roots, and those in *ca_bundle* as well.

    Raises:
        ConfigError: the file cannot be read, or holds no certificate.
    """
    context = httpx.create_ssl_context()
    if ca_bundle is None:
        return context
    try:
        context.load_verify_locations(cafile=ca_bundle)
    except ssl.SSLError as error:
        raise ConfigError(
            f"ca_bundle {ca_bundle} holds no certificates in PEM form: {error.reason}"
        ) from error
    except OSError as error:
        raise ConfigError(
            f"ca_bundle {ca_bundle} cannot be read: {error.strerror}"
        ) from error
    return context
