"""Faults on purpose, for teaching and tests: an application and shares in; one that fails so often out."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from segtoolkit import wire
from segtoolkit.errors import ConfigError
from segtoolkit.wire import GatewayRefusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_SLOW_S = 1.0
_EXAMPLE = "503:0.1,429:0.05,reset:0.02,slow:0.1"


class Dropped(ConnectionResetError):
    """Raised where the connection is to end without an answer."""


def read_faults(text: str) -> dict[str, float]:
    """Read ``KIND:SHARE,…``; a kind is an HTTP status of 400 or more, ``reset`` or ``slow``.

    Raises:
        ConfigError: it is not that, or the shares are more than 1 together.

    >>> read_faults("503:0.1,reset:0.02")
    {'503': 0.1, 'reset': 0.02}
    """
    shares = dict(_part(part.strip()) for part in text.split(",") if part.strip())
    if sum(shares.values()) > 1:
        raise ConfigError(f"{text!r} asks for more faults than there are calls")
    return shares


def _part(part: str) -> tuple[str, float]:
    kind, _, spelt = part.partition(":")
    is_status = kind.isascii() and kind.isdecimal() and 400 <= int(kind[:4]) <= 599
    try:
        share = float(spelt)
    except ValueError:
        share = -1.0
    if not (is_status or kind in {"reset", "slow"}) or not 0 <= share <= 1:
        raise ConfigError(f"{part!r} is no fault and its share; write {_EXAMPLE}")
    return kind, share


@dataclass(slots=True)
class Faults:
    """A WSGI application around another one, some of whose answers are lost, late or refusals.

    The same *seed* gives the same faults for the same calls in the same order.

    Attributes:
        shares: of calls, by kind; see `read_faults`. Refusals do nothing, ``slow`` answers come
            a second late, and of ``reset`` calls every other one is carried out all the same.
        seed: None is another one each time.
    """

    app: WSGIApplication
    shares: Mapping[str, float]
    seed: int | None = None
    sleep: Callable[[float], None] = time.sleep
    _random: random.Random = field(init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - nothing is secret about it

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        kind, is_carried_out = self._drawn()
        match kind:
            case None:
                pass
            case "slow":
                self.sleep(_SLOW_S)
            case "reset":
                if is_carried_out:
                    Response.from_app(self.app, environ)
                raise Dropped("a fault on purpose")
            case status:
                return refusal(int(status))(environ, start_response)
        return self.app(environ, start_response)

    def _drawn(self) -> tuple[str | None, bool]:
        """Return which fault is next, if one is, and whether the call is carried out before."""
        with self._lock:
            drawn, when = self._random.random(), self._random.random()
        for kind, share in self.shares.items():
            if drawn < share:
                return kind, when < 0.5
            drawn -= share
        return None, True


def refusal(status: int) -> Response:
    if status == GatewayRefusal.TOO_MANY_REQUESTS.status:
        body: object = wire.gateway_error_to_json(GatewayRefusal.TOO_MANY_REQUESTS)
    else:
        body = wire.error_to_json(status, _phrase(status))
    return Response(json.dumps(body), status=status, mimetype="application/json")


def _phrase(status: int) -> str:
    try:
        return f"{HTTPStatus(status).phrase}, a fault on purpose"
    except ValueError:
        return "a fault on purpose"
