"""The road to AEP: settings go in, a client that reaches the platform comes out."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from ssl import SSLContext
from urllib.parse import urlsplit

from segtoolkit import remote
from segtoolkit.client import Client
from segtoolkit.errors import ConfigError
from segtoolkit.jobs import Clock, SystemClock
from segtoolkit.settings import Settings
from segtoolkit.settings.reading import bare_token


def client_of_platform(settings: Settings, clock: Clock | None = None) -> Client:
    """Return a client of AEP; it has sent nothing yet. *clock* is the machine's if None.

    Raises:
        ConfigError: ``ca_bundle`` is not usable.
    """
    clock = clock or SystemClock()
    verify = remote.trusted(settings["ca_bundle"])
    retries = remote.Retries(budget_s=settings["retry_budget"])
    timeout_s = settings["timeout"]
    http = remote.platform_http(
        settings["base_url"],
        _tokens(settings, verify=verify, timeout_s=timeout_s, retries=retries, clock=clock),
        org=settings["org"],
        api_key=settings["api_key"] or settings["client_id"],
        sandbox=settings["sandbox"],
        verify=verify,
        timeout_s=timeout_s,
        retries=retries,
        clock=clock,
    )
    client = Client(
        http,
        clock=clock,
        name=f"{urlsplit(settings['base_url']).hostname}, sandbox {settings['sandbox']}",
        progress=settings["progress"],
        settings=settings,
        guards=settings["guards"],
    )
    # A cell that is run again drops its first client unclosed; its sockets must go too.
    weakref.finalize(client, http.close)
    return client


def _tokens(
    settings: Settings,
    *,
    verify: SSLContext,
    timeout_s: float,
    retries: remote.Retries,
    clock: Clock,
) -> remote.TokenSource:
    if settings["token"] is not None:
        given = settings["token"].reveal()
        if callable(given):
            return remote.AskedToken(lambda: _told_by(given))
        return remote.GivenToken(given)
    credential = remote.Credential(
        url=settings["ims_url"],
        client_id=settings["client_id"],
        client_secret=settings["client_secret"].reveal(),
        scopes=settings["scopes"],
    )
    return remote.credential_tokens(
        credential, verify=verify, timeout_s=timeout_s, retries=retries, clock=clock
    )


def _told_by(ask: Callable[[], str]) -> str:
    try:
        return bare_token(ask())
    except ValueError as error:
        raise ConfigError(f"what the function given as token returned {error}") from None
