"""What a thread of a view raises goes in; a line in the log comes out, and nothing in any cell."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_log = logging.getLogger("segtoolkit")


@contextmanager
def unheard() -> Iterator[None]:
    """Log what is raised: a page may be gone in the middle of a message, and nobody waits for a thread."""
    try:
        yield
    except Exception:  # noqa: BLE001 - it is told to the log, and would be lost otherwise
        _log.debug("a view could not be shown", exc_info=True)
