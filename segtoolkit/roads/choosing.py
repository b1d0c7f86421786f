"""Choose the road: settings of any source go in, a client of AEP or of local files comes out."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from segtoolkit.client import Client
from segtoolkit.client.guards import Guards
from segtoolkit.progress import ProgressChoice
from segtoolkit.roads.platform import client_of_platform
from segtoolkit.settings import Settings, resolve


def connect(  # noqa: PLR0913 - a notebook is set up by one call
    *,
    profile: str | None = None,
    config: str | Path | None = None,
    org: str | None = None,
    sandbox: str | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
    scopes: str | Sequence[str] | None = None,
    token: str | Callable[[], str] | None = None,
    api_key: str | None = None,
    base_url: str | None = None,
    ims_url: str | None = None,
    ca_bundle: str | Path | None = None,
    timeout: float | None = None,
    retry_budget: float | None = None,
    guards: Guards | bool | None = None,
    progress: ProgressChoice = None,
) -> Client:
    """Return a client of AEP, or of local files where the settings say so; nothing is sent yet.

    What is not given is looked for in the profile called *profile*, then in the environment, then
    in the profile that ``SEGTOOLKIT_PROFILE`` names, then in the profile ``default``. Each is a
    table of a TOML file. ``client.settings.explain()`` shows what applies, and where it came from.

    A profile with ``kind = "local"``, or ``SEGTOOLKIT_KIND=local``, evaluates here, as
    `connect_local` does: its ``store``, ``profiles``, ``events``, ``segments`` and so on are that
    function's arguments, and whatever concerns AEP is left aside.

    Args:
        profile: a table of the file of settings.
        config: that file, in place of ``SEGTOOLKIT_CONFIG`` and the one in the user's folder; or
            the JSON that the Adobe Developer Console downloads.
        org: the organisation, ``…@AdobeOrg``.
        sandbox: its name, not its title; ``prod`` unless given.
        client_id: of an OAuth Server-to-Server credential.
        client_secret: of that credential. Tokens are renewed by themselves.
        scopes: of that credential, as a list or between commas.
        token: in place of a credential; or a function that gives one, called before every request
            from whatever thread that is made in.
        api_key: the credential's client id, if it is only a token that is given.
        base_url: the platform's address, such as that of a stage or of ``segtoolkit serve``.
        ims_url: where tokens are asked for.
        ca_bundle: a PEM file of roots to trust besides the usual ones. Proxies are those of the
            environment. Certificates are always verified.
        timeout: seconds to wait for one answer.
        retry_budget: seconds for which a request that may be repeated is repeated; 0 is never.
        guards: ``"warn"`` (or True) tells before a job is submitted what is doubtful about it: more
            segments or more runs a day than may be evaluated on demand, or a production sandbox;
            ``"raise"`` refuses for it. Either reads one page of the listing first. Off unless given.
        progress: what waiting shows: ``"auto"``, ``"off"``, ``"log"`` or a function of the job.

    Raises:
        ConfigError: a setting is missing or not usable; the message says where it was looked for.

    >>> with connect(
    ...     org="1@AdobeOrg", sandbox="dev", token="secret", api_key="key"
    ... ) as client:
    ...     client.settings["sandbox"]
    'dev'
    """
    given = locals()
    arguments = {n: v for n, v in given.items() if n not in {"profile", "config"}}
    settings = resolve(arguments, os.environ, profile=profile, config=config)
    return _ROADS[settings["kind"]](settings)


def _local(settings: Settings) -> Client:
    from segtoolkit.roads.local import client_of_files  # noqa: PLC0415  (DuckDB)

    return client_of_files(settings)


_ROADS: dict[str, Callable[[Settings], Client]] = {
    "aep": client_of_platform,
    "local": _local,
}
