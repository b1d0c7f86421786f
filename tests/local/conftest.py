from __future__ import annotations

import httpx
import pytest

from segtoolkit import wire
from segtoolkit.local import SegmentService, Store, make_app
from tests.local.sample_service import IN_DE, IN_US, PEOPLE, SLOW, SlowEngine, wanted


@pytest.fixture
def store_path(tmp_path):
    """Where a store may be made."""
    return tmp_path / "audiences.duckdb"


@pytest.fixture
def service(store_path):
    """A service over three people, with the definitions "us", "de" and "slow"."""
    opened = SegmentService(Store.open(store_path), SlowEngine())
    opened.load(PEOPLE, kind="profiles")
    for segment_id, text in {"us": IN_US, "de": IN_DE, "slow": SLOW}.items():
        opened.create_definition(wanted(segment_id, text))
    yield opened
    opened.close()


@pytest.fixture
def http(service):
    """A client of that service, as the package's own client has it."""
    transport = httpx.WSGITransport(app=make_app(service))
    with httpx.Client(
        transport=transport, base_url=f"http://local{wire.BASE_PATH}"
    ) as client:
        yield client
