"""A real HTTP server on loopback that answers as scripted, breaks connections, and remembers."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from segtoolkit import wire


@dataclass(frozen=True)
class Reply:
    """One answer.

    Attributes:
        how: ``answer``, or ``reset`` the connection before one, ``hang`` up politely before one, or
            ``truncate`` it in the middle.
        before: called when the request has come, before it is answered.
    """

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    how: str = "answer"
    before: Callable[[], object] = lambda: None

    @property
    def content(self) -> bytes:
        match self.body:
            case bytes():
                return self.body
            case str():
                return self.body.encode()
            case _:
                return json.dumps(self.body).encode()


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes
    connection: tuple[str, int]

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.content.decode())

    @property
    def token(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


Script = Reply | list[Reply] | Callable[[Seen], Reply]


@dataclass
class Platform:
    """What is answered, by such as ``"GET /segment/jobs"``; the last of a list repeats."""

    script: dict[str, Script] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    address: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reply_to(self, seen: Seen) -> Reply:
        with self.lock:
            self.seen.append(seen)
            place = f"{seen.method} {seen.path.removeprefix(wire.BASE_PATH)}"
            answer = self.script.get(
                place.partition("?")[0], Reply(404, {"message": place})
            )
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
        return answer(seen) if callable(answer) else answer

    def asked(self, method: str, path: str = "") -> list[Seen]:
        return [s for s in self.seen if s.method == method and path in s.path]

    @property
    def token_requests(self) -> list[Seen]:
        return self.asked("POST", wire.TOKEN_PATH)


@contextmanager
def served(platform: Platform, tls: ssl.SSLContext | None = None) -> Iterator[Platform]:
    """Serve *platform* on a free port of the loopback address."""
    handler = type("Handler", (_Handler,), {"platform": platform})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "http" if tls is None else "https"
    platform.address = f"{scheme}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    platform: Platform
    protocol_version = "HTTP/1.1"
    timeout = 5

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        content = self.rfile.read(length)
        seen = Seen(self.command, self.path, headers, content, self.client_address)
        reply = self.platform.reply_to(seen)
        reply.before()
        getattr(self, f"send_{reply.how}")(reply)

    do_GET = do_POST = do_DELETE = do_PATCH = do_CONNECT = _answer  # noqa: N815

    def send_reset(self, reply: Reply) -> None:
        # Without lingering the kernel answers with a reset instead of a goodbye.
        self.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.send_hang(reply)

    def send_hang(self, reply: Reply) -> None:
        self.close_connection = True
        self.connection.close()

    def send_truncate(self, reply: Reply) -> None:
        self._head(reply)
        self.wfile.write(reply.content[: len(reply.content) // 2])
        self.wfile.flush()
        self.close_connection = True

    def send_answer(self, reply: Reply) -> None:
        self._head(reply)
        self.wfile.write(reply.content)

    def _head(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        headers = {"Content-Type": "application/json", **reply.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass

    def handle(self) -> None:
        # A connection that was broken on purpose, or that the client gave up, is no news.
        with suppress(OSError, ValueError):
            super().handle()

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()
