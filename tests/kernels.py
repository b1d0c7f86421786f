"""A real kernel: cells go in, what a notebook would show of them comes out."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).parents[1]
_PATIENCE_S = 60


@dataclass
class Shown:
    """What a cell shows: its displays as they are now, its streams, and its error.

    Attributes:
        displays: bundles by display id, or by their number where they have none.
    """

    displays: dict[str, dict[str, str]] = field(default_factory=dict)
    streams: str = ""
    error: str | None = None
    traceback: str = ""
    is_over: bool = False

    def take_in(self, message: dict) -> None:
        content = message["content"]
        match message["msg_type"]:
            case "display_data" | "update_display_data" | "execute_result":
                name = content.get("transient", {}).get("display_id")
                self.displays[name or str(len(self.displays))] = content["data"]
            case "stream":
                self.streams += content["text"]
            case "error":
                self.error = content["ename"]
                self.traceback = "\n".join(content["traceback"])
            case "status":
                self.is_over = content["execution_state"] == "idle"

    @property
    def texts(self) -> list[str]:
        return [data["text/plain"] for data in self.displays.values()]


class Kernel:
    """A kernel, and somebody who runs one cell at a time in it."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self._manager = manager
        self._client = client
        self._cell = ""
        self._shown = Shown()
        self._lost = ""

    def run(self, code: str) -> Shown:
        """Run a cell to its end."""
        self.begin(code)
        return self.end()

    def begin(self, code: str) -> None:
        # After one wait in vain, all others would be.
        assert not self._lost, self._lost
        self._shown = Shown()
        self._cell = self._client.execute(code)

    def until(self, text: str) -> None:
        """Return when a display of the running cell has *text* in it."""

        def is_shown() -> bool:
            found = any(text in one for one in self._shown.texts)
            assert found or not self._shown.is_over, self._shown
            return found

        self._read_until(is_shown, f"{text!r} to be shown")

    def end(self) -> Shown:
        """Return what the running cell shows when it is over."""
        self._read_until(lambda: self._shown.is_over, "the cell to end")
        return self._shown

    def interrupt(self) -> float:
        """Press ■, and return how many seconds it took the cell to end."""
        began_s = time.monotonic()
        self.press()
        self.end()
        return time.monotonic() - began_s

    def press(self) -> None:
        """Press ■, and do not wait for what comes of it."""
        self._manager.interrupt_kernel()

    def close_comms(self) -> None:
        """Close all controls, as a page does that goes away."""
        reply = self._client.comm_info(reply=True, timeout=_PATIENCE_S)
        for comm_id in reply["content"]["comms"]:
            content = {"comm_id": comm_id, "data": {}}
            closing = self._client.session.msg("comm_close", content)
            self._client.shell_channel.send(closing)

    def complete(self, code: str) -> list[str]:
        """Return what is offered at the end of *code*."""
        reply = self._client.complete(code, reply=True, timeout=_PATIENCE_S)
        return reply["content"]["matches"]

    def _read_until(self, is_there: Callable[[], bool], what: str) -> None:
        # A cell that goes on showing its progress has messages for ever.
        ends_s = time.monotonic() + _PATIENCE_S
        while not is_there():
            try:
                left_s = max(ends_s - time.monotonic(), 0.0)
                message = self._client.get_iopub_msg(timeout=left_s)
            except queue.Empty:
                self._lost = f"waited {_PATIENCE_S} s for {what}, after {self._shown}"
                raise AssertionError(self._lost) from None
            if message["parent_header"].get("msg_id") == self._cell:
                self._shown.take_in(message)


@contextmanager
def started() -> Iterator[Kernel]:
    """Lend a kernel that finds the package and its tests."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(ROOT))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=_PATIENCE_S)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
