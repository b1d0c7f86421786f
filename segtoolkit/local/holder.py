"""Who has a store open: a note beside its file, for those who find it locked."""

from __future__ import annotations

import json
import os
import re
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path


def sign(path: Path) -> None:
    """Note that this process has the store at *path* open; a folder that takes no notes gets none."""
    note = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with suppress(OSError):
        _note(path).write_text(json.dumps(note), "utf-8")


def sign_off(path: Path) -> None:
    """Take the note away."""
    with suppress(OSError):
        _note(path).unlink()


def holder_of(path: Path, said: str) -> str:
    """Return who has *path* open, from what DuckDB *said* and from the note.

    >>> holder_of(Path("none.duckdb"), "Conflicting lock is held in python (PID 7)")
    'process 7'
    """
    found = re.search(r"PID (\d+)", said)
    pid = int(found[1]) if found else None
    note = _read(path)
    # Whoever died left a note that says nothing of the one who came after.
    if pid is not None and note.get("pid") != pid:
        return f"process {pid}"
    if not note:
        return "another process"
    return f"process {note['pid']} on {note['host']} since {note['since']}"


def _read(path: Path) -> dict[str, object]:
    try:
        note = json.loads(_note(path).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return (
        note if isinstance(note, dict) and {"pid", "host", "since"} <= note.keys() else {}
    )


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.holder")
