"""Files of settings: profiles in TOML, and what the Adobe Developer Console downloads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import segtoolkit as sg
from segtoolkit.settings import Secret, resolve
from tests.settings.conftest import ENOUGH


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
