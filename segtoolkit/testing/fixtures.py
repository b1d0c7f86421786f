"""The fixtures: pytest asks, a client, a server or a clock comes out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from segtoolkit import samples
from segtoolkit.client import Client
from segtoolkit.roads.local import connect_local
from segtoolkit.samples import SampleFiles
from segtoolkit.testing.clock import FakeClock
from segtoolkit.testing.server import SampleServer, serving

_PEOPLE = 1_000
# Of real time for each look of a client whose clock is not real, so that jobs get on.
_BREATH_S = 0.005


@pytest.fixture(scope="session")
def segtoolkit_samples(tmp_path_factory: pytest.TempPathFactory) -> SampleFiles:
    """A thousand made-up people and their events, always the same: paths of two Parquet files."""
    return samples.write(tmp_path_factory.mktemp("segtoolkit"), profiles=_PEOPLE)


@pytest.fixture
def segtoolkit_client(segtoolkit_samples: SampleFiles) -> Iterator[Client]:
    """A local client on the sample people, without definitions or jobs, in memory.

    A few more profiles are visitors of whom there are only events.
    """
    files = segtoolkit_samples
    with connect_local(
        profiles=files.profiles, events=files.events, progress="off"
    ) as client:
        yield client


@pytest.fixture
def segtoolkit_server(segtoolkit_samples: SampleFiles) -> Iterator[SampleServer]:
    """AEP's segmentation API on a socket, over the sample people, that fails as it is told."""
    files = segtoolkit_samples
    with serving(files.profiles, files.events) as server:
        yield server


@pytest.fixture
def segtoolkit_clock() -> FakeClock:
    """A clock that nobody has to wait for; ``segtoolkit_server.connect(segtoolkit_clock)`` goes by it."""
    return FakeClock(breath_s=_BREATH_S)
