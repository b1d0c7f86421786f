"""Errors of no room in particular: settings, input, the store."""

from __future__ import annotations


class SegtoolkitError(Exception):
    """Base of all; catching it catches everything this package raises on purpose."""


class ConfigError(SegtoolkitError):
    """A setting is missing, malformed, or contradicts another."""


class DataError(SegtoolkitError):
    """An input is not what it should be; nothing of it was loaded.

    Attributes:
        file: path of the file, or a name for an in-memory input; None if unknown.
        line: 1-based line in that file; None if unknown.
        field: dotted path of the field; None if the whole record is meant.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        field: str | None = None,
    ) -> None:
        place = ":".join(str(part) for part in (file, line) if part is not None)
        super().__init__(f"{place}: {message}" if place else message)
        self.file = file
        self.line = line
        self.field = field


class StoreError(SegtoolkitError):
    """The local store cannot be opened or used; the message says who or what is in the way."""


class StaleAudienceWarning(UserWarning):
    """The members of an audience are of other data than what the store holds now, or than another's."""
