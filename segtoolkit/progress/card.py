"""Progress in a notebook: what is waited for goes in, one output that is kept up to date comes out."""

from __future__ import annotations

from html import escape
from typing import Any

from segtoolkit.progress.showing import NoProgress, Shown


class CardProgress(NoProgress):
    """Keeps one notebook output up to date; what it shows last is saved with the notebook."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, shown: Shown) -> None:
        self._draw(bundle(shown))

    def tick(self, shown: Shown) -> None:
        self._draw(bundle(shown))

    def leave(self, shown: Shown, note: str) -> None:
        self._draw(bundle(shown, note))

    def _draw(self, content: dict[str, str]) -> None:
        from IPython.display import DisplayHandle  # noqa: PLC0415 - only kernels have it at hand

        if self._handle is None:
            # Kept before it is shown: an interrupt in between must not lead to a second card.
            self._handle = DisplayHandle()  # type: ignore[no-untyped-call]
            self._handle.display(content, raw=True)
        else:
            self._handle.update(content, raw=True)


def bundle(shown: Shown, note: str = "") -> dict[str, str]:
    """Return what a notebook keeps: a line of text, and HTML; *note* is plain text."""
    html = shown._repr_html_()
    return {
        "text/plain": f"{shown!r} {note}".rstrip(),
        "text/html": html + (f"<div>{escape(note)}</div>" if note else ""),
    }
