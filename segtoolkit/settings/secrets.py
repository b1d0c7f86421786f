"""Secrets: a token or client secret goes in, and only comes out when it is asked for by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from segtoolkit.errors import ConfigError


class Secret:
    """A text, or a function that gives one, that no repr, log, traceback or pickle shows."""

    __slots__ = ("_kept",)

    def __init__(self, kept: str | Callable[[], str] | None) -> None:
        self._kept = kept

    def reveal(self) -> str | Callable[[], str]:
        """Return what is kept.

        Raises:
            ConfigError: it was unpickled; secrets do not travel.
        """
        if self._kept is None:
            raise ConfigError("secrets are not pickled; connect again")
        return self._kept

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._kept == other._kept

    def __hash__(self) -> int:
        return hash(self._kept)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Secret, (None,))
