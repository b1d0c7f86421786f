"""What the views share: controls go in; something that a notebook shows, live and saved, comes out.

A view is two outputs. The controls, which need a kernel; and below them a card of plain HTML, which is
kept up to date in place, and is what a saved notebook shows to whoever opens it: JupyterLab shows no HTML
in place of controls that are gone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets
from markupsafe import Markup

from segtoolkit.errors import SegtoolkitError
from segtoolkit.progress import in_kernel

_VIEW_TYPE = "application/vnd.jupyter.widget-view+json"
_CARD = "segtoolkit-card"
# Where the controls are gone, JupyterLab complains in their place, above the card that says it all;
# where they are not, the card need not repeat what they show.
_HUSH = (
    f"<style>.jp-OutputArea-child:has(+ .jp-OutputArea-child .{_CARD})"
    ":not(:has(.segtoolkit-controls)):has(.jupyter-widgets),"
    f".jp-OutputArea-child:has(.segtoolkit-controls) + .jp-OutputArea-child .{_CARD}"
    " .segtoolkit-saved{display:none}</style>"
)


class Controls:
    """A box of controls, and what happens when they are used.

    Attributes:
        root: the box.
    """

    def __init__(self, name: str, parts: list[ipywidgets.Widget]) -> None:
        """Take *parts* for the box; *name* is its class on the page."""
        self.root = ipywidgets.VBox(parts)
        self.root.add_class(name)
        # A click may come on any thread, beside a cell and beside the thread that looks.
        self._lock = threading.RLock()
        # What one thread sets is not the user's doing; what a page sends meanwhile, to another, is.
        self._here = threading.local()

    def draw(self) -> None:
        """Bring the controls up to what is known."""
        with self._lock, self._quietly():
            self._draw()

    def _draw(self) -> None:
        raise NotImplementedError

    def _fail(self, text: str) -> None:
        """Show *text* as what went wrong."""
        raise NotImplementedError

    def _on_change(self, control: Any, act: Callable[[Any], object]) -> None:
        """Have *act* called with what the user makes of *control*, and not when we set it."""

        def changed(change: Any) -> None:
            if not getattr(self._here, "is_setting", False):
                with self._errors_shown():
                    act(change["new"])

        control.observe(changed, "value")

    def _button(self, label: str, act: Callable[[], object]) -> ipywidgets.Button:
        def clicked(_: ipywidgets.Button) -> None:
            with self._errors_shown():
                act()

        button = ipywidgets.Button(description=label, layout={"width": "max-content"})
        button.on_click(clicked)
        return button

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Set controls without taking that for the user's doing."""
        was = getattr(self._here, "is_setting", False)
        self._here.is_setting = True
        try:
            yield
        finally:
            self._here.is_setting = was

    @contextmanager
    def _errors_shown(self) -> Iterator[None]:
        """Show errors in the view: what a click or a thread raises, or prints, reaches no cell."""
        try:
            yield
        except SegtoolkitError as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001 - or it would be lost without a trace
            self._fail(f"{type(error).__name__}: {error}")
        self.draw()


class View(Controls):
    """Controls with a card below them."""

    def __init__(self, name: str, parts: list[ipywidgets.Widget]) -> None:
        super().__init__(f"segtoolkit-{name}", parts)
        self.root.add_class("segtoolkit-controls")
        self._class = name
        self._cards: list[Any] = []
        self._shown: dict[str, str] = {}
        self._is_closed = False

    def static_html(self) -> Markup:
        """Return what the card shows."""
        raise NotImplementedError

    def static_text(self) -> str:
        """Return the same in plain text."""
        raise NotImplementedError

    def draw(self) -> None:
        """Bring the controls and the card up to what is known."""
        with self._lock:
            if self._is_closed:
                return
            super().draw()
            bundle = self._card()
            if bundle != self._shown:
                self._shown = bundle
                for card in self._cards:
                    card.update(bundle, raw=True)

    def close(self) -> None:
        """End the view; its card stays."""
        with self._lock:
            self._is_closed = True
        for control in _all_of(self.root):
            control.close()

    def _card(self) -> dict[str, str]:
        card = f'<div class="{_CARD} {_CARD}-{self._class}">{self.static_html()}</div>'
        return {"text/plain": self.static_text(), "text/html": card + _HUSH}

    def _ipython_display_(self) -> None:
        from IPython.display import display  # noqa: PLC0415 - only who displays has it

        if not in_kernel():
            # A terminal has neither controls nor a card that could be kept up to date.
            display({"text/plain": self.static_text()}, raw=True)  # type: ignore[no-untyped-call]
            return
        with self._lock:
            if not self._is_closed:
                controls = {
                    "text/plain": f"{type(self).__name__}: its controls need a kernel",
                    "text/html": "",
                    _VIEW_TYPE: self.root._repr_mimebundle_()[_VIEW_TYPE],
                }
                display(controls, raw=True)  # type: ignore[no-untyped-call]
            self._shown = self._card()
            card = display(self._shown, raw=True, display_id=True)  # type: ignore[no-untyped-call]
            if card is not None:
                self._cards.append(card)

    def _repr_html_(self) -> str:
        return self._card()["text/html"]

    def __repr__(self) -> str:
        return f"<{self.static_text()}>"


def _all_of(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    for child in getattr(widget, "children", ()):
        yield from _all_of(child)
    yield widget


def visible(widget: ipywidgets.DOMWidget, is_visible: bool) -> None:  # noqa: FBT001 - of one use
    """Show or hide *widget*; a hidden one takes no room."""
    widget.layout.display = None if is_visible else "none"
