"""How single settings are read: a raw value goes in, a checked one comes out, or a ``ValueError``.

The messages are the second half of a sentence that begins with the setting's name. They show the
value only where it can be no secret.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from segtoolkit.loopback import is_loopback
from segtoolkit.settings.secrets import Secret
from segtoolkit.wire import BASE_PATH, TOKEN_PATH

# What HTTP takes in a header without quoting it.
_HEADER = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")


def text(raw: object) -> str:
    if not isinstance(raw, str):
        raise ValueError(f"must be text, not {type(raw).__name__}")  # noqa: TRY004
    if not raw.strip():
        raise ValueError("is empty")
    return raw.strip()


def header(raw: object) -> str:
    """Read what is sent as a header."""
    value = text(raw)
    if not _HEADER.fullmatch(value):
        raise ValueError("has characters that cannot be sent; was it copied in whole?")
    return value


def secret(raw: object) -> Secret:
    return Secret(text(raw))


def token(raw: object) -> Secret:
    """Read a token, with or without the word that goes before it, or a function that gives one."""
    if callable(raw):
        return Secret(raw)
    return Secret(bare_token(raw))


def bare_token(raw: object) -> str:
    value = header(raw)
    return value[len("bearer ") :].strip() if value.lower().startswith("bearer ") else value


def scopes(raw: object) -> str:
    """Read a list, or names between commas or spaces, as the token endpoint takes them."""
    names = raw if isinstance(raw, list | tuple) else re.split(r"[,\s]+", text(raw))
    return ",".join(text(name) for name in names if name)


def seconds(raw: object) -> float:
    try:
        value = float(raw)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        value = math.nan
    if isinstance(raw, bool) or not 0 <= value < math.inf:
        raise ValueError(f"must be a number of seconds, not {raw!r}")
    return value


def address(raw: object) -> str:
    """Read the address of the platform, with or without the path of the service."""
    return _url(raw).removesuffix(BASE_PATH)


def token_address(raw: object) -> str:
    """Read the address at which tokens are asked for; its path may be left out."""
    url = _url(raw)
    return url if urlsplit(url).path else url + TOKEN_PATH


def _url(raw: object) -> str:
    url = text(raw).rstrip("/")
    parts = urlsplit(url)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must be an address without user, query or fragment")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"must be an address such as https://host, not {url!r}")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(
            f"must begin with https, not {url!r}: credentials do not travel in the clear"
        )
    return url


def one_of(*words: str) -> Callable[[object], str]:
    def read(raw: object) -> str:
        value = text(raw).lower()
        if value not in words:
            raise ValueError(f"must be {' or '.join(words)}, not {value!r}")
        return value

    return read


def guards(raw: object) -> str:
    """Read how doubts about submissions are told; who only asks for them is warned."""
    match raw:
        case True:
            return "warn"
        case False:
            return "off"
        case _:
            value = one_of("off", "on", "warn", "raise")(raw)
            return "warn" if value == "on" else value


def progress(raw: object) -> Any:
    return raw if callable(raw) else one_of("auto", "off", "log")(raw)


def path(raw: object) -> Path:
    return Path(raw if isinstance(raw, Path) else text(raw)).expanduser()


def paths(raw: object) -> Any:
    """Read a path or glob, several of them, or a table of either by the name of the dataset."""
    if isinstance(raw, Mapping):
        return {name: paths(each) for name, each in raw.items()}
    if isinstance(raw, list | tuple):
        return [path(each) for each in raw]
    return path(raw)


def segments(raw: object) -> Any:
    """Read a table of expressions by name, or the path of a JSON file of them."""
    if isinstance(raw, Mapping):
        return {name: text(expression) for name, expression in raw.items()}
    return path(raw)


def below(folder: Path | None, value: Any) -> Any:
    """Return paths of a file's settings as they are meant: relative to where the file is."""
    if isinstance(value, Path):
        return value if folder is None else folder / value
    if isinstance(value, list):
        return [below(folder, each) for each in value]
    if isinstance(value, Mapping):
        return {name: below(folder, each) for name, each in value.items()}
    return value
