"""The table of all settings: what each is called, how it is read, and what it is without one.

In the environment a setting is ``SEGTOOLKIT_`` and its name in capitals. `explain` shows the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from segtoolkit.settings import reading

PREFIX = "SEGTOOLKIT_"
Road = Literal["aep", "local"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; *road* is the only kind of connection that it is for, None if both."""

    name: str
    about: str
    read: Callable[[object], Any]
    road: Road | None = None
    default: Any = None

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()


_ROWS = (
    Setting(
        "kind",
        "aep, or local: DuckDB over files",
        reading.one_of("aep", "local"),
        None,
        "aep",
    ),
    Setting(
        "progress", "what waiting shows: auto, off, log", reading.progress, None, "auto"
    ),
    Setting("org", "organisation, …@AdobeOrg", reading.header, "aep"),
    Setting("sandbox", "name of the sandbox", reading.header, "aep", "prod"),
    Setting("api_key", "client id, unless given", reading.header, "aep"),
    Setting("client_id", "of the credential", reading.header, "aep"),
    Setting("client_secret", "of the credential", reading.secret, "aep"),
    Setting("scopes", "of the credential", reading.scopes, "aep"),
    Setting("token", "in place of a credential", reading.token, "aep"),
    Setting("credentials", "JSON of the Developer Console", reading.path, "aep"),
    Setting(
        "base_url",
        "address of the platform",
        reading.address,
        "aep",
        "https://platform.adobe.io",
    ),
    Setting(
        "ims_url",
        "where tokens are had",
        reading.token_address,
        "aep",
        "https://ims-na1.adobelogin.com/ims/token/v3",
    ),
    Setting("ca_bundle", "PEM file of further roots to trust", reading.path, "aep"),
    Setting(
        "guards", "doubts before a job: off, warn, raise", reading.guards, "aep", "off"
    ),
    Setting("timeout", "seconds to wait for one answer", reading.seconds, "aep", 60.0),
    Setting("retry_budget", "seconds to repeat what fails", reading.seconds, "aep", 120.0),
    Setting("store", "DuckDB file", reading.path, "local"),
    Setting("profiles", "files, globs, by dataset or not", reading.paths, "local"),
    Setting("events", "files, globs, by dataset or not", reading.paths, "local"),
    Setting("segments", "expressions by name, or a JSON file", reading.segments, "local"),
    Setting("schema", "files of XDM schemas", reading.paths, "local"),
    Setting("unknown_fields", "refuse or null", reading.one_of("refuse", "null"), "local"),
    Setting("memory_limit", "such as 1GB", reading.text, "local"),
    Setting("temp_directory", "folder", reading.path, "local"),
    Setting("max_temp_directory_size", "such as 10GB", reading.text, "local"),
    Setting("published", "folder, in place of a store", reading.path, "local"),
)
SETTINGS: Mapping[str, Setting] = {row.name: row for row in _ROWS}
