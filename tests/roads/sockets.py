"""An application on a loopback socket, in a thread of this process; its address comes out."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from waitress import wasyncore

from segtoolkit.local.server import make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@contextmanager
def on_a_socket(app: WSGIApplication) -> Iterator[str]:
    """Serve *app* as ``segtoolkit serve`` does, but for its signals; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = make_server(app, listening)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            # In the thread that watches them: sockets must not vanish under its feet.
            server.trigger.pull_trigger(
                lambda: wasyncore.close_all(server._map, ignore_all=True)
            )
            thread.join()
            server.task_dispatcher.shutdown()
