"""An application goes in; it is on a socket, until the process is told to stop."""

from __future__ import annotations

import ipaddress
import signal
import socket
from collections.abc import Callable, Iterable
from types import FrameType
from typing import TYPE_CHECKING, Any

from segtoolkit.errors import ConfigError
from segtoolkit.local.server.faults import Dropped

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_THREADS = 8
_MOST_BYTES = (
    16 * 2**20
)  # of a body; the application has a lower bound, and says so in JSON
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve(
    app: WSGIApplication, host: str, port: int, *, ready: Callable[[str], None]
) -> None:
    """Serve *app* until SIGINT or SIGTERM; *ready* is told the address as soon as it is reached.

    It must be called in the main thread.

    Raises:
        ConfigError: that address cannot be had.
    """
    with _bound(host, port) as listening:
        server = make_server(app, listening)
        before = {number: signal.signal(number, _stop) for number in _SIGNALS}
        try:
            ready(_url(host, listening.getsockname()[1]))
            server.run()  # returns when _stop is raised
        except SystemExit:
            server.task_dispatcher.shutdown()
        finally:
            server.close()
            for number, handler in before.items():
                signal.signal(number, handler)


def make_server(app: WSGIApplication, listening: socket.socket) -> Any:
    """Return waitress's server of *app* on a socket; its ``run`` serves until it is closed."""
    from waitress.server import create_server  # noqa: PLC0415 - on this road only

    return create_server(
        _dropping(app),
        sockets=[listening],
        threads=_THREADS,
        max_request_body_size=_MOST_BYTES,
        ident=None,
    )


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches *host*.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server((host, address[1]), family=family)
    except (OSError, OverflowError) as error:
        said = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"cannot listen on {host}:{port} ({said}); give another --host or --port, "
            "or --port 0 for any that is free"
        ) from error


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _stop(_number: int, _frame: FrameType | None) -> None:
    # Once is enough: what is closed now must not be interrupted.
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit


def _dropping(app: WSGIApplication) -> WSGIApplication:
    """Return *app* with what it drops put into the words of waitress."""
    from waitress.channel import ClientDisconnected  # noqa: PLC0415 - on this road only

    def dropping(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        try:
            return app(environ, start_response)
        except Dropped:
            raise ClientDisconnected from None

    return dropping
