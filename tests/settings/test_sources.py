"""Settings: which source wins, what each is read as, and what is said when one is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import segtoolkit as sg
from segtoolkit.settings import SETTINGS, Secret, resolve
from tests.settings.conftest import ENOUGH


def test_the_strongest_source_wins(file):
    environment = {"SEGTOOLKIT_SANDBOX": "env-sandbox", "SEGTOOLKIT_PROFILE": "other"}
    steps = [
        ({"sandbox": "argument-sandbox"}, environment, "stage", "argument-sandbox"),
        ({}, environment, "stage", "stage-sandbox"),
        ({}, environment, None, "env-sandbox"),
        ({}, {"SEGTOOLKIT_PROFILE": "other"}, None, "other-sandbox"),
        ({}, {}, None, "default-sandbox"),
    ]
    found = [
        resolve(given, env, profile=profile, usual_file=file)["sandbox"]
        for given, env, profile, _ in steps
    ]

    assert found == [expected for *_, expected in steps]


def test_defaults_are_the_last_resort(tmp_path):
    settings = resolve(ENOUGH, {}, usual_file=tmp_path / "none")

    assert settings["sandbox"] == "prod"
    assert settings["base_url"] == "https://platform.adobe.io"
    assert settings["ims_url"] == "https://ims-na1.adobelogin.com/ims/token/v3"
    assert settings["timeout"] == 60


def test_source_of_every_value_is_told(file):
    environment = {"SEGTOOLKIT_ORG": "env-org", "SEGTOOLKIT_RETRY_BUDGET": "7"}
    settings = resolve({"timeout": 9}, environment, profile="stage", usual_file=file)

    assert {
        name: settings.source(name)
        for name in ("timeout", "org", "base_url", "token", "ims_url", "ca_bundle")
    } == {
        "timeout": "argument",
        "org": "SEGTOOLKIT_ORG",
        "base_url": f"profile 'stage' in {file}",
        "token": f"profile 'default' in {file}",
        "ims_url": "default",
        "ca_bundle": None,
    }


def test_explanation_is_a_table_of_what_applies(file):
    settings = resolve({}, {"SEGTOOLKIT_TIMEOUT": "9"}, usual_file=file)

    lines = {line.split()[0]: line.split() for line in settings.explain().splitlines()}
    assert lines["timeout"][1:] == ["9.0", "SEGTOOLKIT_TIMEOUT"]
    assert lines["token"][1] == "***"
    assert lines["sandbox"][1:3] == ["default-sandbox", "profile"]
    assert lines["ca_bundle"][1:] == ["-", "not", "given"]
    assert "store" not in lines
    assert repr(settings.explain()) == str(settings.explain())


def test_explanation_of_the_local_road_has_its_own_settings(file):
    settings = resolve({}, {}, profile="ci", usual_file=file)

    names = [line.split()[0] for line in settings.explain().splitlines()]
    assert "store" in names
    assert "org" not in names


def test_readme_lists_every_setting():
    text = (Path(sg.__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    section = text.partition("## Connecting to AEP")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]

    assert [n for n in SETTINGS if f"`{n}`" not in section] == []
    assert set(re.findall(r"`(\w+)`", "".join(rows))) <= set(SETTINGS)


def test_empty_variable_is_not_given(tmp_path):
    environment = {
        "SEGTOOLKIT_SANDBOX": "",
        "SEGTOOLKIT_PROFILE": "",
        "SEGTOOLKIT_CONFIG": "",
    }
    settings = resolve(ENOUGH, environment, usual_file=tmp_path / "none")

    assert settings.source("sandbox") == "default"


# Secrets that lie about


@pytest.mark.parametrize(
    ("given", "environment", "kept"),
    [
        ({"token": "mine"}, {"SEGTOOLKIT_CLIENT_SECRET": "s", "SEGTOOLKIT_CLIENT_ID": "i"}, "token"),
        ({"client_secret": "s", "client_id": "i"}, {"SEGTOOLKIT_TOKEN": "t"}, "client_secret"),
        ({"client_secret": "s", "client_id": "i"}, {}, "client_secret"),
    ],
)  # fmt: skip
def test_weaker_credentials_are_left_aside(file, given, environment, kept):
    settings = resolve(given, environment, usual_file=file)

    present = [name for name in ("token", "client_secret") if settings[name]]
    assert present == [kept]


def test_token_and_secret_of_one_source_contradict_each_other(tmp_path):
    given = {"token": "t", "client_secret": "s", "client_id": "i", "org": "o"}
    with pytest.raises(sg.ConfigError, match=r"token and client_secret .*\(argument\)"):
        resolve(given, {}, usual_file=tmp_path / "none")


# Reading


@pytest.mark.parametrize(
    ("name", "raw", "read"),
    [
        ("token", "  abc \n", Secret("abc")),
        ("token", "Bearer abc", Secret("abc")),
        ("scopes", "openid, AdobeID session", "openid,AdobeID,session"),
        ("scopes", ["openid", "AdobeID"], "openid,AdobeID"),
        ("timeout", "2.5", 2.5),
        ("base_url", "https://host/", "https://host"),
        ("base_url", "https://host/data/core/ups", "https://host"),
        ("base_url", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("base_url", "http://[::1]:8080", "http://[::1]:8080"),
        ("base_url", "http://localhost", "http://localhost"),
        ("ims_url", "https://ims-na1-stg1.example", "https://ims-na1-stg1.example/ims/token/v3"),
        ("ims_url", "https://host/other/path", "https://host/other/path"),
        ("progress", "LOG", "log"),
        ("guards", True, "warn"),
        ("guards", False, "off"),
        ("guards", "on", "warn"),
        ("guards", "Raise", "raise"),
        ("ca_bundle", "~/roots.pem", Path.home() / "roots.pem"),
    ],
)  # fmt: skip
def test_value_is_read(tmp_path, name, raw, read):
    assert resolve({**ENOUGH, name: raw}, {}, usual_file=tmp_path / "none")[name] == read


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("kind", "remote", "kind must be aep or local, not 'remote'"),
        ("token", "", "token is empty"),
        ("org", "two\nlines", "org has characters that cannot be sent"),
        ("sandbox", 7, "sandbox must be text, not int"),
        ("timeout", "soon", "timeout must be a number of seconds, not 'soon'"),
        ("timeout", -1, "timeout must be a number of seconds, not -1"),
        ("timeout", True, "timeout must be a number of seconds, not True"),
        ("retry_budget", "inf", "retry_budget must be a number of seconds, not 'inf'"),
        ("base_url", "platform.adobe.io", "base_url must be an address such as"),
        ("base_url", "http://platform.adobe.io", "base_url must begin with https"),
        ("ims_url", "http://127.evil.example", "ims_url must begin with https"),
        ("ims_url", "https://host/?a=b", "ims_url must be an address without"),
        ("guards", "maybe", "guards must be off or on or warn or raise, not 'maybe'"),
        ("guards", 1, "guards must be text, not int"),
        ("progress", "loud", "progress must be auto or off or log, not 'loud'"),
    ],
)
def test_refused_value_is_named_with_its_source(tmp_path, name, raw, said):
    with pytest.raises(sg.ConfigError) as caught:
        resolve({**ENOUGH, name: raw}, {}, usual_file=tmp_path / "none")

    assert str(caught.value).startswith(said)
    assert str(caught.value).endswith("(argument)")


def test_refused_variable_is_named(tmp_path):
    with pytest.raises(sg.ConfigError, match=r"\(SEGTOOLKIT_TIMEOUT\)$"):
        resolve(ENOUGH, {"SEGTOOLKIT_TIMEOUT": "soon"}, usual_file=tmp_path / "none")


# What is missing


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "org and a token, or client_id and client_secret"),
        ({"token": "t", "api_key": "k"}, "org"),
        ({"org": "o"}, "a token, or client_id and client_secret"),
        ({"org": "o", "client_id": "i"}, "a token, or client_id and client_secret"),
        ({"org": "o", "client_secret": "s"}, "a token, or client_id and client_secret"),
        ({"org": "o", "token": "t"}, "api_key"),
    ],
)
def test_missing_settings_are_named_with_where_they_were_looked_for(
    tmp_path, given, missing
):
    file = tmp_path / "none.toml"
    with pytest.raises(sg.ConfigError) as caught:
        resolve(given, {}, usual_file=file)

    told = str(caught.value)
    assert told.startswith(f"cannot connect without {missing}: ")
    assert f"{file}, which does not exist" in told
    assert "SEGTOOLKIT_" in told
