"""A JupyterLab on loopback, and a page in a browser that can reach nothing else."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOKEN = secrets.token_hex(16)
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    # No name but loopback resolves: what a page loads from elsewhere is missing from it.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
_PATIENCE_S = 60


@contextmanager
def running_lab(home: Path) -> Iterator[tuple[str, Path]]:
    """Run a server whose files are all below *home*; yield its address and the notebooks' folder."""
    notebooks = home / "notebooks"
    notebooks.mkdir()
    _write_config(home)
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            _command(notebooks),
            env=_environment(home),
            cwd=home,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield _address(server, home), notebooks
        finally:
            _end(server)


def _command(notebooks: Path) -> list[str]:
    options = {
        "--ip": "127.0.0.1",
        "--port": "0",
        "--IdentityProvider.token": TOKEN,
        "--ServerApp.root_dir": str(notebooks),
        "--ServerApp.terminals_enabled": "False",
        "--LabApp.expose_app_in_browser": "True",
        "--LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    flags = ["--no-browser", *(["--allow-root"] if os.geteuid() == 0 else [])]
    told = [f"{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "jupyterlab", *flags, *told]


def _environment(home: Path) -> dict[str, str]:
    places = {
        "HOME": "",
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    known = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    return (
        known
        | {name: str(home / place) for name, place in places.items()}
        | {"PYTHONPATH": str(ROOT)}
    )


def _write_config(home: Path) -> None:
    (home / "runtime").mkdir()
    labconfig = home / "config" / "labconfig"
    labconfig.mkdir(parents=True)
    # News of the project cover a corner of the page.
    news = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (labconfig / "page_config.json").write_text(json.dumps(news), encoding="utf-8")


def _address(server: subprocess.Popen[bytes], home: Path) -> str:
    described = home / "runtime" / f"jpserver-{server.pid}.json"
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError, ValueError):
            address = str(json.loads(described.read_text(encoding="utf-8"))["url"])
            asked = urllib.request.Request(
                f"{address}api/status", headers={"Authorization": f"token {TOKEN}"}
            )
            with urllib.request.urlopen(asked, timeout=5):
                return address
        time.sleep(0.1)
    raise AssertionError((home / "server.log").read_text(encoding="utf-8")[-3_000:])


def _end(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        server.wait(timeout=10)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
