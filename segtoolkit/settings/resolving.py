"""Which value applies: layers of settings, the strongest first, go in, `Settings` come out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from segtoolkit.errors import ConfigError
from segtoolkit.settings import files, reading
from segtoolkit.settings.table import PREFIX, SETTINGS
from segtoolkit.settings.values import Settings, Sourced

_PROFILE, _CONFIG = f"{PREFIX}PROFILE", f"{PREFIX}CONFIG"


@dataclass(frozen=True, slots=True)
class _Layer:
    """Settings of one source; *folder* is what its relative paths are relative to."""

    source: str
    values: Mapping[str, Any] = field(repr=False)
    folder: Path | None = None


def resolve(
    arguments: Mapping[str, Any],
    environment: Mapping[str, str],
    *,
    profile: str | None = None,
    config: str | Path | None = None,
    usual_file: Path | None = None,
) -> Settings:
    """Return what applies: arguments, *profile*, environment, default profile, defaults.

    Args:
        arguments: those that are None are not given.
        environment: ``SEGTOOLKIT_…``; what is empty is not given. ``SEGTOOLKIT_PROFILE`` names a
            profile that is weaker than the rest of the environment, and stronger than the default one.
        profile: the name of a table in the file.
        config: the file; ``SEGTOOLKIT_CONFIG``, or the one in the user's folder, if None.
        usual_file: that one; where the platform has it if None.

    Raises:
        ConfigError: a file, profile or value is not what it should be, or something is missing;
            the message names it.
    """
    named = config or environment.get(_CONFIG)
    path = Path(named or usual_file or files.usual_file()).expanduser()
    profiles = files.read_file(path) if named or path.exists() else {}
    # A file of one credential that is asked for by name is as explicit as a profile.
    whole = files.DEFAULT if config and files.is_console(path) else None
    layers = [
        _Layer("argument", {n: v for n, v in arguments.items() if v is not None}),
        *_profile(profile or whole, profiles, path),
        *_variables(environment),
        *_profile(environment.get(_PROFILE) or None, profiles, path),
        *_profile(files.DEFAULT if files.DEFAULT in profiles else None, profiles, path),
    ]
    # Where there is no account, its credential's file need not be there either.
    layers = layers if _is_local(layers) else list(_with_credentials(layers))
    settings = Settings(dict(_applying(layers)))
    _check_complete(settings, path)
    return settings


def _profile(name: str | None, profiles: files.Profiles, path: Path) -> Iterator[_Layer]:
    if name is None:
        return
    if name not in profiles:
        raise ConfigError(
            f"there is no profile {name!r} in {path}{_others(profiles, path)}"
        )
    source = str(path) if files.is_console(path) else f"profile {name!r} in {path}"
    yield _Layer(source, profiles[name], path.parent)


def _others(profiles: files.Profiles, path: Path) -> str:
    if profiles:
        return f"; there are {', '.join(profiles)}"
    return ", which has none" if path.exists() else ", which does not exist"


def _variables(environment: Mapping[str, str]) -> Iterator[_Layer]:
    # A CI system hands over a secret that is not there as an empty text.
    for name, setting in SETTINGS.items():
        if value := environment.get(setting.variable):
            yield _Layer(setting.variable, {name: value})


def _is_local(layers: Sequence[_Layer]) -> bool:
    kinds = (_read(layer, "kind") for layer in layers if "kind" in layer.values)
    kind: str = next(kinds, SETTINGS["kind"].default)
    return kind == "local"


def _with_credentials(layers: Sequence[_Layer]) -> Iterator[_Layer]:
    """Yield *layers*, each followed by the file of the Developer Console that it names."""
    for layer in layers:
        yield layer
        if "credentials" in layer.values:
            path = _read(layer, "credentials")
            yield _Layer(str(path), files.read_console(path))


def _applying(layers: Sequence[_Layer]) -> Iterator[tuple[str, Sourced]]:
    ranks: dict[str, int] = {}
    for rank, layer in enumerate(layers):
        for name in layer.values:
            _check_name(name, layer)
            ranks.setdefault(name, rank)
    _drop_weaker(ranks, layers)
    for name, setting in SETTINGS.items():
        if name in ranks:
            layer = layers[ranks[name]]
            yield name, Sourced(_read(layer, name), layer.source)
        elif setting.default is not None:
            yield name, Sourced(setting.default, "default")


def _drop_weaker(ranks: dict[str, int], layers: Sequence[_Layer]) -> None:
    """Keep either the token or the secret: whatever else lies about must not be mixed in."""
    token, secret = ranks.get("token"), ranks.get("client_secret")
    if token is None or secret is None:
        return
    if token == secret:
        raise ConfigError(
            f"token and client_secret are both given ({layers[token].source}); give one of them"
        )
    del ranks["token" if secret < token else "client_secret"]


def _check_name(name: str, layer: _Layer) -> None:
    if name not in SETTINGS:
        near = get_close_matches(name, SETTINGS, n=1)
        hint = (
            f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(SETTINGS)}"
        )
        raise ConfigError(f"there is no setting {name!r} ({layer.source}){hint}")


def _read(layer: _Layer, name: str) -> Any:
    try:
        return reading.below(layer.folder, SETTINGS[name].read(layer.values[name]))
    except ValueError as error:
        raise ConfigError(f"{name} {error} ({layer.source})") from None


def _check_complete(settings: Settings, path: Path) -> None:
    if settings["kind"] == "local":
        return
    missing = [] if settings["org"] else ["org"]
    if not (settings["token"] or (settings["client_id"] and settings["client_secret"])):
        missing += ["token", "client_id", "client_secret"]
    elif not (settings["api_key"] or settings["client_id"]):
        missing += ["api_key"]
    if missing:
        looked = ", ".join(SETTINGS[name].variable for name in missing)
        there = "" if path.exists() else ", which does not exist"
        raise ConfigError(
            f"cannot connect without {_spoken(missing)}: no such argument, none of {looked} in "
            f"the environment, and nothing in {path}{there}; without an account, use "
            "connect_local(…), or a profile of kind local"
        )


def _spoken(missing: Sequence[str]) -> str:
    credential = "a token, or client_id and client_secret"
    names = [credential if name == "token" else name for name in missing]
    return " and ".join(name for name in names if not name.startswith("client_"))
