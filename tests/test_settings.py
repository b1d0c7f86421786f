"""Settings: which source wins, what each is read as, and what is said when one is wrong."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

import segtoolkit as sg
from segtoolkit.settings import SETTINGS, Secret, resolve

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


# Files


def test_named_profile_must_be_there(file):
    with pytest.raises(
        sg.ConfigError, match=r"no profile 'prod' in .*there are default, stage"
    ):
        resolve({}, {}, profile="prod", usual_file=file)


def test_profile_without_a_file_is_refused(tmp_path):
    with pytest.raises(
        sg.ConfigError, match=r"no profile 'prod' in .*none\.toml, which does not"
    ):
        resolve(ENOUGH, {"SEGTOOLKIT_PROFILE": "prod"}, usual_file=tmp_path / "none.toml")


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_another_file_may_be_named(tmp_path, file, how):
    given = {"config": file} if how == "argument" else {}
    environment = {} if how == "argument" else {"SEGTOOLKIT_CONFIG": str(file)}

    settings = resolve({}, environment, usual_file=tmp_path / "none", **given)

    assert settings["org"] == "default-org"


def test_named_file_must_be_there(tmp_path):
    with pytest.raises(sg.ConfigError, match=r"cannot read the settings in .*none\.toml"):
        resolve(ENOUGH, {}, config=tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[default", "is not TOML"),
        ('org = "o"', "'org' stands outside of a profile"),
        ('[default]\nsandbx = "dev"', "no setting 'sandbx'.*did you mean 'sandbox'"),
        ('[default]\nzzz = "dev"', "no setting 'zzz'.*there are kind, "),
    ],
)
def test_file_that_is_wrong_is_refused(tmp_path, text, said):
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(sg.ConfigError, match=said):
        resolve(ENOUGH, {}, usual_file=path)


def test_paths_of_a_file_are_relative_to_it_and_others_are_not(file):
    settings = resolve({}, {"SEGTOOLKIT_PUBLISHED": "p"}, profile="ci", usual_file=file)

    assert settings["store"] == file.parent / "kept.duckdb"
    assert settings["profiles"] == file.parent / "people/*.ndjson"
    assert settings["events"] == [file.parent / "a.parquet", Path("/data/b.parquet")]
    assert settings["published"] == Path("p")


# The Developer Console

CREDENTIAL = {
    "client_id": "cid",
    "client_secrets": ["first", "second"],
    "technical_account_id": "t",
    "scopes": ["openid", "AdobeID"],
}
PROJECT = {
    "project": {
        "org": {"id": "1", "ims_org_id": "X@AdobeOrg"},
        "workspace": {
            "details": {
                "credentials": [
                    {"name": "jwt", "jwt": {"client_id": "old"}},
                    {"name": "s2s", "oauth_server_to_server": CREDENTIAL},
                ]
            }
        },
    }
}
CONSOLE = {
    "project": PROJECT,
    "credential": {k.upper(): v for k, v in CREDENTIAL.items()} | {"ORG_ID": "X@AdobeOrg"},
    "lower case": CREDENTIAL | {"ims_org_id": "X@AdobeOrg"},
}


@pytest.mark.parametrize("name", CONSOLE)
def test_file_of_the_developer_console_is_read(tmp_path, name):
    path = tmp_path / "oauth.json"
    path.write_text(json.dumps(CONSOLE[name]), encoding="utf-8")

    settings = resolve({}, {"SEGTOOLKIT_ORG": "weaker"}, config=path)

    found = [settings[n] for n in ("org", "client_id", "client_secret", "scopes")]
    assert found == ["X@AdobeOrg", "cid", Secret("first"), "openid,AdobeID"]
    assert settings.source("client_id") == str(path)


def test_profile_may_name_the_file_of_the_developer_console(tmp_path):
    (tmp_path / "oauth.json").write_text(json.dumps(PROJECT), encoding="utf-8")
    config = tmp_path / "config.toml"
    config.write_text(
        '[default]\ncredentials = "oauth.json"\norg = "own"', encoding="utf-8"
    )

    settings = resolve({}, {}, usual_file=config)

    assert (settings["org"], settings["client_id"]) == ("own", "cid")


def test_file_of_the_developer_console_must_be_there_unless_all_is_local(tmp_path):
    config = tmp_path / "config.toml"
    text = '[default]\ncredentials = "none.json"\n[ci]\nkind = "local"'
    config.write_text(text, encoding="utf-8")

    assert resolve({}, {}, profile="ci", usual_file=config)["kind"] == "local"
    with pytest.raises(sg.ConfigError, match=r"none\.json"):
        resolve({}, {}, usual_file=config)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"client_id": "cid"}, "has no client id and secret"),
        ([], "is no object"),
        ({"project": {"workspace": {"details": {"credentials": []}}}}, "has none"),
        (
            {
                "project": {
                    "workspace": {
                        "details": {
                            "credentials": [
                                {"name": "a", "oauth_server_to_server": CREDENTIAL},
                                {"name": "b", "oauth_server_to_server": CREDENTIAL},
                            ]
                        }
                    }
                }
            },
            "has a, b",
        ),
    ],
)
def test_file_of_the_developer_console_without_one_credential_is_refused(
    tmp_path, body, said
):
    path = tmp_path / "oauth.json"
    path.write_text(json.dumps(body), encoding="utf-8")

    with pytest.raises(sg.ConfigError, match=said):
        resolve({}, {}, config=path)


# Clients

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
