"""A file of settings that the tests of settings share."""

from __future__ import annotations

import pytest

FILE = """
[default]
org = "default-org"
api_key = "key"
token = "default-token"
sandbox = "default-sandbox"
timeout = 5

[stage]
sandbox = "stage-sandbox"
base_url = "https://platform-stage.example"

[other]
sandbox = "other-sandbox"

[ci]
kind = "local"
store = "kept.duckdb"
profiles = "people/*.ndjson"
events = ["a.parquet", "/data/b.parquet"]
memory_limit = "1GB"

[ci.segments]
rich = "points > 5"
"""
ENOUGH = {"org": "o", "token": "t", "api_key": "k"}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(FILE, encoding="utf-8")
    return path
