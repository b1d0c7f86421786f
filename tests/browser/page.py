"""Notebooks as a user has them: cells go in, what the page shows comes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Locator, Page

_OPEN = """async path => {
    const app = window.jupyterapp;
    await app.restored;
    const widget = await app.commands.execute('docmanager:open', {path});
    await widget.context.ready;
    await widget.context.sessionContext.ready;
    await widget.revealed;
    const kernel = widget.context.sessionContext.session?.kernel;
    if (kernel) await kernel.info;
}"""
_RUN = "async () => { await window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
_RUN_ONE = """async index => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = index;
    await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
_OUTPUTS = """() => window.jupyterapp.shell.currentWidget.content.model.toJSON()
    .cells.map(cell => cell.outputs || [])"""
_TRUSTED = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
    .every(cell => cell.trusted)"""
_SAVE = "async () => { await window.jupyterapp.commands.execute('docmanager:save'); }"
_CLEAN = """async () => { const w = window.jupyterapp.shell.currentWidget;
    await w.context.sessionContext.shutdown(); w.dispose(); }"""
_ASK = """async expression => {
    const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
    const future = kernel.requestExecute(
        {code: '', silent: true, user_expressions: {asked: expression}});
    const reply = await future.done;
    const answer = reply.content.user_expressions.asked;
    return answer.status === 'ok' ? answer.data['text/plain'] : answer.evalue;
}"""
# The contrast of every text in an element with what is behind it, as WCAG reckons it.
_CONTRASTS = """root => {
    const parts = text => text.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map(v => v / 255)
            .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const behind = element => {
        for (let at = element; at; at = at.parentElement) {
            const colour = parts(getComputedStyle(at).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const opacity = element => element ? getComputedStyle(element).opacity * opacity(element.parentElement) : 1;
    const found = [];
    for (const element of root.querySelectorAll('*')) {
        const hasText = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!hasText || element.closest('style, [aria-hidden], .segtoolkit-saved')) continue;
        const back = behind(element), fore = parts(getComputedStyle(element).color);
        const seen = opacity(element), shown = back.map((b, i) => fore[i] * seen + b * (1 - seen));
        const [low, high] = [light(back), light(shown)].sort((a, b) => a - b);
        found.push((high + 0.05) / (low + 0.05));
    }
    return found;
}"""
# The page waits for its promises as long as they last.
_IN_TIME = """argument => Promise.race([(%s)(argument), new Promise((_, refuse) => setTimeout(
    () => refuse(new Error('waited for a minute for the page')), 60_000))])"""
_THEME = "async theme => { await window.jupyterapp.commands.execute('apputils:change-theme', {theme}); }"


@dataclass
class Lab:
    """JupyterLab, loaded once.

    Attributes:
        page: the browser's.
        folder: where its notebooks are.
        requests: every address that the page asked for.
    """

    page: Page
    folder: Path
    requests: list[str] = field(default_factory=list)

    def _evaluate(self, script: str, argument: Any = None) -> Any:
        return self.page.evaluate(_IN_TIME % script, argument)

    def write(self, name: str, *cells: str) -> None:
        self._write(name, [nbformat.v4.new_code_cell(cell) for cell in cells])

    def write_outputs(self, name: str, *cells: str) -> None:
        """Write the open notebook's cells with their outputs as if somebody had sent them."""
        made = [
            nbformat.v4.new_code_cell(cell, outputs=nbformat.from_dict(outputs))
            for cell, outputs in zip(cells, self.outputs(), strict=True)
        ]
        self._write(name, made)

    def _write(self, name: str, cells: list[Any]) -> None:
        # Without a kernel's name the page asks for one, and waits.
        kernel = {"name": "python3", "display_name": "Python 3"}
        metadata = {"kernelspec": kernel}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
        nbformat.write(notebook, self.folder / name)

    def is_trusted(self) -> bool:
        return self._evaluate(_TRUSTED)

    def open(self, name: str) -> None:
        self._evaluate(_OPEN, name)

    def run(self) -> None:
        """Run all cells, and wait until they have run."""
        self._evaluate(_RUN)

    def run_cell(self, index: int) -> None:
        self._evaluate(_RUN_ONE, index)

    def outputs(self) -> list[list[dict[str, Any]]]:
        """Return the outputs of each cell, as they would be saved now."""
        return self._evaluate(_OUTPUTS)

    def save(self) -> None:
        self._evaluate(_SAVE)

    def close(self) -> None:
        """Shut the kernel down, and close the notebook: hidden ones stay in the page."""
        self._evaluate(_CLEAN)

    def ask(self, expression: str) -> str:
        """Return the repr that *expression* has in the kernel."""
        return self._evaluate(_ASK, expression)

    def theme(self, name: str) -> None:
        self._evaluate(_THEME, name)

    def view(self, name: str) -> Locator:
        """Return the controls of that class in the notebook that is open."""
        return self.page.locator(
            f".jp-NotebookPanel:not(.lm-mod-hidden) .segtoolkit-{name}"
        )

    def card(self, name: str) -> Locator:
        """Return what is shown below them."""
        return self.view(f"card-{name}")

    def contrasts(self, name: str) -> list[float]:
        """Return the contrast of every text in a card with what is behind it."""
        return self.card(name).evaluate(_CONTRASTS)
