"""The first line of a ``%%pql`` cell: its text goes in, what it asks for comes out."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import dataclass
from keyword import iskeyword
from typing import NoReturn

from IPython.core.error import UsageError

FLAGS = ("--as-of", "--budget", "--by", "--client", "--save")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a cell asks for.

    Attributes:
        name: of the variable that gets the estimate.
        client: the variable that has the client.
        by: ``namespace`` shows the reach as a table.
        save: the name under which the audience is kept.
        as_of: what ``now`` means.
        budget: how many profiles to look at.
    """

    name: str | None = None
    client: str | None = None
    by: str | None = None
    save: str | None = None
    as_of: str | None = None
    budget: int | None = None


def read_options(line: str) -> Options:
    """Read such as ``gold --client client --by namespace --save``.

    Raises:
        UsageError: it is not that.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"cannot read {line!r}: {error}") from None
    given = vars(_parser().parse_args(words))
    name = given["name"]
    if name is not None and (not name.isidentifier() or iskeyword(name)):
        raise UsageError(
            f"{name!r} is no name of a variable; a name to save under comes after --save"
        )
    if given["save"] == "":
        if name is None:
            raise UsageError("save under which name? Write %%pql NAME --save")
        given["save"] = name
    return Options(**given)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        usage = self.format_usage().strip()
        raise UsageError(f"{message}\n{usage}\n%%pql? explains the options")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="%%pql", add_help=False)
    add = parser.add_argument
    add("name", nargs="?")
    add("--client", metavar="VARIABLE")
    add("--by", choices=("namespace",))
    add("--save", nargs="?", const="", metavar="NAME")
    add("--as-of", metavar="ISO8601")
    add("--budget", type=int, metavar="PROFILES")
    return parser
