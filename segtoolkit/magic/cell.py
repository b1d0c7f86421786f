"""A cell of PQL: its text goes in, its size and what else it asks for come out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from segtoolkit import warned
from segtoolkit.errors import PQLWarning, SegtoolkitError
from segtoolkit.magic.clients import chosen
from segtoolkit.magic.options import read_options

if TYPE_CHECKING:
    from pandas import DataFrame

    from segtoolkit.models import Estimate


class Cells:
    """Runs the cells of one shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def pql(self, line: str, cell: str) -> Estimate | DataFrame:
        """Size the audience that the cell describes in PQL.

        ::

            %%pql gold --by namespace --save
            loyalty.tier = "gold" and homeAddress.country = "US"

        The variable gold gets the Estimate. The cell may be ``pql/json`` as well. All options may be
        left out:

        --client VARIABLE  which client to ask; client, or the only one there is.
        --by namespace     show the reach as a table.
        --save [NAME]      keep the audience as a definition, of that name or the variable's.
        --as-of ISO8601    what now means, such as 2026-01-01T00:00:00Z; only on the local road.
        --budget PROFILES  how many to look at, drawn at random; likewise.

        Tab completes fields, functions, words, segments and namespaces. ■ ends the sizing, and
        nothing of the cell is kept.
        """
        options = read_options(line)
        if not (text := cell.rstrip()).strip():
            raise UsageError("the cell has no PQL below its first line")
        variables = self._shell.user_ns
        client = chosen(variables, options.client)
        if variables.get(options.name) is client:
            raise UsageError(
                f"{options.name!r} is the client; give the estimate another name"
            )
        with _told_in_few_words(), _warned_once():
            found = client.size(text, as_of=options.as_of, budget=options.budget)
            if options.save is not None:
                client.definitions.put(options.save, text)
        if options.name is not None:
            variables[options.name] = found
        return found if options.by is None else _reach(found)


def _reach(found: Estimate) -> DataFrame:
    # pandas takes half a second to load, which a cell without a table need not pay.
    from segtoolkit import frames  # noqa: PLC0415

    return frames.reach_frame(found)


@contextmanager
def _warned_once() -> Iterator[None]:
    """Have the cell warned, and no line of Python, of which it has none."""
    with warned.kept() as texts:
        try:
            yield
        finally:
            # To save what was sized warns again; what is refused may be so for that reason.
            for text in dict.fromkeys(texts):
                warnings.warn_explicit(text, PQLWarning, "%%pql", 1)


@contextmanager
def _told_in_few_words() -> Iterator[None]:
    """Have what ends a cell told in its own words only: the fault is in no line of Python."""
    try:
        yield
    except (SegtoolkitError, KeyboardInterrupt) as error:
        said = f"{type(error).__name__}: {error}".removesuffix(": ")
        lines = [said, *getattr(error, "__notes__", [])]
        # What IPython asks an exception for, before it makes a traceback of its own.
        vars(error)["_render_traceback_"] = lambda: lines
        raise
