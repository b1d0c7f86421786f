"""The segmentation API on a socket of this machine: profiles go in, what connects to it comes out."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from segtoolkit.cards import Thing
from segtoolkit.client import Client
from segtoolkit.jobs import Clock, SystemClock
from segtoolkit.local.server import Credentials, Gateway, Sandboxes
from segtoolkit.roads.platform import client_of_platform
from segtoolkit.settings.resolving import resolve
from segtoolkit.testing.faults import Fault, Script

_SANDBOX, _ORG = "prod", "sample@AdobeOrg"


class SampleServer(Thing):
    """AEP's segmentation API, served from a store of this process that is gone with it.

    Attributes:
        url: the address; the API is below ``/data/core/ups``.
        token: that calls must bring.
    """

    def __init__(self, url: str, token: str, script: Script, clients: ExitStack) -> None:
        self.url = url
        self.token = token
        self._script = script
        self._clients = clients

    def _line(self) -> str:
        return self.url

    def _known(self) -> Mapping[str, object]:
        return {
            "calls so far": len(self.calls),
            "the last one": "".join(self.calls[-1:]) or "none",
        }

    @property
    def calls(self) -> tuple[str, ...]:
        """What came so far, such as ``GET /data/core/ups/segment/jobs``, without queries."""
        return self._script.calls

    @property
    def environment(self) -> dict[str, str]:
        """The settings that make ``segtoolkit.connect()`` come here, as environment variables."""
        return {f"SEGTOOLKIT_{k.upper()}": v for k, v in self._settings.items()}

    def fail(self, *faults: Fault | int | str) -> None:
        """Have the next calls meet *faults*, in that order: see `Fault`, or its *kind* alone.

        Raises:
            ConfigError: there is no such fault.
        """
        self._script.add(faults)

    def connect(self, clock: Clock | None = None) -> Client:
        """Return a client of this server, which is closed together with it.

        Args:
            clock: how it waits and repeats; the machine's if None.
        """
        settings = resolve(self._settings, {}, profile=None, config=None)
        client = client_of_platform(settings, clock or SystemClock())
        return self._clients.enter_context(client)

    @property
    def _settings(self) -> dict[str, Any]:
        return {
            "base_url": self.url,
            "token": self.token,
            "api_key": "sample",
            "org": _ORG,
            "sandbox": _SANDBOX,
            "progress": "off",
        }


@contextmanager
def serving(profiles: Any = None, events: Any = None) -> Iterator[SampleServer]:
    """Serve the segmentation API over *profiles* and *events*, as `segtoolkit.connect_local` takes them.

    >>> with serving([{"_id": "ann"}, {"_id": "bob"}]) as server:
    ...     server.fail(503)
    ...     server.connect().size("true").size
    2
    """
    credentials = Credentials()
    with closing(Sandboxes(_SANDBOX)) as sandboxes, ExitStack() as clients:
        if profiles is not None:
            sandboxes.first.load(profiles, kind="profiles")
        if events is not None:
            sandboxes.first.load(events, kind="events")
        script = Script(sandboxes)
        with _on_loopback(Gateway(script, credentials)) as url:
            yield SampleServer(url, credentials.token, script, clients)


class _Quiet(WSGIRequestHandler):
    """Says nothing about calls; whoever gets no answer knows by the connection's end."""

    protocol_version = "HTTP/1.0"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def _on_loopback(app: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
