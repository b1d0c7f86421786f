"""The remote road: HTTPS to the platform, with tokens that are renewed and failures that are repeated."""

from __future__ import annotations

from segtoolkit.remote.ims import Credential
from segtoolkit.remote.platform import credential_tokens, platform_http
from segtoolkit.remote.retry import Retries
from segtoolkit.remote.tls import trusted
from segtoolkit.remote.tokens import AskedToken, GivenToken, TokenSource

__all__ = [
    "AskedToken",
    "Credential",
    "GivenToken",
    "Retries",
    "TokenSource",
    "credential_tokens",
    "platform_http",
    "trusted",
]
