"""Notebooks as git keeps them and as readers see them: a notebook goes in, complaints about it come out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_KEPT_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# What objects without words of their own say, in IPython and in Python; a view without its answer; and
# the bar that DuckDB shows of its own accord.
_MUTE = re.compile(
    r"<[^<>]* at 0x\w+>|<[^<>]* object>|Output\(\)|not sized yet|FloatProgress\("
)
_ADDRESS = re.compile(r"https?://[^\s\"'<]*")
_SAID = re.compile(r'<img [^>]*alt="[^"]')
# What a test run, or whoever set up this machine, tells kernels and pytest.
_NOT_INHERITED = ("MPLBACKEND", "PYTEST_ADDOPTS")


def kept_badly(text: str) -> Iterator[str]:
    """Say what a notebook has that running it adds, or that would differ from one writer to another."""
    notebook = json.loads(text)
    if text != json.dumps(notebook, indent=1, ensure_ascii=False) + "\n":
        yield "not written as ruff and Jupyter do: one space of indentation, a line's end"
    if notebook["metadata"] != _KEPT_METADATA:
        yield f"metadata is {notebook['metadata']}"
    for place, cell in enumerate(notebook["cells"]):
        if cell.get("id") != f"cell-{place:02}":
            yield f"cell {place} has the id {cell.get('id')}"
        if cell["metadata"]:
            yield f"cell {place} has metadata {cell['metadata']}"
        if cell.get("outputs"):
            yield f"cell {place} has outputs"
        if cell.get("execution_count"):
            yield f"cell {place} was executed"


def executed(path: Path) -> dict:
    """Run the notebook of *path* there, as its reader would in CI, and return it with its outputs."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "nbmake.pytest_plugin"]
    options = ["--overwrite", "--nbmake-timeout=60", "--nbmake-kernel=python3"]
    done = subprocess.run(
        [*command, "--nbmake", *options, path.name],
        cwd=path.parent,
        env=_environment(path.parent),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(path.read_text(encoding="utf-8"))


def _environment(home: Path) -> dict[str, str]:
    own = {
        name: value
        for name, value in os.environ.items()
        if name not in _NOT_INHERITED
        and not name.startswith(("SEGTOOLKIT_", "PYTEST_XDIST"))
    }
    return own | {
        "IPYTHONDIR": str(home / "ipython"),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), own.get("PYTHONPATH")])),
        "XDG_CONFIG_HOME": str(home),
    }


def shown_badly(notebook: dict) -> Iterator[str]:
    """Say what in the outputs of an executed *notebook* does not read well without its kernel."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            for complaint in _about(output):
                yield f"{cell['id']} {complaint}"


def _about(output: dict) -> Iterator[str]:
    match output["output_type"]:
        case "error":
            yield f"raised {output['ename']}"
        case "stream" if output["name"] == "stderr":
            yield f"wrote to stderr: {''.join(output['text'])}"
        case "display_data" | "execute_result":
            yield from _about_display(
                {kind: "".join(text) for kind, text in output["data"].items()}
            )


def _about_display(shown: dict[str, str]) -> Iterator[str]:
    html = shown.get("text/html", "")
    if "text/plain" not in shown:
        yield f"has no text besides {', '.join(shown)}"
    elif mute := _MUTE.search(shown["text/plain"]):
        yield f"says no more than {mute[0]}"
    if any(kind.startswith("image/") for kind in shown) and not _SAID.search(html):
        yield "shows a picture without words"
    if address := _ADDRESS.search(html):
        yield f"asks {address[0]}"
