from __future__ import annotations

import duckdb
import pytest

from segtoolkit.local import profiles
from tests.engine.people import EVENTS, PROFILES


@pytest.fixture(scope="session")
def people(tmp_path_factory):
    """A store file that holds the people and their events."""
    database = duckdb.connect(str(tmp_path_factory.mktemp("people") / "people.duckdb"))
    database.execute("SET GLOBAL TimeZone = 'UTC'")
    profiles.create_tables(database)
    profiles.load(database, PROFILES, kind="profiles")
    profiles.load(database, EVENTS, kind="events")
    yield database
    database.close()


@pytest.fixture
def cursor(people):
    with people.cursor() as cursor:
        yield cursor
