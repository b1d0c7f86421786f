"""The roads: settings choose between AEP and local files."""

from __future__ import annotations

import json
import os

import pytest

import segtoolkit as sg
from tests.settings.conftest import ENOUGH, FILE

PEOPLE = [{"_id": "ann", "points": 7}, {"_id": "bob", "points": 1}]


@pytest.fixture
def people(tmp_path):
    (tmp_path / "people").mkdir()
    lines = "\n".join(json.dumps(person) for person in PEOPLE)
    (tmp_path / "people" / "a.ndjson").write_text(lines, encoding="utf-8")
    return tmp_path / "people"


@pytest.fixture
def bare_environment(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith("SEGTOOLKIT_"):
            monkeypatch.delenv(name)
    # What the user of this machine has set up is none of a test's business.
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return monkeypatch


def test_profile_of_kind_local_evaluates_here(file, people, bare_environment):
    text = FILE.replace('events = ["a.parquet", "/data/b.parquet"]\n', "")
    file.write_text(text, encoding="utf-8")

    with sg.connect(profile="ci", config=file, sandbox="dev", progress="off") as client:
        assert client.size("points > 5").size == 1
        assert client.run("rich").metrics.segmented_profile_counter == {"rich": 1}
        assert client.settings.source("store") == f"profile 'ci' in {file}"
        assert client.local.reports
    assert (file.parent / "kept.duckdb").exists()


def test_environment_alone_makes_a_local_client(people, bare_environment):
    segments = people / "segments.json"
    segments.write_text(json.dumps({"rich": "points > 5"}), encoding="utf-8")
    for name, value in {
        "KIND": "local",
        "PROFILES": str(people / "*.ndjson"),
        "SEGMENTS": str(segments),
    }.items():
        bare_environment.setenv(f"SEGTOOLKIT_{name}", value)

    with sg.connect(token="t", org="o") as client:
        assert [d.name for d in client.definitions.list()] == ["rich"]


def test_connecting_without_settings_says_what_is_missing(bare_environment):
    with pytest.raises(sg.ConfigError, match="cannot connect without org"):
        sg.connect()


def test_connecting_sends_nothing(bare_environment):
    with sg.connect(**ENOUGH, base_url="https://platform.invalid") as client:
        assert repr(client) == "<Client platform.invalid, sandbox prod>"
        assert client.settings["org"] == "o"


def test_local_client_has_settings_too():
    with sg.connect_local() as client:
        assert "kind" in client.settings.explain()


def test_names_stay_functions_whatever_is_imported_first():
    import segtoolkit.roads.choosing
    import segtoolkit.roads.local

    assert sg.connect is segtoolkit.roads.choosing.connect
    assert sg.connect_local is segtoolkit.roads.local.connect_local
