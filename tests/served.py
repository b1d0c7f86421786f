"""``segtoolkit serve`` as a process: its options in, its address and what it said out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import httpx

from segtoolkit import wire

TOKEN = "canary-7f3a"
HEADERS = {
    "Authorization": f"Bearer {TOKEN}",
    wire.API_KEY_HEADER: "key",
    wire.ORGANISATION_HEADER: "O@AdobeOrg",
    wire.SANDBOX_HEADER: "prod",
}


class Server:
    """A running server: its address, and the process."""

    def __init__(self, process):
        self.process = process
        self.first_line = process.stdout.readline()
        self.address = self.first_line.partition(" on ")[2].strip()

    def client(self, **headers):
        sent = {**HEADERS, **headers}
        base = f"{self.address}{wire.BASE_PATH}"
        return httpx.Client(base_url=base, headers=sent, trust_env=False, timeout=30)

    def stop(self, number=signal.SIGTERM):
        """End the server; return its exit status and what it said."""
        self.process.send_signal(number)
        rest, said = self.process.communicate(timeout=30)
        return self.process.returncode, rest + said


@contextmanager
def serving(*options, **environment):
    """Run the command with *options*, and with *environment* besides that of this process."""
    command = [sys.executable, "-m", "segtoolkit", "serve", *map(str, options)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        yield Server(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
