"""One client, three ways to the same service: in process, over a socket, and over one that fails."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

import segtoolkit as sg
from segtoolkit.client import Client
from segtoolkit.jobs import SystemClock
from segtoolkit.local.server import Credentials, Faults, Gateway, Sandboxes, read_faults
from segtoolkit.roads.platform import client_of_platform
from segtoolkit.settings import resolve
from tests.roads.sockets import on_a_socket

T = TypeVar("T")
TOKEN = "canary-5e1f"
FAULTS = "503:0.08,429:0.05,reset:0.06,slow:0.08"
PATIENCE = 6
# In the clock of the tests, whose hours are moments.
LONG = "1d"
_PASSING = (sg.RateLimited, sg.ServerError, sg.SubmitUncertain, sg.TransportError)

PEOPLE = [
    {
        "_id": str(n),
        "points": n,
        "country": "US" if n % 2 else "CA",
        "identityMap": {
            "CRMID": [{"id": str(n), "primary": True}],
            **({"Email": [{"id": f"{n}@example.com"}]} if n < 4 else {}),
        },
    }
    for n in range(10)
]


class QuickClock(SystemClock):
    """The machine's clock, but for pauses, which are over in a moment."""

    def __init__(self) -> None:
        self._skipped_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self._skipped_s

    def sleep(self, seconds: float) -> None:
        moment_s = min(seconds, 0.01)
        super().sleep(moment_s)
        self._skipped_s += seconds - moment_s


class Tally:
    """Passes calls on, and counts those that were answered well."""

    def __init__(self, app: Any) -> None:
        self.app, self.calls, self.good = app, 0, 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.calls += 1

        def start(status: str, *rest: Any) -> Any:
            self.good += int(status[:3]) not in {429, 503}
            return start_response(status, *rest)

        return self.app(environ, start)


@dataclass(frozen=True)
class Road:
    """A client, and what a test has to know of the way to the other side.

    Attributes:
        load: loads rows of a kind there.
        tally: counts the calls if some of them fail on purpose.
    """

    client: Client
    load: Callable[..., object]
    tally: Tally | None = None

    def insist(self, call: Callable[[], T]) -> T:
        """Return what *call* does; where calls fail on purpose, ask again as a user would."""
        for _ in range(PATIENCE if self.tally else 0):
            try:
                return call()
            except _PASSING:
                continue
        return call()

    def define(self, name: str, expression: str) -> sg.SegmentDefinition:
        return self.insist(lambda: self.client.definitions.put(name, expression))

    def submit(self, segments: Any) -> sg.Job:
        return self.insist(lambda: self.client.submit(segments))

    def run(self, segments: Any) -> sg.JobResult:
        return self.submit(segments).result(LONG)


@contextmanager
def in_process(tmp_path: Path, seed: int) -> Iterator[Road]:
    exports = tmp_path / "exports"
    with sg.connect_local(profiles=PEOPLE, export_folder=exports, progress="off") as client:
        yield Road(client, client.local.load_events)


@contextmanager
def over_a_socket(tmp_path: Path, seed: int, faults: str = "") -> Iterator[Road]:
    sandboxes = Sandboxes("prod", export_folder=tmp_path)
    tally = None
    app: Any = sandboxes
    if faults:
        app = tally = Tally(Faults(app, read_faults(faults), seed, sleep=lambda _: None))
    with closing(sandboxes):
        sandboxes.first.load(PEOPLE, kind="profiles")
        with on_a_socket(Gateway(app, Credentials(token=TOKEN))) as address:
            client = connected(address, tmp_path)
            load = lambda rows: sandboxes.first.load(rows, kind="events")  # noqa: E731
            with closing(client):
                yield Road(client, load, tally)


@contextmanager
def over_a_socket_with_faults(tmp_path: Path, seed: int) -> Iterator[Road]:
    with over_a_socket(tmp_path, seed, FAULTS) as road:
        yield road


def connected(address: str, tmp_path: Path) -> Client:
    """Return what ``connect`` does, but for its pauses."""
    given = {"base_url": address, "org": "O@AdobeOrg", "token": TOKEN, "api_key": "k"}
    arguments = {**given, "progress": "off"}
    settings = resolve(arguments, {}, usual_file=tmp_path / "none.toml")
    return client_of_platform(settings, clock=QuickClock())


ROADS = (in_process, over_a_socket, over_a_socket_with_faults)


@pytest.fixture(params=ROADS, ids=lambda road: road.__name__.replace("_", " "))
def road(request, tmp_path) -> Iterator[Road]:
    """Each of the three, over ten people, with faults of their own for every test."""
    # That calls wait for each other, and that some fail, is what these tests are about.
    for name in ("waitress.queue", "segtoolkit"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    seed = zlib.crc32(request.node.name.encode())
    with request.param(tmp_path, seed) as running:
        yield running
    for name in ("waitress.queue", "segtoolkit"):
        logging.getLogger(name).setLevel(logging.NOTSET)
