"""Faults by script: what the next calls are to meet goes in; an application that does so comes out."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from segtoolkit.cards import Thing
from segtoolkit.errors import ConfigError
from segtoolkit.local.server import Dropped
from segtoolkit.local.server.faults import refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(frozen=True, slots=True, repr=False)
class Fault(Thing):
    """What a call meets.

    Attributes:
        kind: an HTTP status of 400 or more; ``lost``: the call is not carried out, and nobody answers;
            ``unanswered``: it is carried out, and nobody answers; ``none``.
        retry_after: seconds that a refusal asks to be left alone.
        on: only calls whose method and path contain this are met, such as ``POST /data``; others go
            by. Empty are all.
    """

    kind: int | str
    retry_after: int | None = None
    on: str = ""

    def _line(self) -> str:
        place = f" on {self.on}" if self.on else ""
        after = "" if self.retry_after is None else f", retry after {self.retry_after} s"
        return f"{self.kind}{place}{after}"

    def __post_init__(self) -> None:
        is_status = isinstance(self.kind, int) and 400 <= self.kind <= 599
        if not is_status and self.kind not in {"lost", "unanswered", "none"}:
            raise ConfigError(
                f"{self.kind!r} is no fault; it is an HTTP status of 400 to 599, 'lost', "
                "'unanswered' or 'none'"
            )


class Script:
    """An application around another one; its next calls meet what it was told, in that order."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._next: deque[Fault] = deque()
        self._calls: list[str] = []
        self._lock = threading.Lock()

    @property
    def calls(self) -> tuple[str, ...]:
        """What came so far, such as ``GET /data/core/ups/segment/jobs``, without queries."""
        return tuple(self._calls)

    def add(self, faults: Iterable[Fault | int | str]) -> None:
        """Have the next calls meet *faults*, after those that are still to come."""
        made = [fault if isinstance(fault, Fault) else Fault(fault) for fault in faults]
        with self._lock:
            self._next += made

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        match self._met_by(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"):
            case None | Fault("none"):
                return self._app(environ, start_response)
            case Fault(int(status), retry_after):
                answer = refusal(status)
                if retry_after is not None:
                    answer.headers["Retry-After"] = str(retry_after)
                return answer(environ, start_response)
            case fault:
                if fault.kind == "unanswered":
                    Response.from_app(self._app, environ)
                raise Dropped("a fault on purpose")

    def _met_by(self, call: str) -> Fault | None:
        with self._lock:
            self._calls.append(call)
            if self._next and self._next[0].on in call:
                return self._next.popleft()
        return None
