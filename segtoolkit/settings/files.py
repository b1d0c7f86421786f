"""Files of settings: a path goes in, profiles by name come out.

TOML has one table per profile. The JSON that the Adobe Developer Console downloads, of a project
or of one credential, is a single profile.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from segtoolkit.errors import ConfigError

DEFAULT = "default"
Profiles = Mapping[str, Mapping[str, Any]]


def usual_file() -> Path:
    """Return where profiles lie unless somebody says otherwise; the file need not exist."""
    return user_config_path("segtoolkit", appauthor=False) / "config.toml"


def read_file(path: Path) -> Profiles:
    """Read the profiles in *path*.

    Raises:
        ConfigError: it is missing, or neither of the two.
    """
    if is_console(path):
        return {DEFAULT: read_console(path)}
    profiles = _parsed(path, tomllib.loads, "TOML")
    loose = [name for name, table in profiles.items() if not isinstance(table, Mapping)]
    if loose:
        raise ConfigError(
            f"{path}: {loose[0]!r} stands outside of a profile; put it under [{DEFAULT}]"
        )
    return profiles


def is_console(path: Path) -> bool:
    """Tell whether *path* is a file of the Developer Console rather than one of profiles."""
    return path.suffix.lower() == ".json"


def read_console(path: Path) -> dict[str, Any]:
    """Read the JSON of the Developer Console: client id and secret, scopes, organisation.

    Raises:
        ConfigError: it is missing, or has no OAuth Server-to-Server credential, or several.
    """
    body = _lowered(_parsed(path, json.loads, "JSON"))
    project = _child(body, "project")
    credential = _credential_of(project, path) if project else body
    secrets = credential.get("client_secrets") or [credential.get("client_secret")]
    found = {
        "client_id": credential.get("client_id"),
        "client_secret": secrets[0] if isinstance(secrets, list) else secrets,
        "scopes": credential.get("scopes"),
        "org": _child(project, "org").get("ims_org_id")
        or body.get("org_id")
        or body.get("ims_org_id"),
    }
    if not (found["client_id"] and found["client_secret"]):
        raise ConfigError(
            f"{path} has no client id and secret; download the JSON of an OAuth "
            "Server-to-Server credential from the Adobe Developer Console"
        )
    return {name: value for name, value in found.items() if value}


def _credential_of(project: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    details = _child(_child(project, "workspace"), "details")
    listed = [c for c in details.get("credentials") or [] if isinstance(c, Mapping)]
    fitting = [c for c in listed if _child(c, "oauth_server_to_server")]
    if len(fitting) == 1:
        return _child(fitting[0], "oauth_server_to_server")
    names = ", ".join(str(c.get("name")) for c in fitting) or "none"
    raise ConfigError(
        f"{path} should have one OAuth Server-to-Server credential, and has {names}; "
        "download the JSON of the one credential instead"
    )


def _parsed(path: Path, parse: Callable[[str], Any], form: str) -> Mapping[str, Any]:
    try:
        body = parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the settings in {path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        # The error that is its cause holds the whole document.
        raise ConfigError(f"{path} is not {form}: {error}") from None
    if not isinstance(body, Mapping):
        raise ConfigError(f"{path} is not {form} of settings: it is no object")
    return body


def _lowered(body: Any) -> Any:
    if isinstance(body, Mapping):
        return {str(name).lower(): _lowered(value) for name, value in body.items()}
    return [_lowered(each) for each in body] if isinstance(body, list) else body


def _child(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    return value if isinstance(value, Mapping) else {}
