"""The way to the platform: addresses, names and tokens go in, an HTTP client that knows them comes out."""

from __future__ import annotations

import ssl
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import httpx

from segtoolkit import wire
from segtoolkit.loopback import is_loopback
from segtoolkit.remote.auth import BearerAuth
from segtoolkit.remote.clock import Clock
from segtoolkit.remote.ims import Credential, ask_for_token
from segtoolkit.remote.retry import ANY_NUMBER, RepeatingClient, Retries, platform_rule
from segtoolkit.remote.tokens import RenewedToken, TokenSource

# Whoever cannot be reached in ten seconds cannot be reached; an answer may take longer.
_MOST_CONNECTING_S = 10.0


def platform_http(  # noqa: PLR0913 - a connection has so many parts
    base_url: str,
    tokens: TokenSource,
    *,
    org: str,
    api_key: str,
    sandbox: str,
    verify: ssl.SSLContext,
    timeout_s: float,
    retries: Retries,
    clock: Clock,
) -> httpx.Client:
    """Return a client whose requests bear what the gateway asks for; it does nothing yet."""
    headers = {
        **_accepting(),
        # The published description asks for it on some calls that have no body as well.
        "Content-Type": "application/json",
        wire.API_KEY_HEADER: api_key,
        wire.ORGANISATION_HEADER: org,
        wire.SANDBOX_HEADER: sandbox,
    }
    return RepeatingClient(
        rule_of=platform_rule,
        retries=retries,
        clock=clock,
        base_url=base_url + wire.BASE_PATH,
        auth=BearerAuth(tokens),
        headers=headers,
        verify=verify,
        timeout=_timeout(timeout_s),
        trust_env=_may_be_proxied(base_url),
    )


def credential_tokens(
    credential: Credential,
    *,
    verify: ssl.SSLContext,
    timeout_s: float,
    retries: Retries,
    clock: Clock,
) -> TokenSource:
    """Return the tokens of *credential*, each asked for over a connection of its own.

    That is once a day, so that there is nothing to keep open, nor to close.
    """
    options: dict[str, Any] = {
        "headers": _accepting(),
        "verify": verify,
        "timeout": _timeout(timeout_s),
        "trust_env": _may_be_proxied(credential.url),
    }

    def ask(budget: Retries) -> wire.Token:
        with RepeatingClient(
            rule_of=lambda _: ANY_NUMBER, retries=budget, clock=clock, **options
        ) as http:
            return ask_for_token(http, credential)

    return RenewedToken(ask, retries, clock)


def _accepting() -> dict[str, str]:
    return {
        "Accept": "application/json",
        "User-Agent": f"segtoolkit/{version('segtoolkit')}",
    }


def _may_be_proxied(url: str) -> bool:
    # A proxy has another loopback address, and is not to hear credentials in the clear.
    return not is_loopback(urlsplit(url).hostname or "")


def _timeout(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=min(seconds, _MOST_CONNECTING_S))
