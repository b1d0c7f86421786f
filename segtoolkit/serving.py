"""The command ``segtoolkit serve``: options in; the local service on a socket, until it is told to stop.

The address goes to stdout, everything else to stderr.
"""

from __future__ import annotations

import argparse
import logging
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from segtoolkit.console import DONE, tell
from segtoolkit.errors import ConfigError

if TYPE_CHECKING:
    from segtoolkit.local.server import Credentials, Sandboxes

_ABOUT = """\
Serve the segmentation API of Adobe Experience Platform from local data, for any client of it: base path
/data/core/ups, tokens at /ims/token/v3, described at /openapi.json. The first line on stdout is
`Serving on http://HOST:PORT`. Each sandbox that a call names has a store of its own. SIGTERM and Ctrl-C
stop it; jobs that have not ended become FAILED. SEGTOOLKIT_SERVE_TOKEN, SEGTOOLKIT_SERVE_CLIENT_ID and
SEGTOOLKIT_SERVE_CLIENT_SECRET stand for the options of these names, which all users of a machine can see."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.description = _ABOUT
    about = "NDJSON (also .gz) or Parquet, or globs of them"
    for kind, what in (("profiles", "XDM profiles"), ("events", "experience events")):
        parser.add_argument(f"--{kind}", nargs="+", metavar="FILE", help=f"{what}: {about}")
    add = parser.add_argument
    add(
        "--store",
        type=Path,
        metavar="FILE.duckdb",
        help="keep everything here; without it, nothing is kept",
    )
    add("--sandbox", default="prod", metavar="NAME", help="that the data belongs to; prod")
    add("--export-folder", type=Path, metavar="DIR", help="where exports are written")
    add("--host", default="127.0.0.1", help="127.0.0.1, which only this machine reaches")
    add("--port", type=_port, default=0, help="0, which is any that is free")
    add(
        "--token",
        default=_variable("TOKEN"),
        help="that calls must bring; without it and without a client, one is made and told",
    )
    add(
        "--client-id",
        default=_variable("CLIENT_ID"),
        metavar="ID",
        help="of a client that may ask for the token; its key",
    )
    add(
        "--client-secret",
        default=_variable("CLIENT_SECRET"),
        metavar="SECRET",
        help="of that client",
    )
    add(
        "--paging",
        choices=("offset", "page", "cursor"),
        default="offset",
        help="what `start` counts in listings: clients of the platform meet all three",
    )
    add(
        "--fault",
        metavar="KIND:SHARE,…",
        default="",
        help="fail on purpose: an HTTP status, reset (no answer; every other call is carried out) "
        "or slow (a second late), such as 503:0.1,429:0.05,reset:0.02,slow:0.1",
    )
    add("--seed", type=int, metavar="N", help="the same faults again for the same calls")


def _variable(name: str) -> str | None:
    # A CI system hands over a secret that is not there as an empty text.
    return os.environ.get(f"SEGTOOLKIT_SERVE_{name}") or None


def run_server(options: argparse.Namespace) -> int:
    """Serve until told to stop; return the exit status.

    Raises:
        ConfigError: an option contradicts another, or the address cannot be had.
        DataError: an input is not what it should be.
        StoreError: the store cannot be opened.
    """
    # Flask and DuckDB
    from segtoolkit.local.app import Paging  # noqa: PLC0415
    from segtoolkit.local.server import (  # noqa: PLC0415
        Faults,
        Gateway,
        Sandboxes,
        is_loopback,
        read_faults,
        serve,
    )

    credentials, shares = _credentials(options), read_faults(options.fault)
    sandboxes = Sandboxes(
        options.sandbox,
        options.store,
        paging=Paging(options.paging),
        export_folder=options.export_folder,
    )
    with closing(sandboxes):
        _load(sandboxes, options)
        if not is_loopback(options.host):
            tell(
                f"segtoolkit: warning: {options.host} can be reached from other machines; tokens "
                "and profiles travel unencrypted"
            )
        if options.token is None and options.client_id is None:
            tell(f"token: {credentials.token}")
        # That calls wait for each other is no news to somebody who tries out a client.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        app = Faults(sandboxes, shares, options.seed) if shares else sandboxes
        serve(Gateway(app, credentials), options.host, options.port, ready=_announce)
    return DONE


def _credentials(options: argparse.Namespace) -> Credentials:
    from segtoolkit.local.server import Credentials  # noqa: PLC0415  (Flask)

    if (options.client_id is None) != (options.client_secret is None):
        raise ConfigError("a client has an id and a secret; give both or neither")
    for name in ("token", "client_id", "client_secret"):
        if getattr(options, name) == "":
            option = "--" + name.replace("_", "-")
            raise ConfigError(f"{option} is empty, which would let everybody in")
    client = {
        "client_id": options.client_id,
        "client_secret": options.client_secret,
    }
    if options.token is None:
        return Credentials(**client)
    return Credentials(token=options.token, **client)


def _load(sandboxes: Sandboxes, options: argparse.Namespace) -> None:
    for kind in ("profiles", "events"):
        if files := getattr(options, kind):
            tell(sandboxes.first.load(files, kind=kind))


def _announce(address: str) -> None:
    print(f"Serving on {address}", flush=True)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text[:6]) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, 0 to 65535")
    return int(text)
