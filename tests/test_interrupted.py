"""What Ctrl-C leaves can be shown, wherever it struck."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from segtoolkit import interrupted


def struck():
    raise KeyboardInterrupt


# As at the jumps that compilers add: an instruction of no line.
struck.__code__ = struck.__code__.replace(co_linetable=b"")


def worked():
    try:
        struck()
    except KeyboardInterrupt as interrupt:
        interrupted.note(interrupt, "The work lives on.")
        raise


def test_traceback_ends_where_there_is_a_line():
    with pytest.raises(KeyboardInterrupt) as caught:
        worked()

    frames = [entry.name for entry in caught.traceback]
    assert frames[-1] == "worked"
    assert caught.value.__notes__ == ["The work lives on."]


def test_notebook_shows_the_note(capsys):
    shell = InteractiveShell()

    shell.run_cell("from tests.test_interrupted import worked; worked()")

    said = "".join(capsys.readouterr())
    assert "The work lives on." in said
    assert "AssertionError" not in said
