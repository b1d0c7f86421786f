"""The house keeps its own rules."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import segtoolkit
from segtoolkit import errors

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "segtoolkit"
MODULES = sorted(PACKAGE.rglob("*.py"))
CHECKS = {
    "style": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "rooms": ["importlinter.cli"],
}


@pytest.mark.parametrize("name", CHECKS)
def test_check_passes(name):
    program, *options = CHECKS[name]
    start = "from importlinter.cli import lint_imports_command as m; m()"
    command = ["-c", start] if name == "rooms" else ["-m", program, *options]

    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_browser_that_is_required_and_missing_is_no_skip():
    command = [sys.executable, "-m", "pytest", "-q", "-o", "addopts=", "tests/browser"]
    environment = {"PATH": "", "SEGTOOLKIT_REQUIRE_BROWSER": "1"}

    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "a browser test needs" in done.stderr


def test_exported_names_are_sorted_and_exist():
    names = segtoolkit.__all__

    assert names == sorted(names, key=lambda n: (n[0].islower(), n))
    assert all(hasattr(segtoolkit, name) for name in names)


def test_every_exception_is_exported_and_drawn_in_the_tree():
    drawn = set(re.findall(r"[├└]── (\w+)", errors.__doc__))

    assert drawn | {"SegtoolkitError"} == set(errors.__all__)
    assert set(errors.__all__) <= set(segtoolkit.__all__)


def test_readme_lists_every_public_name():
    listed = set(re.findall(r"`(\w+)", (ROOT / "README.md").read_text(encoding="utf-8")))

    assert set(segtoolkit.__all__) - set(errors.__all__) <= listed


def test_importing_the_package_imports_nothing_heavy():
    heavy = (
        "duckdb",
        "pandas",
        "matplotlib",
        "numpy",
        "flask",
        "httpx",
        "IPython",
        "ipywidgets",
    )
    code = f"import segtoolkit, sys; print([m for m in {heavy} if m in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(PACKAGE)))
def test_module_is_small_enough_to_read(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 320
