"""Tokens: a way to get one goes in, one that is fresh enough comes out, renewed once for all threads."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from typing import Protocol

from segtoolkit.errors import RateLimited, ServerError, TransportError
from segtoolkit.remote.clock import Clock
from segtoolkit.remote.retry import Retries
from segtoolkit.wire import Token

_log = logging.getLogger("segtoolkit")

# How long before its end a token is replaced: five minutes, or a tenth of a short life.
_EARLY_S = 300.0
_EARLY_PART = 0.1
# The pause after a renewal that failed while the token still held.
_AGAIN_S = 30.0
# While the old token holds, nobody should have to wait for a new one.
_NONE = Retries(budget_s=0.0)
_PASSING = (TransportError, ServerError, RateLimited)


class TokenSource(Protocol):
    """Where the authorization of a request comes from."""

    def current(self) -> str: ...

    def instead_of(self, refused: str) -> str | None:
        """Return another token than the one that was refused; None if there is none."""


class GivenToken:
    """The one token that somebody pasted."""

    def __init__(self, value: str) -> None:
        self._value = value

    def current(self) -> str:
        return self._value

    def instead_of(self, refused: str) -> str | None:  # noqa: ARG002 - of the protocol
        return None


class AskedToken:
    """Tokens of a function that is asked before every request, and again after a refusal."""

    def __init__(self, ask: Callable[[], str]) -> None:
        self._ask = ask

    def current(self) -> str:
        return self._ask()

    def instead_of(self, refused: str) -> str | None:
        other = self._ask()
        return None if other == refused else other


class RenewedToken:
    """Tokens of a credential: asked for when first needed, and early enough before each ends."""

    def __init__(
        self, ask: Callable[[Retries], Token], retries: Retries, clock: Clock
    ) -> None:
        self._ask = ask
        self._retries = retries
        self._clock = clock
        self._lock = threading.Lock()
        self._value: str | None = None
        self._due_at = self._ends_at = -math.inf

    def current(self) -> str:
        with self._lock:
            now = self._clock.monotonic()
            if now >= self._ends_at:
                self._renew(self._retries)
            elif now >= self._due_at:
                self._renew_or_keep()
            return self._known()

    def instead_of(self, refused: str) -> str | None:
        with self._lock:
            # Another thread may have been refused, and have renewed it, before this one.
            if self._value == refused:
                self._renew(self._retries)
            fresh = self._known()
            return None if fresh == refused else fresh

    def _renew_or_keep(self) -> None:
        try:
            self._renew(_NONE)
        except _PASSING as error:
            self._due_at = self._clock.monotonic() + _AGAIN_S
            _log.warning("No new token yet, going on with the old one: %s", error)

    def _renew(self, retries: Retries) -> None:
        asked_at = self._clock.monotonic()
        token = self._ask(retries)
        life_s = math.inf if token.lifetime_s is None else token.lifetime_s
        self._value = token.value
        self._ends_at = asked_at + life_s
        self._due_at = self._ends_at - min(_EARLY_S, _EARLY_PART * life_s)

    def _known(self) -> str:
        assert self._value is not None, "renewing either sets it or raises"
        return self._value
