"""A scripted platform on a socket, and clients of it whose pauses take no time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from segtoolkit.client import Client
from segtoolkit.roads.platform import client_of_platform
from segtoolkit.settings import resolve
from tests.fakes import FakeClock
from tests.remote.server import Platform, served

CANARY_TOKEN = "canary-token-0123456789"
CANARY_SECRET = "canary-secret-0123456789"
ORG = "0123456789ABCDEF01234567@AdobeOrg"


@pytest.fixture
def platform() -> Iterator[Platform]:
    with served(Platform()) as running:
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def connected(
    platform: Platform, clock: FakeClock, tmp_path: Any
) -> Iterator[Callable[..., Client]]:
    """Return a function that connects with a token, or with other settings."""
    clients: list[Client] = []

    def connect(**given: Any) -> Client:
        credential = {"client_id": "id", "client_secret": CANARY_SECRET}
        how = {"token": CANARY_TOKEN, "api_key": "key"}
        if given.pop("credential", False):
            how = {**credential, "ims_url": platform.address}
        defaults = {"org": ORG, "base_url": platform.address, "progress": "off", **how}
        nowhere = tmp_path / "none.toml"
        settings = resolve({**defaults, **given}, {}, usual_file=nowhere)
        clients.append(client_of_platform(settings, clock=clock))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()
